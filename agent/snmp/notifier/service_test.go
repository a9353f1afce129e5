package notifier

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"mibgate/agent/snmp"
	"mibgate/element"
	accounts "mibgate/element/aaa"
	"mibgate/element/event"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/hoc"
	snmpmib "mibgate/mib/snmp"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// unit is an element with the Snmp service as cmd puts it together.
type unit struct {
	*testelement.Element
	svc *snmp.Service
	n   *Notifier
}

func openUnit(t *testing.T, dir string, root mib.OID) *unit {
	t.Helper()
	u := &unit{Element: testelement.Open(t, dir, element.Options{})}
	var err error
	u.svc, err = snmp.New(u.Element.Element, snmp.Options{
		Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, OIDRoot: root,
		Notifier: func(env snmp.NotifierEnv) snmp.Notifier {
			n := New(env)
			u.n = n.(*Notifier)
			return n
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if u.Store.IsNew() {
		u.Store.Factory(func(c *store.Candidate) { accounts.Factory(c, password) })
	}
	u.Start(accounts.New(), u.svc)
	return u
}

func (u *unit) emit(n mib.Notification) {
	u.Bus.Emit(event.Event{Module: hoc.Module, Severity: event.Info, Text: "a test", Notification: n})
}

// row is how destination i fares, as the MIB tells it.
func (u *unit) row(i int) string {
	var out []string
	for _, column := range []string{"Destination", "SentCount", "DroppedCount", "AckedCount", "LastError"} {
		out = append(out, u.Get(fmt.Sprintf("Snmp.TrapDestStatus[Name=\"trap-%d\"].%s", i, column)))
	}
	return strings.Join(out, " ")
}

func TestService(t *testing.T) {
	testwait.NoLeaks(t)
	dir := t.TempDir()
	u := openUnit(t, dir, nil)
	user := admin("SHA-256", "AES")
	r := snmptrapd.Start(t, snmptrapd.Options{Users: []snmptrapd.User{user, of(user, u.svc.EngineID())}})
	for i, c := range []struct {
		version, kind, want string
		inform              bool
	}{
		{"V1", "Trap", "v1", false},
		{"V1", "Inform", "v1", false}, // v1 has none
		{"V2c", "Trap", "v2c", false},
		{"V2c", "Inform", "v2c", true},
		{"V3", "Trap", "v3", false},
		{"V3", "Inform", "v3", true},
	} {
		u.MustSet(`Snmp.Community="public"`, fmt.Sprintf(`Snmp.TrapDest="%s"`, r.Addr()),
			fmt.Sprintf(`Snmp.TrapVersion="%s"`, c.version), fmt.Sprintf(`Snmp.TrapKind="%s"`, c.kind))
		u.emit(linkUp(uint32(i)))
		n := r.WaitFor(c.version+" "+c.kind, patience, isUp(uint32(i)))
		if n.Version != c.want || n.Inform != c.inform {
			t.Errorf("%s %s: %s", c.version, c.kind, n)
		}
	}
	want := fmt.Sprintf("%s 6 0 2 ", r.Addr())
	testwait.Until(t, patience, "the counters", func() bool { return u.row(1) == want })

	r.Clear()
	u.MustSet(`Snmp.EnableTrap="Disable"`)
	u.emit(linkUp(10))
	settle(t, u.n)
	u.MustSet(`Snmp.EnableTrap="Enable"`)
	u.emit(linkUp(11))
	r.WaitFor("what comes after", patience, isUp(11))
	for _, n := range r.Received() {
		if isUp(10)(n) {
			t.Error("sent while Snmp.EnableTrap is Disable")
		}
	}

	// A service that starts again is no cold start of the unit.
	u.Stop(snmpmib.Module)
	if len(u.Column("Snmp.TrapDestStatus.Destination")) != 1 {
		t.Error("the status is gone while the service is stopped")
	}
	u.emit(linkUp(12))
	u.Startup(snmpmib.Module)
	r.WaitFor("what happened while it was stopped", patience, isUp(12))
	r.WaitFor("warmStart", patience, func(n snmptrapd.Notification) bool { return n.TrapOID == standardTraps+".2" })

	r.Clear()
	u.MustSet(`Snmp.TrapVersion="V2c"`, `Snmp.TrapKind="Trap"`, `Snmp.EnableSnmpV2="Enable"`)
	u.Close()
	u = openUnit(t, dir, nil)
	n := r.WaitFor("coldStart", patience, func(n snmptrapd.Notification) bool { return n.TrapOID == standardTraps+".1" })
	if len(n.Varbinds) != 1 || n.Varbinds[0].Value != "1.3.6.1.4.1.32473.100.100.61000" {
		t.Errorf("coldStart: %s", n)
	}
	u.intrude(t)
	r.WaitFor("authenticationFailure", patience, func(n snmptrapd.Notification) bool { return n.TrapOID == standardTraps+".5" })
}

// intrude asks with a community that is not known.
func (u *unit) intrude(t *testing.T) {
	t.Helper()
	conn, err := net.Dial("udp", u.svc.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("0\x26\x02\x01\x01\x04\x05wrong\xa0\x1a\x02\x02\x01\x00\x02\x01\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x05\x00")); err != nil {
		t.Fatal(err)
	}
}

func TestOIDRoot(t *testing.T) {
	u := openUnit(t, t.TempDir(), mib.MustOID("1.3.6.1.4.1.4935.1000.100"))
	r := snmptrapd.Start(t, snmptrapd.Options{})
	u.MustSet(`Snmp.Community="public"`, `Snmp.TrapVersion="V2c"`, fmt.Sprintf(`Snmp.TrapDest="%s"`, r.Addr()))
	u.emit(linkUp(1))
	n := r.WaitFor("the trap", patience, isUp(1))
	if n.TrapOID != "1.3.6.1.4.1.4935.1000.100.200.100.1400.0.2" || n.Varbinds[4].OID != "1.3.6.1.4.1.4935.1000.100.200.100.1400.1.900.10000.1.500.1" {
		t.Errorf("%s", n)
	}
}

// A password that is changed under way is the one that goes out.
func TestAccountChanges(t *testing.T) {
	u := openUnit(t, t.TempDir(), nil)
	user := admin("SHA-512", "AES-256")
	user.AuthPassword, user.PrivPassword = "the new password", "a third one"
	r := snmptrapd.Start(t, snmptrapd.Options{Users: []snmptrapd.User{user}})
	u.MustSet(`Snmp.TrapKind="Inform"`, `Snmp.InformTimeout=1`, `Snmp.InformRetries=10`, fmt.Sprintf(`Snmp.TrapDest="%s"`, r.Addr()))
	u.emit(linkUp(1))
	u.MustSet(`Aaa.Users[UserName="admin"].Password="the new password"`)
	u.MustSet(`Snmp.AuthProtocol="Sha512"`, `Snmp.PrivProtocol="Aes256"`, `Snmp.PrivPassword="a third one"`)
	r.WaitFor("the inform", patience, isUp(1))
	testwait.Until(t, patience, "it is acknowledged", func() bool { return u.row(1) == fmt.Sprintf("%s 1 0 1 ", r.Addr()) })
}
