package snmp

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"mibgate/element"
	accounts "mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/element/scm"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/text"
	"mibgate/testdata/testwait"
)

// adminPassword is that of account admin in every test.
const adminPassword = "a password"

var _ service.Service = (*Service)(nil)

// unit is an element with its agent on loopback.
type unit struct {
	t   testing.TB
	el  *element.Element
	svc *Service
	dir string

	mu     sync.Mutex
	panics []any
}

// newUnit starts an element in a new data folder, with the settings applied.
func newUnit(t testing.TB, settings ...string) *unit {
	t.Helper()
	return openUnit(t, t.TempDir(), Options{}, settings...)
}

func openUnit(t testing.TB, dir string, o Options, settings ...string) *unit {
	t.Helper()
	testwait.NoLeaks(t)
	u := &unit{t: t, dir: dir}
	var control *scm.Service
	el, err := element.Open(dir, model.Registry, element.Options{
		Now:        time.Now,
		Supervisor: service.Options{OnState: func(i service.Info) { control.OnState(i) }, Startup: scm.Startup},
	})
	if err != nil {
		t.Fatal(err)
	}
	u.el = el
	if o.Listen == nil {
		o.Listen = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	}
	o.OnPanic = func(cause any, _ []byte) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.panics = append(u.panics, cause)
	}
	if u.svc, err = New(el, o); err != nil {
		t.Fatal(err)
	}
	control = scm.New(el.Bus)
	control.Attach(el.Services)
	el.Services.Add(control, service.System)
	el.Services.Add(accounts.New(), service.System)
	el.Services.Add(u.svc, service.User)
	if el.Store.IsNew() {
		el.Store.Factory(func(c *store.Candidate) { accounts.Factory(c, adminPassword) })
	}
	if err := el.Store.Start(el.Services, el.Services.Participants()...); err != nil {
		t.Fatal(err)
	}
	// Tests fail to authenticate as often as they like, but those of the limit.
	u.set(append([]string{`Snmp.AuthFailureLimit=0`}, settings...)...)
	el.Services.StartAll()
	t.Cleanup(u.close)
	return u
}

func (u *unit) close() {
	if u.el == nil {
		return
	}
	u.el.Services.StopAll()
	if err := u.el.Close(); err != nil {
		u.t.Error(err)
	}
	u.el = nil
	for _, p := range u.panics {
		u.t.Errorf("panic: %v", p)
	}
}

// set applies script lines as one transaction.
func (u *unit) set(lines ...string) {
	u.t.Helper()
	if err := u.try(lines...); err != nil {
		u.t.Fatal(err)
	}
}

func (u *unit) try(lines ...string) error {
	u.t.Helper()
	sts, err := text.Parse(u.el.Registry, strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		u.t.Fatal(err)
	}
	tx, err := u.el.Store.Begin(context.Background(), access.Internal)
	if err != nil {
		return err
	}
	defer tx.Abort()
	tx.CreateRows = true
	for i, st := range sts {
		tx.At(i)
		if err := tx.Set(st.Object, st.Key, st.Value); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (u *unit) addr() string { return u.svc.Addrs()[0].String() }

// oid is the served name of a variable: path, and the key of a cell.
func (u *unit) oid(path string, key ...mib.Value) string {
	u.t.Helper()
	o := u.el.Registry.Object(path)
	if o == nil {
		u.t.Fatalf("there is no object %s", path)
	}
	return u.svc.Tree().AppendName(nil, o, key).String()
}

// column is the served OID of a column.
func (u *unit) column(path string) string {
	u.t.Helper()
	return u.svc.Tree().Serve(u.el.Registry.Object(path).OID).String()
}

// The settings of a test that asks with v1 or v2c.
var openSettings = []string{
	`Snmp.EnableSnmpV1="Enable"`, `Snmp.EnableSnmpV2="Enable"`, `Snmp.Community="public"`, `Snmp.CommunityRole="Admin"`,
}

// tool runs one of net-snmp's tools against the unit and returns its output,
// standard output and error together.
func (u *unit) tool(name string, security []string, args ...string) (string, error) {
	u.t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			u.t.Fatalf("%s is not installed (package snmp)", name)
		}
		u.t.Skipf("%s is not installed (package snmp)", name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	all := append([]string{"-m", "", "-On", "-t", "5", "-r", "0"}, security...)
	all = append(append(all, u.addr()), args...)
	cmd := exec.CommandContext(ctx, name, all...)
	cmd.Env = []string{"MIBS=", "SNMPCONFPATH=/nonexistent", "SNMP_PERSISTENT_DIR=" + u.t.TempDir(), "PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// ask is tool for what must succeed.
func (u *unit) ask(name string, security []string, args ...string) string {
	u.t.Helper()
	out, err := u.tool(name, security, args...)
	if err != nil {
		u.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

// How the tools ask.
var (
	v1  = []string{"-v1", "-c", "public"}
	v2c = []string{"-v2c", "-c", "public"}
	v3  = []string{"-v3", "-l", "authPriv", "-u", "admin", "-a", "SHA-256", "-A", adminPassword, "-x", "AES", "-X", adminPassword}
)

// until waits for what happens in its own time.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	testwait.Until(t, 10*time.Second, what, f)
}
