package store

import "mibgate/mib"

// StorageType of RFC 2579 §2: what becomes of a row at a restart. Of the type other
// are rows that something else says and keeps.
const (
	storageOther       = 1
	storageVolatile    = 2
	storageNonVolatile = 3
	storagePermanent   = 4
	storageReadOnly    = 5
)

// storageOf is the StorageType of a row; rows of a table without it are kept.
func storageOf(t *mib.Table, row any) int64 {
	if t.Storage == nil {
		return storageNonVolatile
	}
	return t.Storage.Read(nil, row).Num
}

// keptRow tells the rows that are written: those that are volatile end with the
// process, and those that nobody may change, or that are kept as something else,
// the services make anew.
func keptRow(t *mib.Table, row any) bool {
	s := storageOf(t, row)
	return s == storageNonVolatile || s == storagePermanent
}

// checkStorage refuses assignments that the row's StorageType does not allow,
// and those to the StorageType that only the unit may make.
func (tx *Tx) checkStorage(o *mib.Object, key mib.Key, v mib.Value) error {
	t := o.Table
	if t.Storage == nil {
		return nil
	}
	row, exists := t.Lookup(tx.cand.Config(t.Module), key)
	storage := int64(storageNonVolatile)
	if exists {
		storage = storageOf(t, row)
	}
	switch {
	case storage == storageReadOnly:
		return &mib.Error{Kind: mib.ErrNotWritable, Detail: "belongs to a row that the unit makes (StorageType readOnly)"}
	case o == t.Storage && v.Num != storage && storage == storagePermanent:
		return &mib.Error{Kind: mib.ErrInconsistent, Detail: "of a permanent row cannot be changed"}
	case o == t.Storage && v.Num != storage && v.Num != storageVolatile && v.Num != storageNonVolatile:
		return &mib.Error{Kind: mib.ErrInconsistent, Detail: "may be set to volatile(2) or nonVolatile(3) only"}
	case storage == storagePermanent && removes(o, v):
		return &mib.Error{Kind: mib.ErrInconsistent, Detail: "cannot remove a permanent row"}
	}
	return nil
}

// removes tells an assignment that takes its row out.
func removes(o *mib.Object, v mib.Value) bool {
	return o.Source == mib.SourceRowStatus && v.Num == int64(mib.RowDestroy) ||
		o.Source == mib.SourceEdit && o.Edit == mib.EditDelete && v.Num == mib.RowVerb
}
