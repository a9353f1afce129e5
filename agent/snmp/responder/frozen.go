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

// leavesService tells whether a SET takes a row out of service, or away.
func leavesService(as []assignment, t *mib.Table, key mib.Key) bool {
	for i := range as {
		if as[i].object == t.RowStatus && as[i].value.Num != int64(mib.RowActive) && mib.CompareKeys(t.Index, as[i].key, key) == 0 {
			return true
		}
	}
	return false
}
