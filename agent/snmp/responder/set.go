package responder

import (
	"context"
	"strconv"

	"mibgate/agent/snmp/message"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
)

// phase orders the assignments of a PDU, which happen as if at once: rows are
// there before their columns are set, and until after.
type phase uint8

const (
	phaseCreate phase = iota
	phaseAssign
	phaseDestroy
	phases
)

// assignment is one variable binding of a SET, resolved.
type assignment struct {
	object *mib.Object
	key    mib.Key
	value  mib.Value
	phase  phase
}

// set is RFC 3416 §4.2.5. The answer carries the bindings of the request,
// whatever comes of it.
func (r *Responder) set(q *Request, b *message.Builder) (message.ErrorStatus, int) {
	if b.Echo(&q.Message.PDU) != nil {
		return message.TooBig, 0
	}
	once := func() (message.ErrorStatus, int) {
		return r.done.once(keyOf(q), func() (message.ErrorStatus, int) {
			err := r.assign(q)
			if q.Denied {
				return message.AuthorizationError, 0
			}
			return Status(err)
		})
	}
	if k, ok := replayOf(q.Message); ok && len(q.Message.PDU.Varbinds) > 0 { // else there is nothing to replay
		return r.seen.once(k, q.Who, once)
	}
	return once()
}

// assign carries a SET out, or nothing of it. The error is a *mib.Error whose
// Position is the index of the binding that failed.
func (r *Responder) assign(q *Request) error {
	tx, as, err := r.begin(q)
	if err != nil {
		return err
	}
	defer tx.Abort()
	if err := r.checkFrozen(tx, as); err != nil {
		return err
	}
	if err := r.checkFinal(tx, as); err != nil {
		return err
	}
	release, err := r.take(as)
	if err != nil {
		return err
	}
	done := false
	defer func() { release(done) }() // whatever happens
	err = r.carryOut(tx, as)
	done = err == nil
	return err
}

// begin resolves the bindings with the rights that the sender has in his turn.
func (r *Responder) begin(q *Request) (*store.Tx, []assignment, error) {
	ctx, cancel := context.WithTimeout(context.Background(), BeginTimeout)
	defer cancel()
	for {
		as, err := r.resolve(q)
		if err != nil {
			return nil, nil, err
		}
		tx, err := r.o.Store.Begin(ctx, q.Who)
		if err != nil {
			return nil, nil, err
		}
		if q.Renew == nil || !q.Renew(q) {
			return tx, as, nil
		}
		tx.Abort()
		if q.Denied {
			return nil, nil, mib.ErrNoAccess
		}
	}
}

// carryOut makes the assignments in the order of their phases.
func (r *Responder) carryOut(tx *store.Tx, as []assignment) error {
	for p := range phases {
		for i := range as {
			if as[i].phase != p || r.o.Locks[as[i].object] != nil {
				continue
			}
			tx.At(i)
			if err := tx.Set(as[i].object, as[i].key, as[i].value); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

// resolve finds what every binding assigns. Two that assign different values
// to one variable are at odds; RFC 3416 §4.2.5 leaves open what comes of it.
func (r *Responder) resolve(q *Request) ([]assignment, error) {
	vbs := q.Message.PDU.Varbinds
	as := make([]assignment, len(vbs))
	seen := make(map[string]int, len(vbs))
	for i := range vbs {
		var err *mib.Error
		if as[i], err = r.resolveOne(q, &vbs[i]); err != nil {
			err.Position = i
			return nil, err
		}
		name := as[i].object.Instance(as[i].key)
		if j, ok := seen[name]; ok && !as[j].value.Equal(as[i].value) {
			return nil, &mib.Error{Kind: mib.ErrInconsistent, Path: name, Detail: "is set twice, to different values (bindings " + strconv.Itoa(j+1) + " and " + strconv.Itoa(i+1) + ")", Position: i}
		}
		seen[name] = i
	}
	return as, nil
}

// resolveOne makes the checks of RFC 3416 §4.2.5 that need the name, in their
// order; the store makes the others.
func (r *Responder) resolveOne(q *Request, vb *message.Varbind) (assignment, *mib.Error) {
	if !q.Write.Contains(vb.Name) {
		return assignment{}, &mib.Error{Kind: mib.ErrNoAccess}
	}
	leaf, inst := r.o.Tree.Locate(vb.Name)
	if leaf == nil {
		return assignment{}, &mib.Error{Kind: mib.ErrUnknown}
	}
	o := leaf.Target
	switch {
	case !access.CanWrite(q.Who.Role, o):
		return assignment{}, &mib.Error{Kind: mib.ErrNoAccess}
	case q.Configs != nil || !leaf.Object.Access.Writable() || !o.Access.Writable():
		return assignment{}, &mib.Error{Kind: mib.ErrNotWritable}
	}
	v, err := vb.Value.Value()
	if err != nil {
		return assignment{}, &mib.Error{Kind: mib.ErrWrongEnc}
	}
	a := assignment{object: o, value: r.o.Tree.ModelValue(v)}
	if err := checkSyntax(o, a.value); err != nil {
		return assignment{}, err
	}
	if a.key, err = keyFrom(o, inst); err != nil {
		return assignment{}, &mib.Error{Kind: mib.ErrNoCreation}
	}
	a.phase = phaseOf(o, a.value)
	return a, nil
}

func checkSyntax(o *mib.Object, v mib.Value) *mib.Error {
	err := o.Syntax.Check(v)
	if err == nil {
		return nil
	}
	if e, ok := err.(*mib.Error); ok { //nolint:errorlint // Check wraps nothing
		return e
	}
	return &mib.Error{Kind: mib.ErrWrongValue}
}

// keyFrom reads the instance of a binding's name; the key is nil for a scalar.
func keyFrom(o *mib.Object, inst mib.OID) (mib.Key, error) {
	if o.Table == nil {
		if len(inst) != 1 || inst[0] != 0 {
			return nil, mib.ErrNoCreation
		}
		return nil, nil
	}
	bound := mib.ParseInstance(o.Table.Index, nil, inst)
	if !bound.Exact {
		return nil, mib.ErrNoCreation
	}
	return bound.Key, nil
}

func phaseOf(o *mib.Object, v mib.Value) phase {
	switch {
	case o.Source == mib.SourceRowStatus && (v.Num == int64(mib.RowCreateAndGo) || v.Num == int64(mib.RowCreateAndWait)):
		return phaseCreate
	case o.Source == mib.SourceRowStatus && v.Num == int64(mib.RowDestroy):
		return phaseDestroy
	case o.Source == mib.SourceEdit && o.Edit == mib.EditDelete:
		return phaseDestroy
	}
	return phaseAssign
}
