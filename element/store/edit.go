package store

import (
	"cmp"
	"slices"

	"mibgate/mib"
)

// serviceEdit is an assignment to an object of mib.EditService.
type serviceEdit struct {
	object   *mib.Object
	key      mib.Key
	value    mib.Value
	position int
}

// addEdit remembers an edit; Commit carries it out. Of several of one object, as
// of all assignments, the last counts: a key is changed once.
func (tx *Tx) addEdit(o *mib.Object, key mib.Key, v mib.Value) error {
	if o.Table != nil {
		if _, err := tx.needRow(o.Table, key); err != nil {
			return err
		}
	}
	name := o.Instance(key)
	tx.edits = slices.DeleteFunc(tx.edits, func(e serviceEdit) bool { return e.object == o && o.Instance(e.key) == name })
	tx.edits = append(tx.edits, serviceEdit{object: o, key: key, value: v, position: tx.position})
	return nil
}

// runEdits lets the services edit the candidate. The order of the objects, not
// that of the bindings, decides: of a new user the keys are those that it is
// given first by usmUserCloneFrom and then by the key changes, in one SET too.
func (tx *Tx) runEdits() error {
	slices.SortStableFunc(tx.edits, func(a, b serviceEdit) int {
		return cmp.Or(a.object.OID.Compare(b.object.OID), cmp.Compare(a.position, b.position))
	})
	for i := range tx.edits {
		e := &tx.edits[i]
		if t := e.object.Table; t != nil {
			if _, ok := t.Lookup(tx.cand.Config(t.Module), e.key); !ok {
				continue // destroyed in the same transaction
			}
		}
		if err := tx.runEdit(e); err != nil {
			return tx.locateAt(e.position, err, e.object, e.key, e.value)
		}
	}
	return nil
}

func (tx *Tx) runEdit(e *serviceEdit) error {
	for _, p := range tx.store.participants {
		editor, ok := p.(Editor)
		if !ok {
			continue
		}
		if mine, err := editor.Edit(tx.cand, tx.who, e.object, e.key, e.value); mine || err != nil {
			return err
		}
	}
	return &mib.Error{Kind: mib.ErrUnavailable, Detail: "the service is not there to carry it out"}
}
