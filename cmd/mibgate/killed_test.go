package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/nlm"
	"mibgate/mib/sipep"
)

// TestKilledWhileSetting kills the unit at any moment of a storm of SETs. Each
// SET writes one number to several services, and makes or destroys a row of a
// table. At the next start all of them say the same: the last number that was
// answered, or the one that was on its way. engineBoots grows every time.
func TestKilledWhileSetting(t *testing.T) {
	const lives = 20
	dir, port := folder(t), freePort(t)
	args := []string{"--snmp", fmt.Sprintf("127.0.0.1:%d", port), "--initial-password", file(t, "pw", testPassword+"\n"), "--script", file(t, "s", `
Hoc.ClockSource="Host"
Snmp.EnableSnmpV2="Enable"
Snmp.Community="public"
Snmp.CommunityRole="Admin"
`)}
	sent, answered, boots, sets := 0, 0, 0, 0
	for range lives {
		p := start(t, dir, args...)
		got := sameEverywhere(t, p)
		if got < answered || got > sent {
			t.Fatalf("the configuration has number %d, %d was answered and %d sent", got, answered, sent)
		}
		now, err := strconv.Atoi(p.get("Snmp.EngineBoots"))
		if err != nil || now <= boots {
			t.Fatalf("engineBoots is %d after %d (%v)", now, boots, err)
		}
		boots = now
		time.AfterFunc(rand.N(100*time.Millisecond), func() { _ = p.cmd.Process.Kill() })
		sent, answered = setUntil(t, port, got, p.done)
		sets += sent - got
	}
	t.Logf("%d lives, %d SETs", lives, sets)
	if sets < lives {
		t.Errorf("%d SETs in %d lives are no storm", sets, lives)
	}
}

// setUntil sends SETs with the numbers after first, each when the one before is
// answered, until the unit has ended.
func setUntil(t *testing.T, port uint16, first int, ended <-chan struct{}) (sent, answered int) {
	t.Helper()
	m := &gosnmp.GoSNMP{Target: "127.0.0.1", Port: port, Version: gosnmp.Version2c, Community: "public", Timeout: generous, MaxOids: gosnmp.MaxOids}
	if err := m.Connect(); err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		<-ended
		m.Conn.Close() // ends the wait for an answer that will not come
	}()
	sent, answered = first, first
	for {
		sent++
		r, err := m.Set(varbindsOf(sent))
		if err != nil {
			<-closed
			return sent, answered
		}
		if r.Error != gosnmp.NoError {
			t.Fatalf("SET answers %s at %d", r.Error, r.ErrorIndex)
		}
		answered = sent
	}
}

// varbindsOf writes n everywhere: to scalars of three services, and to a row
// that is made when n is odd and destroyed when it is even.
func varbindsOf(n int) []gosnmp.SnmpPDU {
	text := func(o *mib.Object, index ...uint32) gosnmp.SnmpPDU {
		return gosnmp.SnmpPDU{Name: o.OID.Append(index...).String(), Type: gosnmp.OctetString, Value: fmt.Sprint("n", n)}
	}
	status := gosnmp.SnmpPDU{Name: sipep.Objects.UnitRegistrationsRowStatus.OID.Append(7).String(), Type: gosnmp.Integer, Value: int(mib.RowDestroy)}
	out := []gosnmp.SnmpPDU{
		text(hoc.Objects.SystemLocation, 0),
		text(nlm.Objects.SyslogMessageFormat, 0),
		text(sipep.Objects.InteropRegisterHomeDomainOverride, 0),
	}
	if n%2 == 0 {
		return append(out, status)
	}
	status.Value = int(mib.RowCreateAndGo)
	return append(out, status, text(sipep.Objects.UnitRegistrationsUsername, 7))
}

// sameEverywhere reads the number that the configuration has, which must be
// the same everywhere.
func sameEverywhere(t *testing.T, p *process) int {
	t.Helper()
	texts := []string{p.get("Hoc.SystemLocation"), p.get("Nlm.SyslogMessageFormat"), p.get("SipEp.InteropRegisterHomeDomainOverride")}
	n := 0
	if texts[1] == "%servicetextkey: %serviceid-%servicename: %msgid-%message" {
		texts[1] = "" // its default
	}
	if texts[0] != "" {
		var err error
		if n, err = strconv.Atoi(texts[0][1:]); err != nil {
			t.Fatalf("the configuration has %q", texts)
		}
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Fatalf("half a SET: %q", texts)
		}
	}
	row := must(t, "walk", "--data", p.dir, "SipEp.UnitRegistrations.Username")
	want := ""
	if n%2 == 1 {
		want = fmt.Sprintf("SipEp.UnitRegistrations[Index=7].Username=\"n%d\"\n", n)
	}
	if row != want {
		t.Fatalf("half a SET: number %d, row %q, want %q", n, row, want)
	}
	return n
}

// TestKilledWithLink: a unit that is killed with its link up comes back on the
// same local port at once.
func TestKilledWithLink(t *testing.T) {
	s := newSite(t, siteOptions{})
	s.begin()
	s.untilUp(generous)
	port := s.localPort()
	for range 3 {
		s.kill()
		began := time.Now()
		s.begin()
		s.untilUp(upLimit)
		t.Logf("Up and registered %v after the restart", time.Since(began))
		if again := s.localPort(); again != port {
			t.Errorf("the link goes from port %d, before the unit was killed from %d", again, port)
		}
	}
}
