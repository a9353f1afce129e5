package store

import (
	"fmt"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
)

// The module of the tests of rows that wait for values, are not kept, or are
// edited by their service: what cmd/mibgen makes of the administration tables
// of SNMP, reduced to one of them, a scalar with the same meaning as a row, and
// a table whose rows appear by themselves.

type peer struct {
	mib.RowMeta
	Name, Address, Params string
	Group                 mib.OID
	Storage               int64
}

func newPeer(key mib.Key) *peer {
	return &peer{Name: key[0].Str, Storage: storageNonVolatile}
}

func (r *peer) CompareKey(key mib.Key) int {
	if len(key) == 0 {
		return 0
	}
	return mib.CompareString(r.Name, key[0].Str)
}

func (r *peer) AppendKey(dst mib.Key) mib.Key { return append(dst, mib.String(r.Name)) }
func (r *peer) SetKey(key mib.Key)            { r.Name = key[0].Str }

// extra augments a peer.
type extra struct {
	mib.RowMeta
	Name string
	Size uint32
}

func newExtra(key mib.Key) *extra { return &extra{Name: key[0].Str} }

func (r *extra) CompareKey(key mib.Key) int {
	if len(key) == 0 {
		return 0
	}
	return mib.CompareString(r.Name, key[0].Str)
}

func (r *extra) AppendKey(dst mib.Key) mib.Key { return append(dst, mib.String(r.Name)) }
func (r *extra) SetKey(key mib.Key)            { r.Name = key[0].Str }

type peersConfig struct {
	Main   string
	Peers  mib.Rows[peer, *peer]
	Extras mib.Rows[extra, *extra]
}

// peers is the module and what the tests name of it.
type peers struct {
	module                         *mib.Module
	table, extras                  *mib.Table
	main, address, clone, key, row *mib.Object
}

func (p *peers) of(c mib.Configs) *peersConfig { return c.Config(p.module).(*peersConfig) }

func column[R any](name string, arc uint32, s *mib.Syntax, read func(*R) mib.Value, write func(*R, mib.Value)) *mib.Object {
	o := &mib.Object{
		Name: "peer" + name, Param: name, OID: mib.OID{1, 2, 1, arc}, Syntax: s, Access: mib.ReadCreate, Source: mib.SourceConfig,
		Default: mib.Value{Kind: s.Base},
		Read:    func(_, row any) mib.Value { return read(row.(*R)) },
	}
	if write != nil {
		o.Write = func(_, row any, v mib.Value) { write(row.(*R), v) }
	} else {
		o.Source, o.Access = mib.SourceIndex, mib.ReadOnly
	}
	return o
}

func newPeers() *peers {
	str := &mib.Syntax{Base: mib.OctetString, Ranges: []mib.Range{{Min: 0, Max: 40}}}
	oid := &mib.Syntax{Base: mib.ObjectIdentifier}
	num := &mib.Syntax{Base: mib.Unsigned32}
	kept := &mib.Syntax{Base: mib.Integer32, TC: "StorageType", Enum: []mib.Label{{Name: "other", Number: 1}, {Name: "volatile", Number: 2}, {Name: "nonVolatile", Number: 3}, {Name: "permanent", Number: 4}, {Name: "readOnly", Number: 5}}}
	p := &peers{
		main: &mib.Object{
			Name: "peersMain", Param: "Main", OID: mib.OID{1, 1}, Syntax: str, Access: mib.ReadWrite, Source: mib.SourceConfig, Default: mib.String(""),
			Read:  func(c, _ any) mib.Value { return mib.String(c.(*peersConfig).Main) },
			Write: func(c, _ any, v mib.Value) { c.(*peersConfig).Main = v.Str },
		},
		address: column("Address", 2, str, func(r *peer) mib.Value { return mib.String(r.Address) }, func(r *peer, v mib.Value) { r.Address = v.Str }),
		clone:   &mib.Object{Name: "peerClone", Param: "Clone", OID: mib.OID{1, 2, 1, 5}, Syntax: oid, Access: mib.ReadCreate, Source: mib.SourceEdit, Edit: mib.EditService, Default: mib.Ident(mib.OID{0, 0})},
		key:     &mib.Object{Name: "peerKeyChange", Param: "KeyChange", OID: mib.OID{1, 2, 1, 6}, Syntax: str, Access: mib.ReadCreate, Source: mib.SourceEdit, Edit: mib.EditService},
		row:     &mib.Object{Name: "peerRowStatus", Param: "RowStatus", OID: mib.OID{1, 2, 1, 8}, Syntax: &mib.Syntax{Base: mib.Integer32, TC: "RowStatus", Enum: mib.RowStatusLabels}, Access: mib.ReadCreate, Source: mib.SourceRowStatus},
	}
	name := column("Name", 1, str, func(r *peer) mib.Value { return mib.String(r.Name) }, nil)
	params := column("Params", 3, str, func(r *peer) mib.Value { return mib.String(r.Params) }, func(r *peer, v mib.Value) { r.Params = v.Str })
	group := column("Group", 4, oid, func(r *peer) mib.Value { return mib.Ident(r.Group) }, func(r *peer, v mib.Value) { r.Group = v.OID })
	storage := column("StorageType", 7, kept, func(r *peer) mib.Value { return mib.Int(int32(r.Storage)) }, func(r *peer, v mib.Value) { r.Storage = v.Num })
	storage.Default = mib.Int(storageNonVolatile)
	p.table = mib.ConfigTable(func(c *peersConfig) *mib.Rows[peer, *peer] { return &c.Peers }, newPeer, &mib.Table{
		Name: "peerTable", Param: "Peer", OID: mib.OID{1, 2, 1}, Index: []mib.IndexPart{{Object: name, Param: "Name", Syntax: str}},
		Columns:   []*mib.Object{name, p.address, params, group, p.clone, p.key, storage, p.row},
		RowStatus: p.row, Storage: storage, Required: []*mib.Object{p.address, params},
	})
	of := column("Of", 1, str, func(r *extra) mib.Value { return mib.String(r.Name) }, nil)
	size := column("Size", 2, num, func(r *extra) mib.Value { return mib.Uint(r.Size) }, func(r *extra, v mib.Value) { r.Size = uint32(v.Num) }) //nolint:gosec // a test's
	of.OID, size.OID, of.Name, size.Name = mib.OID{1, 3, 1, 1}, mib.OID{1, 3, 1, 2}, "extraOf", "extraSize"
	p.extras = mib.ConfigTable(func(c *peersConfig) *mib.Rows[extra, *extra] { return &c.Extras }, newExtra, &mib.Table{
		Name: "extraTable", Param: "Extra", OID: mib.OID{1, 3, 1}, Index: []mib.IndexPart{{Object: of, Param: "Of", Syntax: str}}, Columns: []*mib.Object{of, size},
	})
	p.module = mib.LinkModule(&mib.Module{
		Name: "PEERS-MIB", Service: "P", ServiceID: 1, Tables: []*mib.Table{p.table, p.extras},
		Objects:     append(append([]*mib.Object{p.main}, p.table.Columns...), p.extras.Columns...),
		NewConfig:   func() any { return &peersConfig{} },
		CloneConfig: func(c any) any { d := *c.(*peersConfig); return &d },
	})
	return p
}

// keeper is the service: Main is the address of the peer "main", every peer has
// an extra, and a read-only peer is made anew at each start.
type keeper struct {
	NoChange
	*peers
	befores []string // what Before said of Main; "-" for nil
	edits   []string
	refuse  error
}

func (k *keeper) Normalize(c *Candidate) {
	was, said := "", "-"
	if b := c.Before(); b != nil {
		was, said = k.of(b).Main, k.of(b).Main
	}
	k.befores = append(k.befores, said)
	k.makeOwn(c)
	cfg, row := k.of(c), k.of(c).Peers.Find(mib.Key{mib.String("main")})
	switch {
	case row == nil || row.Address == cfg.Main:
	case cfg.Main == was:
		edit, _ := c.Edit(k.module)
		edit.(*peersConfig).Main = row.Address
	case row.Address == was || c.Before() == nil:
		edit, tok := c.Edit(k.module)
		k.table.Edit(edit, tok, row).(*peer).Address = cfg.Main
	default:
		c.Fail(&mib.Error{Kind: mib.ErrInconsistent, Path: "P.Main", Detail: "both changed", Position: -1})
		c.Fail(&mib.Error{Kind: mib.ErrUnavailable, Detail: "not this one"})
	}
	var want []mib.Key
	for r := range k.of(c).Peers.All() {
		want = append(want, r.AppendKey(nil))
	}
	c.Rows(k.extras, want)
}

func (k *keeper) makeOwn(c *Candidate) {
	key := mib.Key{mib.String("own")}
	if k.of(c).Peers.Find(key) != nil {
		return
	}
	cfg, tok := c.Edit(k.module)
	row := k.table.New(cfg, tok, key).(*peer)
	row.Address, row.Params, row.Storage = "127.0.0.1", "p", storageReadOnly
}

func (k *keeper) Edit(c *Candidate, who access.Principal, o *mib.Object, key mib.Key, v mib.Value) (bool, error) {
	if o != k.clone && o != k.key {
		return false, nil
	}
	if k.refuse != nil {
		return true, k.refuse
	}
	k.edits = append(k.edits, fmt.Sprintf("%s %s of %s by %s", o.Param, mib.ValueText(o.Syntax, v), key[0].Str, who.Name))
	cfg, tok := c.Edit(k.module)
	row, _ := k.table.Lookup(cfg, key)
	k.table.Edit(cfg, tok, row).(*peer).Params += o.Param
	return true, nil
}

// peersStore is a store of that model, started; reopen starts another on the
// same folder.
func peersStore(t testing.TB) (*Store, *keeper) {
	t.Helper()
	return reopen(t, t.TempDir(), newPeers())
}

func reopen(t testing.TB, dir string, p *peers) (*Store, *keeper) {
	t.Helper()
	s, err := Open(dir, mib.NewRegistry(p.module))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.lock.Close() })
	k := &keeper{peers: p}
	if err := s.Start(noRuntime{}, &recorder{name: "first", calls: new([]string)}, k); err != nil {
		t.Fatal(err)
	}
	return s, k
}

// peersText lists the rows: name, address, params and RowStatus as it reads.
func peersText(s *Store, k *keeper) string {
	var out []string
	for r := range k.of(s.Current()).Peers.All() {
		if r.Name != "own" {
			out = append(out, fmt.Sprintf("%s(%s,%s)%d", r.Name, r.Address, r.Params, k.table.State(r)))
		}
	}
	return strings.Join(out, " ")
}
