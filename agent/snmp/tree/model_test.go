package tree

import (
	"sort"
	"strconv"

	"mibgate/mib"
)

// A small model made by hand: a service "Tst" with scalars and three tables,
// the admin-only service "Aaa" with a scalar, and a standard module whose
// scalar is an alias.
var (
	root    = mib.MustOID("1.3.6.1.4.1.32473.100")
	tst     = root.Append(200, 100, 5000, 1)
	intSyn  = &mib.Syntax{Base: mib.Integer32}
	uintSyn = &mib.Syntax{Base: mib.Unsigned32}
	textSyn = &mib.Syntax{Base: mib.OctetString, Ranges: []mib.Range{{Min: 0, Max: 255}}}
	wideSyn = &mib.Syntax{Base: mib.Counter64}
	oidSyn  = &mib.Syntax{Base: mib.ObjectIdentifier}
)

// config is the Config of Tst.
type config struct {
	name, secret string
	big          []*row // by one number
	named        []*row // by a string
	pairs        []*row // by a string and a number
}

type row struct {
	key  mib.Key
	text string
}

func seek(rows []*row, parts []mib.IndexPart, key mib.Key, inclusive bool) (any, bool) {
	i := sort.Search(len(rows), func(i int) bool {
		c := mib.CompareKeys(parts, rows[i].key, key)
		return c > 0 || inclusive && c == 0
	})
	if i == len(rows) {
		return nil, false
	}
	return rows[i], true
}

func scalar(m *mib.Module, name string, arc uint32, s *mib.Syntax, src mib.Source, read func(owner, row any) mib.Value) *mib.Object {
	o := &mib.Object{Name: name, Param: name, OID: tst.Append(arc), Syntax: s, Access: mib.ReadWrite, Source: src, Module: m, Read: read}
	m.Objects = append(m.Objects, o)
	return o
}

func table(m *mib.Module, name string, arc uint32, rows func(c *config) []*row, index ...*mib.Syntax) *mib.Table {
	t := &mib.Table{Name: name, Param: name, OID: tst.Append(arc, 1), Source: mib.SourceConfig, Module: m}
	for i, s := range index {
		col := &mib.Object{
			Name: name + "Key" + strconv.Itoa(i), Param: "Key" + strconv.Itoa(i), OID: t.OID.Append(uint32(i + 1)), Syntax: s, Access: mib.ReadOnly,
			Source: mib.SourceIndex, Module: m, Table: t, Read: func(_, r any) mib.Value { return r.(*row).key[i] },
		}
		t.Index = append(t.Index, mib.IndexPart{Object: col, Param: col.Param, Syntax: s})
		t.Columns = append(t.Columns, col)
	}
	text := &mib.Object{
		Name: name + "Text", Param: "Text", OID: t.OID.Append(100), Syntax: textSyn, Access: mib.ReadCreate, Source: mib.SourceConfig,
		Module: m, Table: t, Read: func(_, r any) mib.Value { return mib.String(r.(*row).text) },
	}
	wide := &mib.Object{
		Name: name + "Wide", Param: "Wide", OID: t.OID.Append(101), Syntax: wideSyn, Access: mib.ReadOnly, Source: mib.SourceConfig,
		Module: m, Table: t, Read: func(_, r any) mib.Value { return mib.Numeric(mib.Counter64, 1<<40) },
	}
	t.Columns = append(t.Columns, text, wide)
	t.Seek = func(owner any, key mib.Key, inclusive bool) (any, bool) {
		return seek(rows(owner.(*config)), t.Index, key, inclusive)
	}
	t.KeyOf = func(r any, dst mib.Key) mib.Key { return append(dst, r.(*row).key...) }
	m.Tables = append(m.Tables, t)
	m.Objects = append(m.Objects, t.Columns...)
	return t
}

type model struct {
	reg                  *mib.Registry
	name, sysName, hush  *mib.Object
	product              *mib.Object
	big, named, pairs    *mib.Table
	cfg                  *config
	tst, std, aaa, empty *mib.Module
}

// Config implements mib.Configs.
func (m *model) Config(mod *mib.Module) any {
	if mod == m.std || mod == m.empty {
		return nil
	}
	return m.cfg
}

func newModel() *model {
	m := &model{cfg: &config{name: "gw", secret: "hush"}}
	m.tst = &mib.Module{Name: "TST-MIB", Service: "Tst", ServiceID: 5000}
	m.aaa = &mib.Module{Name: "AAA-MIB", Service: "Aaa", ServiceID: 5001}
	m.std = &mib.Module{Name: "STD-MIB", Service: "STD-MIB", Standard: true}
	m.empty = &mib.Module{Name: "EMPTY-MIB", Service: "Empty", ServiceID: 5002}
	m.name = scalar(m.tst, "name", 1, textSyn, mib.SourceConfig, func(c, _ any) mib.Value { return mib.String(c.(*config).name) })
	scalar(m.tst, "secret", 2, textSyn, mib.SourceConfig, func(c, _ any) mib.Value { return mib.String(c.(*config).secret) }).Secret = true
	scalar(m.tst, "count", 3, wideSyn, mib.SourceConfig, func(_, _ any) mib.Value { return mib.Numeric(mib.Counter64, 1<<63) })
	scalar(m.tst, "forNotify", 4, intSyn, mib.SourceNone, nil).Access = mib.AccessibleForNotify
	m.big = table(m.tst, "big", 10, func(c *config) []*row { return c.big }, uintSyn)
	m.named = table(m.tst, "named", 11, func(c *config) []*row { return c.named }, textSyn)
	m.pairs = table(m.tst, "pairs", 12, func(c *config) []*row { return c.pairs }, textSyn, uintSyn)
	m.hush = scalar(m.aaa, "password", 20, textSyn, mib.SourceConfig, func(c, _ any) mib.Value { return mib.String("x") })
	scalar(m.empty, "state", 21, intSyn, mib.SourceStatus, func(_, _ any) mib.Value { panic("no status is given") })
	m.sysName = scalar(m.std, "sysName", 0, textSyn, mib.SourceStatus, nil)
	m.sysName.OID = mib.MustOID("1.3.6.1.2.1.1.5")
	m.product = scalar(m.std, "sysObjectID", 0, oidSyn, mib.SourceStatus, func(_, _ any) mib.Value { return mib.Ident(root.Append(100, 1)) })
	m.product.OID = mib.MustOID("1.3.6.1.2.1.1.2")
	m.reg = mib.NewRegistry(m.tst, m.aaa, m.empty, m.std)
	return m
}

func (m *model) fill(big int) {
	m.cfg.big, m.cfg.named, m.cfg.pairs = nil, nil, nil
	for i := range big {
		m.cfg.big = append(m.cfg.big, &row{key: mib.Key{mib.Uint(uint32(i + 1))}, text: "t" + strconv.Itoa(i)})
	}
	for _, n := range []string{"", "a", "b", "ab", "zz", "abc\xff"} {
		m.cfg.named = append(m.cfg.named, &row{key: mib.Key{mib.String(n)}, text: n})
		for _, i := range []uint32{0, 7, 1<<32 - 1} {
			m.cfg.pairs = append(m.cfg.pairs, &row{key: mib.Key{mib.String(n), mib.Uint(i)}, text: n})
		}
	}
}

func (m *model) statuses() []any {
	s := make([]any, len(m.reg.Modules()))
	s[m.std.Ordinal] = struct{}{}
	return s
}

func (m *model) tree(served string) *Tree {
	o := Options{Model: root, Aliases: map[*mib.Object]*mib.Object{m.sysName: m.name}}
	if served != "" {
		o.Served = mib.MustOID(served)
	}
	t, err := New(m.reg, o)
	if err != nil {
		panic(err)
	}
	return t
}

func (m *model) reader(t *Tree) *Reader {
	return t.NewReader(m.statuses(), func(string) string { return "print" })
}
