package mib

// LinkModule completes the descriptors of a generated module: what points back
// (Object.Module, Object.Table, Table.Module, NotificationType.Module) and the
// secret of every fingerprint. It returns m.
func LinkModule(m *Module) *Module {
	byName := make(map[string]*Object, len(m.Objects))
	for _, o := range m.Objects {
		o.Module = m
		byName[o.Name] = o
	}
	for _, t := range m.Tables {
		t.Module = m
		for _, c := range t.Columns {
			c.Table = t
		}
	}
	for _, n := range m.Notifications {
		n.Module = m
	}
	for _, o := range m.Objects {
		if o.Source == SourceFingerprint {
			o.Of = byName[o.Name[:len(o.Name)-len("Fingerprint")]]
		}
	}
	return m
}

// KeyedRow is what ConfigTable needs of a generated row type *R.
type KeyedRow[R any] interface {
	ConfigRow[R]
	// AppendKey appends the values of the index objects to dst.
	AppendKey(dst Key) Key
	// SetKey changes the index fields.
	SetKey(key Key)
}

// ConfigTable completes the descriptor of a configuration table of the Config
// type C. rows finds its rows, fresh makes a row of defaults with a key.
func ConfigTable[C, R any, P KeyedRow[R]](rows func(cfg C) *Rows[R, P], fresh func(key Key) P, t *Table) *Table {
	t.Source = SourceConfig
	t.Seek = func(owner any, key Key, inclusive bool) (any, bool) {
		row := rows(owner.(C)).Seek(key, inclusive)
		if row == nil {
			return nil, false
		}
		return row, true
	}
	t.Place = func(cfg any, key Key, inclusive bool) int { return rows(cfg.(C)).search(key, inclusive) }
	t.At = func(cfg any, place int) (any, bool) {
		all := rows(cfg.(C)).rows
		if place >= len(all) {
			return nil, false
		}
		return all[place], true
	}
	t.KeyOf = func(row any, dst Key) Key { return row.(P).AppendKey(dst) }
	t.Len = func(cfg any) int { return rows(cfg.(C)).Len() }
	t.New = func(cfg any, tok EditToken, key Key) any {
		row := fresh(key)
		rows(cfg.(C)).Insert(tok, key, row)
		return row
	}
	t.Edit = func(cfg any, tok EditToken, row any) any {
		p := row.(P)
		return rows(cfg.(C)).Edit(tok, p.AppendKey(nil), p)
	}
	t.Remove = func(cfg any, tok EditToken, key Key) { rows(cfg.(C)).Remove(tok, key) }
	t.Move = func(cfg any, tok EditToken, from, to Key) { move(rows(cfg.(C)), tok, from, to) }
	return t
}

func move[R any, P KeyedRow[R]](set *Rows[R, P], tok EditToken, from, to Key) {
	row := set.Find(from)
	if row == nil {
		return
	}
	moved := clone[R](row)
	moved.SetKey(to)
	set.Remove(tok, from)
	set.Insert(tok, to, moved)
}

// StatusTable completes the descriptor of a status table behind the Status type
// S, whose row interface is R. seek is its Seek method, which answers a nil
// interface at the end of the table.
func StatusTable[S, R any](seek func(status S, key Key, inclusive bool) R, keyOf func(row R, dst Key) Key, t *Table) *Table {
	t.Source = SourceStatus
	t.Seek = func(owner any, key Key, inclusive bool) (any, bool) {
		row := any(seek(owner.(S), key, inclusive))
		return row, row != nil
	}
	t.KeyOf = func(row any, dst Key) Key { return keyOf(row.(R), dst) }
	return t
}
