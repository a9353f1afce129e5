package mib_test

import (
	"testing"

	"mibgate/mib"
)

// The module that the tests of this package use: what cmd/mibgen would write,
// reduced to one table of each source and a few scalars.

type trunk struct {
	mib.RowMeta
	Name   string
	Port   uint32
	Secret string
}

func newTrunk(key mib.Key) *trunk { return &trunk{Name: key[0].Str, Port: 5060} }

func (r *trunk) CompareKey(key mib.Key) int {
	if len(key) == 0 {
		return 0
	}
	return mib.CompareString(r.Name, key[0].Str)
}

func (r *trunk) AppendKey(dst mib.Key) mib.Key { return append(dst, mib.String(r.Name)) }
func (r *trunk) SetKey(key mib.Key)            { r.Name = key[0].Str }

type config struct {
	Host   string
	Trunks mib.Rows[trunk, *trunk]
}

type link interface{ Index() uint32 }

type linkRow uint32

func (r linkRow) Index() uint32 { return uint32(r) }

func compareLink(r link, key mib.Key) int {
	if len(key) == 0 {
		return 0
	}
	return int(r.Index()) - int(key[0].Num)
}

func linkKey(r link, dst mib.Key) mib.Key { return append(dst, mib.Uint(r.Index())) }

type status interface {
	Uptime() uint32
	SeekLink(key mib.Key, inclusive bool) link
}

type fakeStatus struct{ links mib.Sorted[link] }

func (fakeStatus) Uptime() uint32 { return 42 }

func (s fakeStatus) SeekLink(key mib.Key, inclusive bool) link {
	row, _ := s.links.Seek(key, inclusive)
	return row
}

// fixture is a module of its own for each test: linking writes to descriptors.
type fixture struct {
	module                                         *mib.Module
	host, uptime, restart                          *mib.Object
	name, port, secret, fingerprint, rowStatus, up *mib.Object
	index                                          *mib.Object
	trunks, links                                  *mib.Table
}

var (
	textSyntax = &mib.Syntax{Base: mib.OctetString, Ranges: []mib.Range{{Min: 0, Max: 50}}}
	portSyntax = &mib.Syntax{Base: mib.Unsigned32, Ranges: []mib.Range{{Min: 0, Max: 65535}}}
	actSyntax  = &mib.Syntax{Base: mib.Integer32, Enum: []mib.Label{{Name: "noOp"}, {Name: "restart", Number: 10}}}
	rowSyntax  = &mib.Syntax{Base: mib.Integer32, TC: "RowStatus", Enum: mib.RowStatusLabels}
)

func newFixture() *fixture {
	f := &fixture{
		host: &mib.Object{Name: "host", Param: "Host", OID: mib.OID{1, 1}, Syntax: textSyntax, Access: mib.ReadWrite, Source: mib.SourceConfig,
			Read:  func(cfg, _ any) mib.Value { return mib.String(cfg.(*config).Host) },
			Write: func(cfg, _ any, v mib.Value) { cfg.(*config).Host = v.Str }},
		uptime: &mib.Object{Name: "uptime", Param: "Uptime", OID: mib.OID{1, 2}, Syntax: &mib.Syntax{Base: mib.Unsigned32}, Access: mib.ReadOnly, Source: mib.SourceStatus,
			Read: func(st, _ any) mib.Value { return mib.Uint(st.(status).Uptime()) }},
		restart: &mib.Object{Name: "restart", Param: "Restart", OID: mib.OID{1, 3}, Syntax: actSyntax, Access: mib.ReadWrite, Source: mib.SourceCommand},
		name: &mib.Object{Name: "trunkName", Param: "Name", OID: mib.OID{1, 4, 1, 1}, Syntax: textSyntax, Access: mib.ReadOnly, Source: mib.SourceIndex,
			Read: func(_, row any) mib.Value { return mib.String(row.(*trunk).Name) }},
		port: &mib.Object{Name: "trunkPort", Param: "Port", OID: mib.OID{1, 4, 1, 2}, Syntax: portSyntax, Access: mib.ReadCreate, Source: mib.SourceConfig,
			Read:  func(_, row any) mib.Value { return mib.Uint(row.(*trunk).Port) },
			Write: func(_, row any, v mib.Value) { row.(*trunk).Port = uint32(v.Num) }},
		secret: &mib.Object{Name: "trunkSecret", Param: "Secret", OID: mib.OID{1, 4, 1, 3}, Syntax: textSyntax, Access: mib.ReadCreate, Source: mib.SourceConfig, Secret: true,
			Read:  func(_, row any) mib.Value { return mib.String(row.(*trunk).Secret) },
			Write: func(_, row any, v mib.Value) { row.(*trunk).Secret = v.Str }},
		fingerprint: &mib.Object{Name: "trunkSecretFingerprint", Param: "SecretFingerprint", OID: mib.OID{1, 4, 1, 4}, Syntax: textSyntax, Access: mib.ReadOnly, Source: mib.SourceFingerprint},
		rowStatus:   &mib.Object{Name: "trunkRowStatus", Param: "RowStatus", OID: mib.OID{1, 4, 1, 5}, Syntax: rowSyntax, Access: mib.ReadCreate, Source: mib.SourceRowStatus},
		up:          &mib.Object{Name: "trunkUp", Param: "Up", OID: mib.OID{1, 4, 1, 6}, Syntax: actSyntax, Access: mib.ReadCreate, Source: mib.SourceEdit, Edit: mib.EditUp},
		index: &mib.Object{Name: "linkIndex", Param: "Index", OID: mib.OID{1, 5, 1, 1}, Syntax: portSyntax, Access: mib.ReadOnly, Source: mib.SourceIndex,
			Read: func(_, row any) mib.Value { return mib.Uint(row.(link).Index()) }},
	}
	f.trunks = mib.ConfigTable(func(c *config) *mib.Rows[trunk, *trunk] { return &c.Trunks }, newTrunk, &mib.Table{
		Name: "trunkTable", Param: "Trunk", OID: mib.OID{1, 4, 1},
		Index:     []mib.IndexPart{{Object: f.name, Param: "Name", Syntax: textSyntax}},
		Columns:   []*mib.Object{f.name, f.port, f.secret, f.fingerprint, f.rowStatus, f.up},
		RowStatus: f.rowStatus,
	})
	f.links = mib.StatusTable(status.SeekLink, linkKey, &mib.Table{
		Name: "linkTable", Param: "Link", OID: mib.OID{1, 5, 1},
		Index:   []mib.IndexPart{{Object: f.index, Param: "Index", Syntax: portSyntax}},
		Columns: []*mib.Object{f.index},
	})
	f.module = mib.LinkModule(&mib.Module{
		Name: "FIXTURE-MIB", Service: "Fix", ServiceID: 1,
		Objects:       []*mib.Object{f.host, f.uptime, f.restart, f.name, f.port, f.secret, f.fingerprint, f.rowStatus, f.up, f.index},
		Tables:        []*mib.Table{f.trunks, f.links},
		Notifications: []*mib.NotificationType{{Name: "fixDown", OID: mib.OID{1, 0, 1}}},
	})
	return f
}

func newFakeStatus(links ...uint32) fakeStatus {
	rows := make([]link, len(links))
	for i, n := range links {
		rows[i] = linkRow(n)
	}
	mib.SortRows(rows, compareLink, linkKey)
	return fakeStatus{mib.NewSorted(rows, compareLink)}
}

func nameKey(name string) mib.Key { return mib.Key{mib.String(name)} }

// names lists the rows of a table in its order.
func names(c *config) []string {
	var out []string
	for row := range c.Trunks.All() {
		out = append(out, row.Name)
	}
	return out
}

func TestLinkModule(t *testing.T) {
	f := newFixture()
	for _, o := range f.module.Objects {
		if o.Module != f.module {
			t.Errorf("%s: no module", o.Name)
		}
	}
	if f.port.Table != f.trunks || f.index.Table != f.links || f.host.Table != nil {
		t.Error("columns are not linked to their tables")
	}
	if f.fingerprint.Of != f.secret {
		t.Errorf("fingerprint of %v", f.fingerprint.Of)
	}
	if f.module.Notifications[0].Module != f.module || f.trunks.Module != f.module {
		t.Error("tables and notifications are not linked")
	}
	if f.trunks.Source != mib.SourceConfig || f.links.Source != mib.SourceStatus {
		t.Error("sources of tables")
	}
}
