package responder

import "mibgate/mib"

// checkFrozen refuses to change what the DESCRIPTION of a RowStatus says may not
// be changed while the row is active (RFC 2579 §2, RFC 3413 §4.1): a manager puts
// the row out of service first, or in the same SET. Other views have no such rule.
func (r *Responder) checkFrozen(c mib.Configs, as []assignment) error {
	for i := range as {
		t := r.o.Frozen[as[i].object]
		if t == nil || leavesService(as, t, as[i].key) {
			continue
		}
		if row, ok := t.Lookup(c.Config(t.Module), as[i].key); ok && t.State(row) == mib.RowActive {
			return &mib.Error{
				Kind: mib.ErrInconsistent, Path: as[i].object.Instance(as[i].key), Position: i,
				Detail: "cannot be changed while the row is active: set " + t.RowStatus.Name + " to notInService(2) first",
			}
		}
	}
	return nil
}

// checkFinal refuses to change what may only become one value in a row that is
// there: the protocols of a user, whose keys are for those that it has, none
// (RFC 3414, usmUserAuthProtocol). To set what it is already changes nothing.
func (r *Responder) checkFinal(c mib.Configs, as []assignment) error {
	for i := range as {
		o := as[i].object
		last, ok := r.o.Final[o]
		if !ok || as[i].value.Equal(last) {
			continue
		}
		cfg := c.Config(o.Module)
		if row, there := o.Table.Lookup(cfg, as[i].key); there && !o.Read(cfg, row).Equal(as[i].value) {
			return &mib.Error{
				Kind: mib.ErrInconsistent, Path: o.Instance(as[i].key), Position: i,
				Detail: "may only be set to " + mib.ValueText(o.Syntax, last) + " in a row that is there",
			}
		}
	}
	return nil
}

// leavesService tells whether a SET takes a row out of service, or away.
func leavesService(as []assignment, t *mib.Table, key mib.Key) bool {
	for i := range as {
		if as[i].object == t.RowStatus && as[i].value.Num != int64(mib.RowActive) && mib.CompareKeys(t.Index, as[i].key, key) == 0 {
			return true
		}
	}
	return false
}
