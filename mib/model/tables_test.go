package model_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/model"
)

func tables(t *testing.T, source mib.Source, f func(t *testing.T, tbl *mib.Table)) {
	t.Helper()
	for _, m := range model.Registry.Modules() {
		for _, tbl := range m.Tables {
			if tbl.Source == source {
				t.Run(m.Service+"."+tbl.Param, func(t *testing.T) { f(t, tbl) })
			}
		}
	}
}

// keys makes up to n different valid keys.
func keys(tbl *mib.Table, n int) []mib.Key {
	var out []mib.Key
	for i := range 10 * n {
		key := make(mib.Key, len(tbl.Index))
		for j, p := range tbl.Index {
			switch {
			case len(p.Syntax.Enum) > 0:
				key[j] = mib.Int(p.Syntax.Enum[i%len(p.Syntax.Enum)].Number)
			case p.Syntax.Base == mib.OctetString:
				text := fmt.Sprintf("%c%x", 'a'+i%3, i*i)
				if len(p.Syntax.Ranges) > 0 {
					text += strings.Repeat("z", max(0, int(p.Syntax.Ranges[0].Min)-len(text)))
				}
				key[j] = mib.String(text)
			case p.Syntax.Base == mib.ObjectIdentifier:
				key[j] = mib.Ident(mib.OID{1, 3, uint32(i % 3), uint32(i * i)}[:2+i%3])
			default:
				key[j] = mib.Numeric(p.Syntax.Base, uint64(1+i*i))
			}
		}
		if tbl.CheckKey(key) == nil && len(out) < n {
			out = append(out, key)
		}
	}
	return out
}

func TestTablesAreComplete(t *testing.T) {
	for _, m := range model.Registry.Modules() {
		for _, tbl := range m.Tables {
			if model.Registry.Table(m.Service+"."+tbl.Param) != tbl || tbl.Module != m {
				t.Errorf("%s is not found", tbl.Name)
			}
			if len(tbl.Index) == 0 || tbl.Seek == nil || tbl.KeyOf == nil {
				t.Errorf("%s is not complete", tbl.Name)
			}
			config := tbl.Source == mib.SourceConfig
			if config != (tbl.New != nil) || config != (tbl.Edit != nil) || config != (tbl.Remove != nil) || config != (tbl.Move != nil) || config != (tbl.Len != nil) {
				t.Errorf("%s: functions do not fit its source %d", tbl.Name, tbl.Source)
			}
			for _, c := range tbl.Columns {
				if c.Table != tbl || !c.OID.HasPrefix(tbl.OID) || len(c.OID) != len(tbl.OID)+1 {
					t.Errorf("%s does not stand in %s", c.Name, tbl.Name)
				}
			}
			if tbl.RowStatus != nil && tbl.RowStatus.Source != mib.SourceRowStatus {
				t.Errorf("%s: RowStatus is %s", tbl.Name, tbl.RowStatus.Name)
			}
		}
	}
}

// walk reads the keys of a table with Seek alone.
func walk(tbl *mib.Table, owner any) []mib.Key {
	var out []mib.Key
	row, ok := tbl.Seek(owner, nil, true)
	for ok {
		key := tbl.KeyOf(row, nil)
		out = append(out, key)
		row, ok = tbl.Seek(owner, key, false)
	}
	return out
}

func TestConfigTables(t *testing.T) {
	tables(t, mib.SourceConfig, func(t *testing.T, tbl *mib.Table) {
		cfg := tbl.Module.NewConfig()
		all := keys(tbl, 4)
		for _, key := range all {
			row := tbl.New(cfg, 1, key)
			if got := tbl.KeyOf(row, nil); mib.CompareKeys(tbl.Index, got, key) != 0 {
				t.Fatalf("new row %v has the key %v", key, got)
			}
			for i, p := range tbl.Index {
				if p.Object.Table == tbl && !p.Object.Read(nil, row).Equal(key[i]) {
					t.Errorf("%s of the row is %+v", p.Param, p.Object.Read(nil, row))
				}
			}
		}
		slices.SortFunc(all, func(a, b mib.Key) int { return mib.CompareKeys(tbl.Index, a, b) })
		checkWalk(t, tbl, cfg, all)
		last := all[len(all)-1]
		tbl.Remove(cfg, 1, last)
		checkWalk(t, tbl, cfg, all[:len(all)-1])
		tbl.Move(cfg, 1, all[0], last)
		checkWalk(t, tbl, cfg, append(all[1:len(all)-1:len(all)-1], last))
		if tbl.Len(cfg) != len(all)-1 {
			t.Errorf("%d rows", tbl.Len(cfg))
		}
	})
}

func checkWalk(t *testing.T, tbl *mib.Table, cfg any, want []mib.Key) {
	t.Helper()
	got := walk(tbl, cfg)
	if !slices.EqualFunc(got, want, func(a, b mib.Key) bool { return mib.CompareKeys(tbl.Index, a, b) == 0 }) {
		t.Errorf("walk: %v, want %v", got, want)
	}
	for _, key := range want {
		if _, ok := tbl.Lookup(cfg, key); !ok {
			t.Errorf("%v is not found", key)
		}
	}
}

// TestPublishedConfigNeverChanges edits a clone in every way under another
// token.
func TestPublishedConfigNeverChanges(t *testing.T) {
	for _, m := range model.Registry.Modules() {
		if m.NewConfig == nil {
			continue
		}
		t.Run(m.Service, func(t *testing.T) {
			cfg := m.NewConfig()
			for _, tbl := range m.Tables {
				if tbl.Source == mib.SourceConfig {
					for _, key := range keys(tbl, 3) {
						tbl.New(cfg, 1, key)
					}
				}
			}
			before := dump(m, cfg)
			clone := m.CloneConfig(cfg)
			scribble(m, clone)
			if after := dump(m, cfg); !slices.Equal(before, after) {
				t.Errorf("the published configuration became\n%v, was\n%v", after, before)
			}
			if slices.Equal(before, dump(m, clone)) {
				t.Error("the clone did not change")
			}
		})
	}
}

// dump lists every configured cell.
func dump(m *mib.Module, cfg any) []string {
	var out []string
	for _, o := range m.Objects {
		if o.Source == mib.SourceConfig && o.Table == nil {
			out = append(out, mib.ValueText(o.Syntax, o.Read(cfg, nil)))
		}
	}
	for _, tbl := range m.Tables {
		if tbl.Source != mib.SourceConfig {
			continue
		}
		for _, key := range walk(tbl, cfg) {
			row, _ := tbl.Lookup(cfg, key)
			out = append(out, tbl.Instance(key))
			for _, c := range tbl.Columns {
				if c.Source == mib.SourceConfig {
					out = append(out, mib.ValueText(c.Syntax, c.Read(cfg, row)))
				}
			}
		}
	}
	return out
}

// scribble changes every cell and adds, moves and removes rows.
func scribble(m *mib.Module, cfg any) {
	const tok = 2
	for _, o := range m.Objects {
		if o.Source == mib.SourceConfig && o.Table == nil {
			o.Write(cfg, nil, values(o.Syntax)[0])
		}
	}
	for _, tbl := range m.Tables {
		if tbl.Source != mib.SourceConfig {
			continue
		}
		for _, key := range walk(tbl, cfg) {
			row, _ := tbl.Lookup(cfg, key)
			row = tbl.Edit(cfg, tok, row)
			for _, c := range tbl.Columns {
				if c.Source == mib.SourceConfig {
					all := values(c.Syntax)
					c.Write(cfg, row, all[len(all)-1])
				}
			}
		}
		all := keys(tbl, 4)
		tbl.Move(cfg, tok, all[0], all[3%len(all)])
		tbl.Remove(cfg, tok, all[1])
	}
}

// TestSeekAnswersEveryInstance walks from random sub-identifiers, also such
// that name no row, and compares with the order of the rows' instances.
func TestSeekAnswersEveryInstance(t *testing.T) {
	tables(t, mib.SourceConfig, func(t *testing.T, tbl *mib.Table) {
		r := rand.New(rand.NewPCG(1, 2))
		cfg := tbl.Module.NewConfig()
		var rows []mib.OID
		for _, key := range keys(tbl, 20) {
			tbl.New(cfg, 1, key)
			rows = append(rows, mib.AppendInstance(tbl.Index, nil, key))
		}
		slices.SortFunc(rows, mib.OID.Compare)
		for range 3000 {
			inst := randomInstance(r, rows)
			i, _ := slices.BinarySearchFunc(rows, inst, func(row, inst mib.OID) int {
				if row.Compare(inst) > 0 {
					return 1
				}
				return -1
			})
			b := mib.ParseInstance(tbl.Index, nil, inst)
			row, ok := tbl.Seek(cfg, b.Key, b.Inclusive)
			if ok != (i < len(rows)) {
				t.Fatalf("%v: found %t, want %t", inst, ok, i < len(rows))
			}
			if !ok {
				continue
			}
			if got := mib.AppendInstance(tbl.Index, nil, tbl.KeyOf(row, nil)); got.Compare(rows[i]) != 0 {
				t.Fatalf("%v: next is %v, want %v", inst, got, rows[i])
			}
		}
	})
}

// randomInstance is the instance of a row, changed in one place or cut off.
func randomInstance(r *rand.Rand, rows []mib.OID) mib.OID {
	inst := slices.Clone(rows[r.IntN(len(rows))])
	at := r.IntN(len(inst))
	switch r.IntN(5) {
	case 0:
		return inst[:at]
	case 1:
		inst[at]++
	case 2:
		inst[at]--
	case 3:
		inst[at] = cmp.Or(r.Uint32()%2*256, 1<<32-1)
	}
	return append(inst, make(mib.OID, r.IntN(2))...)
}

func TestSeekingDoesNotAllocate(t *testing.T) {
	tables(t, mib.SourceConfig, func(t *testing.T, tbl *mib.Table) {
		cfg := tbl.Module.NewConfig()
		for _, key := range keys(tbl, 20) {
			tbl.New(cfg, 1, key)
		}
		key, room := keys(tbl, 2)[1], make(mib.Key, 0, len(tbl.Index))
		n := testing.AllocsPerRun(20, func() {
			if row, ok := tbl.Seek(cfg, key, true); ok {
				tbl.KeyOf(row, room)
			}
		})
		if n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
