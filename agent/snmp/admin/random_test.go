package admin_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/usm"
	"mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/model"
)

// TestRandomTransactions makes transactions that nobody would think of over all
// tables of the administration and their faces. Whatever comes of one, both sides
// say the same (oracle_test.go), what is refused has changed nothing, and a unit
// that starts with what is on disk is as the one that runs.
func TestRandomTransactions(t *testing.T) {
	seeds, steps := envInt("MIBGATE_SEEDS", 8), 120
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := newRandom(t, uint64(seed))
			for step := range steps {
				r.step()
				if t.Failed() {
					t.Fatalf("step %d: %s", step, r.what)
				}
				if step%5 == 4 {
					r.restart()
					r.rollback()
				}
				if t.Failed() {
					t.Fatalf("restart after step %d: %s", step, r.what)
				}
			}
			t.Logf("%d of %d transactions were taken", r.taken, steps)
		})
	}
}

// noRuntime is of services that do not run.
type noRuntime struct{}

func (noRuntime) Status(*mib.Module) any   { return nil }
func (noRuntime) Commands(*mib.Module) any { return nil }

// checked is the service with the checks of the agent that the faces rely on,
// and its policy.
type checked struct{ service }

func (s checked) Validate(c mib.Configs) error {
	if _, err := admin.ParseDestinations(snmpOf(c).TrapDest); err != nil {
		return &mib.Error{Kind: mib.ErrInconsistent, Path: "Snmp.TrapDest", Detail: err.Error(), Position: -1}
	}
	return s.service.Validate(c)
}

func (s checked) Prepare(_, next *store.Snapshot) (store.Change, error) {
	_, err := s.Users(next)
	return store.OnCommit(func() {}), err
}

// bare is a store with the administration, on a folder.
type bare struct {
	*store.Store
	admin *admin.Admin
}

func openBare(t *testing.T, dir string) bare {
	t.Helper()
	st, err := store.Open(dir, model.Registry)
	if err != nil {
		t.Fatalf("what is on disk cannot be read: %v", err)
	}
	b := bare{st, admin.New(admin.Options{EngineID: engineID, Serve: func(o mib.OID) mib.OID { return o }, Families: whole})}
	st.Factory(func(c *store.Candidate) { aaa.Factory(c, "first password") })
	if err := st.Start(noRuntime{}, aaa.New(), checked{service{Admin: b.admin}}); err != nil {
		t.Fatalf("does not start: %v", err)
	}
	return b
}

type random struct {
	*rand.Rand
	t     *testing.T
	dir   string
	unit  bare
	roles map[string]string // the rows of the roles
	taken int
	what  string // the transaction
}

func newRandom(t *testing.T, seed uint64) *random {
	t.Helper()
	r := &random{Rand: rand.New(rand.NewPCG(seed, 3)), t: t, dir: t.TempDir()}
	r.unit = openBare(t, r.dir)
	t.Cleanup(func() { _ = r.unit.Close() })
	r.roles = only(contents(r.unit.Current()), "ReadOnly")
	return r
}

// step makes one transaction and checks what it has left.
func (r *random) step() {
	r.t.Helper()
	before := r.unit.Current()
	who := access.Principal{Name: pick(r, names), Role: access.Admin, Via: access.ViaUSM}
	sets := make([]cellSet, 1+r.IntN(5))
	var lines []string
	table, key := r.tableAndKey()
	for i := range sets {
		if r.IntN(3) == 0 {
			table, key = r.tableAndKey()
		}
		sets[i] = r.assignment(table, key)
		lines = append(lines, fmt.Sprintf("%s=%s", sets[i].object.Instance(sets[i].key), mib.ValueText(sets[i].object.Syntax, sets[i].value)))
	}
	script := r.IntN(2) == 0
	err := r.commit(who, script, sets)
	r.what = fmt.Sprintf("as %s (script %v): %v\n\t%s", who.Name, script, err, strings.Join(lines, "\n\t"))
	if err != nil {
		if r.unit.Current() != before {
			r.t.Error("a refused transaction has changed something")
		}
		return
	}
	r.taken++
	now := r.unit.Current()
	for _, wrong := range disagreements(now) {
		r.t.Error(wrong)
	}
	for _, wrong := range leftovers(before, now) {
		r.t.Error(wrong)
	}
	if !sameContents(r.roles, only(contents(now), "ReadOnly")) {
		r.t.Errorf("the rows of the roles have changed")
	}
	if _, err := r.unit.admin.Users(now); err != nil {
		r.t.Errorf("users: %v", err)
	}
	r.unit.admin.Policy(now, []string{""})
	r.unit.admin.Targets(now)
	if !script {
		r.readBack(now, sets)
	}
}

type cellSet struct {
	object *mib.Object
	key    mib.Key
	value  mib.Value
}

func (r *random) commit(who access.Principal, script bool, sets []cellSet) error {
	r.t.Helper()
	tx, err := r.unit.Begin(context.Background(), who)
	if err != nil {
		r.t.Fatal(err)
	}
	defer tx.Abort()
	tx.CreateRows = script
	for i, s := range sets {
		tx.At(i)
		if err := tx.Set(s.object, s.key, s.value); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// readBack checks that what a manager was told to be set is set.
func (r *random) readBack(now *store.Snapshot, sets []cellSet) {
	r.t.Helper()
	for i, s := range sets {
		t := s.object.Table
		if s.object.Source != mib.SourceConfig || r.overruled(sets, i) || removed(sets) {
			continue
		}
		var row any
		if t != nil {
			var ok bool
			if row, ok = t.Lookup(now.Config(t.Module), s.key); !ok {
				r.t.Errorf("%s is not there", s.object.Instance(s.key))
				continue
			}
		}
		if got := s.object.Read(now.Config(s.object.Module), row); !got.Equal(s.value) {
			r.t.Errorf("%s is %v and was set to %v", s.object.Instance(s.key), got, s.value)
		}
	}
}

// overruled are assignments that another one of the transaction, or something
// that is documented, overrules.
func (r *random) overruled(sets []cellSet, i int) bool {
	s := sets[i]
	for _, later := range sets[i+1:] {
		if later.object == s.object && later.object.Instance(later.key) == s.object.Instance(s.key) {
			return true
		}
	}
	name := s.object.Name
	return s.object.Syntax.TC == "StorageType" && s.value.Num != 2 || strings.HasSuffix(name, "Protocol") || name == "trapDest" || name == "snmpCommunityContextEngineID" ||
		strings.HasPrefix(name, "snmpTargetParams") || name == "snmpTargetAddrTimeout" || name == "snmpTargetAddrRetryCount"
}

// removed tells whether a transaction has taken out a row, which may have come
// again, or has changed the other side.
func removed(sets []cellSet) bool {
	for _, s := range sets {
		if s.object.Source == mib.SourceRowStatus && s.value.Num == int64(mib.RowDestroy) || s.object.Source == mib.SourceEdit && s.object.Edit == mib.EditDelete {
			return true
		}
		if s.object.Table == nil || s.object.Name == "usersPassword" { // a face; the other side may be set to what it is already
			return true
		}
	}
	return false
}

// restart compares the unit that runs with one that starts on its folder.
func (r *random) restart() {
	r.t.Helper()
	again := openBare(r.t, r.copied())
	defer again.Close()
	want, got := contents(r.unit.Current()), contents(again.Current())
	for name := range volatile(want) {
		delete(want, name)
		delete(got, name) // its face may have made it anew
	}
	for name, v := range want {
		if w, ok := got[name]; !ok || v != w {
			r.t.Errorf("%s is %q, after a restart %q", name, v, w)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			r.t.Errorf("%s is there only after a restart", name)
		}
	}
	for _, wrong := range disagreements(again.Current()) {
		r.t.Errorf("after a restart: %s", wrong)
	}
	if r.IntN(3) == 0 { // and go on with that one
		if err := r.unit.Close(); err != nil {
			r.t.Fatal(err)
		}
		r.unit = openBare(r.t, r.dir)
	}
}

// rollback starts a unit with every text of the history: each was in force.
func (r *random) rollback() {
	r.t.Helper()
	if r.IntN(4) != 0 {
		return
	}
	dir := r.copied()
	if err := store.Rollback(dir, 1+r.IntN(5)); err != nil {
		return // there are not that many
	}
	back := openBare(r.t, dir)
	for _, wrong := range disagreements(back.Current()) {
		r.t.Errorf("after going back: %s", wrong)
	}
	if err := back.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// copied is the folder as a unit without power leaves it.
func (r *random) copied() string {
	r.t.Helper()
	dir := filepath.Join(r.t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(r.dir)); err != nil {
		r.t.Fatal(err)
	}
	return dir
}

func pick[T any](r *random, from []T) T { return from[r.IntN(len(from))] }

// What keys and values are made of.
var (
	names = []string{"admin", "bob", "carol", "trap", "trap-1", "trap-2", "trap-3", "trap-5", "default", "none", "observer", "user", "community-admin", "community-user",
		"community-none", "community-else", "admin-write", "observer-read", "a\"]=\\b", "x y", "ünï", strings.Repeat("n", 32), strings.Repeat("n", 33), "", "bell\x07", "\x7f", "\xff"}
	engines  = []string{string(engineID), string(engineID), string(engineID), "another engine", "\x80\x00\x00\x00\x01\xff", "tiny"}
	subtrees = []mib.OID{{1, 3}, {1, 3, 6, 1, 2, 1}, {1, 3, 6, 1, 4, 1, 32473}, {1}, {1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 6}}
	oids     = []mib.OID{{0, 0}, {1, 3}, {1, 3, 6, 1, 6, 1, 1}, {1, 3, 6, 1, 2, 1, 100, 1, 1}, {1, 3, 6, 1, 2, 1, 100, 1, 2}, {1, 3, 6, 1, 2, 1, 100, 1, 14},
		usm.NoAuth.OID(), usm.MD5.OID(), usm.SHA256.OID(), usm.SHA512.OID(), usm.NoPriv.OID(), usm.DES.OID(), usm.AES128.OID(), usm.AES256R.OID()}
	addresses = []string{"\xc0\x00\x02\x01\x00\xa2", "\xc0\x00\x02\x02\x00\x00", "\x20\x01\x0d\xb8" + strings.Repeat("\x00", 13) + "\x01\x00\xa2",
		strings.Repeat("\x00", 10) + "\xff\xff\xc0\x00\x02\x01\x00\xa2", "nms.example.com:162", "[::1]:1", "a:0162", "a:1,b:2", "short", "NMS.example.com.:99"}
	strs = map[string][]string{
		"snmpTargetAddrTAddress":       addresses,
		"trapDest":                     {"", "192.0.2.1", "192.0.2.1:162,[2001:db8::1]:1162", "nms.example.com, 192.0.2.2:99", "a,b,c,d,e", "a,b,c,d,e,f", "b", "[::ffff:192.0.2.1]:7", "a:0"},
		"snmpTargetAddrTagList":        {"", "trap", "noc trap", "noc", " trap", "trap "},
		"snmpNotifyTag":                {"", "trap", "noc", "two tags"},
		"snmpCommunityTransportTag":    {"", "noc", "trap"},
		"snmpTargetAddrTMask":          {"", "\xff\xff\xff\x00\x00\x00", "\xff"},
		"snmpCommunityName":            {"", "public", "c0mmunity", "bell\x07", "\x7f", "\xff", strings.Repeat("c", 32), strings.Repeat("c", 33), strings.Repeat("c", 65), "ünï"},
		"community":                    {"", "public", "c0mmunity", strings.Repeat("c", 32), "ünï", "\x7f"},
		"snmpUser":                     {"", "admin", "bob", "community-admin", strings.Repeat("n", 33), strings.Repeat("n", 50), "ünï"},
		"snmpCommunityContextEngineID": {"", string(engineID), "another engine"},
		"usersPassword":                {"", "short", "bob's password", "another password", "first password"},
		"privPassword":                 {"", "private password", "short"},
		"userKeysAuthKey":              {"", strings.Repeat("a1", 32), strings.Repeat("b2", 16), "zz", strings.Repeat("c3", 64)},
		"userKeysPrivKey":              {"", strings.Repeat("a1", 16), strings.Repeat("b2", 32), "0"},
		"vacmGroupName":                {"admin", "user", "observer", "none", "mine"},
		"usmUserAuthKeyChange":         {"", strings.Repeat("k", 64), strings.Repeat("k", 32), strings.Repeat("k", 63), strings.Repeat("k", 128)},
		"usmUserPrivKeyChange":         {"", strings.Repeat("k", 32), strings.Repeat("k", 16), strings.Repeat("k", 64)},
	}
)

// tables are those of the administration; scalars are the faces.
func tables() (out []*mib.Table) {
	for _, m := range model.Registry.Modules() {
		switch m.Service {
		case "Usm", "Vacm", "Target", "Notification", "Community", "Aaa", "Snmp":
			for _, t := range m.Tables {
				if t.Source == mib.SourceConfig {
					out = append(out, t)
				}
			}
		}
	}
	return out
}

func scalars() (out []*mib.Object) {
	for _, name := range []string{"EnableSnmpV2", "AuthProtocol", "PrivProtocol", "PrivPassword", "Community", "SnmpUser", "TrapDest", "MinimumSecurityLevel", "CommunityRole",
		"TrapVersion", "TrapKind", "TrapUser", "InformTimeout", "InformRetries"} {
		out = append(out, model.Registry.Object("Snmp."+name))
	}
	return out
}

// tableAndKey is a table and a row of it, which may be there; nil for scalars.
func (r *random) tableAndKey() (*mib.Table, mib.Key) {
	all := tables()
	n := r.IntN(len(all) + 4)
	if n >= len(all) {
		return nil, nil
	}
	t := all[n]
	cfg := r.unit.Current().Config(t.Module)
	if n := t.Len(cfg); n > 0 && r.IntN(2) == 0 {
		row, _ := t.At(cfg, r.IntN(n))
		return t, t.KeyOf(row, nil)
	}
	for {
		var key mib.Key
		for i := range t.Index {
			key = append(key, r.index(t.Index[i].Object))
		}
		if r.IntN(10) == 0 || t.CheckKey(key) == nil {
			return t, key
		}
	}
}

func (r *random) index(o *mib.Object) mib.Value {
	switch {
	case strings.EqualFold(o.Param, "EngineID"):
		return mib.String(pick(r, engines))
	case o.Syntax.Base == mib.ObjectIdentifier:
		return mib.Ident(pick(r, subtrees))
	case o.Syntax.Base == mib.OctetString:
		return mib.String(pick(r, names))
	}
	return mib.Value{Kind: o.Syntax.Base, Num: int64(r.IntN(5))}
}

// assignment is one to anything in a row, or to a face.
func (r *random) assignment(t *mib.Table, key mib.Key) cellSet {
	if t == nil {
		o := pick(r, scalars())
		return cellSet{o, nil, r.value(o)}
	}
	if t.RowStatus != nil && r.IntN(4) == 0 {
		return cellSet{t.RowStatus, key, r.value(t.RowStatus)}
	}
	for {
		o := pick(r, t.Columns)
		v := r.value(o)
		if r.IntN(10) == 0 || o.Access.Writable() && o.Syntax.Check(v) == nil {
			return cellSet{o, key, v}
		}
	}
}

func (r *random) value(o *mib.Object) mib.Value {
	if pool := strs[o.Name]; pool != nil {
		return mib.String(pick(r, pool))
	}
	s := o.Syntax
	switch {
	case len(s.Enum) > 0:
		return mib.Value{Kind: s.Base, Num: int64(pick(r, s.Enum).Number)}
	case s.TC == "KeyChange":
		return mib.String(pick(r, strs["usmUserAuthKeyChange"]))
	case o.Name == "usmUserCloneFrom":
		return mib.Ident(mib.AppendInstance(o.Table.Index, o.OID.Append(), mib.Key{mib.String(pick(r, engines)), mib.String(pick(r, names))}))
	case s.Base == mib.ObjectIdentifier:
		return mib.Ident(slices.Clone(pick(r, oids)))
	case s.Base == mib.OctetString:
		return mib.String(pick(r, names))
	case s.TC == "TimeInterval":
		return mib.Int(pick(r, []int32{0, 100, 150, 1500, 900, 1<<31 - 1}))
	case o.Table == nil || o.Name == "snmpTargetAddrRetryCount":
		return mib.Value{Kind: s.Base, Num: int64(r.IntN(12))}
	}
	return mib.Value{Kind: s.Base, Num: pick(r, []int64{0, 1, 2, 3, 10, 255, 484, 1472})}
}

func envInt(name string, n int) int {
	if s := os.Getenv(name); s != "" {
		n, _ = strconv.Atoi(s)
	}
	return n
}
