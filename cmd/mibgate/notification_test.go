package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mibgate/mib/model"
	"mibgate/mib/sipep"
	"mibgate/mib/snmp"
	"mibgate/testdata/snmptrapd"
)

// noticeLimit is what the issue grants from the death of the server to the
// notification.
const noticeLimit = time.Second

// noticeForm is a value of TrapVersion and one of TrapKind, and what the
// receiver sees.
type noticeForm struct {
	name          string
	version, kind int
	want          snmptrapd.Notification
}

var noticeForms = []noticeForm{
	{"v1", 100, 100, snmptrapd.Notification{Version: "v1", Community: "public"}},
	{"v2c", 200, 100, snmptrapd.Notification{Version: "v2c", Community: "public"}},
	{"v2c inform", 200, 200, snmptrapd.Notification{Version: "v2c", Community: "public", Inform: true}},
	{"v3 trap", 300, 100, snmptrapd.Notification{Version: "v3", User: "admin"}},
	{"v3 inform", 300, 200, snmptrapd.Notification{Version: "v3", User: "admin", Inform: true}},
}

// TestServerKilled kills the server: within a second snmptrapd has the
// notification, in every form, the same under either root. With the server the
// link comes back.
func TestServerKilled(t *testing.T) {
	for name, root := range map[string]string{"own root": model.Root.String(), "DGW's root": "1.3.6.1.4.1.4935.1000.100"} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, siteOptions{root: root})
			s.begin()
			s.untilUp(generous)
			for _, form := range noticeForms {
				t.Run(form.name, func(t *testing.T) { s.killServer(t, form, root == model.Root.String() && form.name == "v2c") })
			}
		})
	}
}

// killServer is one death of the server and its return. slow lets the link come
// back by itself, which takes TransportFailbackInterval.
func (s *site) killServer(t *testing.T, form noticeForm, slow bool) {
	s.set(s.oid(snmp.Objects.TrapVersion), "i", fmt.Sprint(form.version), s.oid(snmp.Objects.TrapKind), "i", fmt.Sprint(form.kind))
	port := s.localPort()
	s.traps.Clear()
	s.syslog.clear()
	died := time.Now()
	s.sip.Kill()
	down := s.trap(noticeLimit, sipep.Notifications.TlsLinkDown)
	t.Logf("notification %v after the kill", time.Since(died))
	s.until(noticeLimit, stateDown, sipep.Objects.TlsPersistentConnectionStatusState, 1)
	line := s.syslog.await(t, noticeLimit, " is down")
	if want := fmt.Sprintf("gateway default: TLS link to %s is down", s.server); !strings.Contains(line, want) {
		t.Errorf("syslog says %q, want %q", line, want)
	}
	s.checkLinkNotice(t, down, form, fmt.Sprint(port), stateDown)
	s.sip.Run()
	returned := time.Now()
	limit := failback + time.Second
	if !slow {
		s.retryNow()
		limit = generous
	}
	up := s.trap(limit, sipep.Notifications.TlsLinkUp)
	s.checkLinkNotice(t, up, form, fmt.Sprint(port), stateUp)
	s.untilUp(generous)
	t.Logf("Up and registered %v after the return of the server (by itself: %t)", time.Since(returned), slow)
	if n := s.count(sipep.Notifications.TlsLinkDown); n != 1 {
		t.Errorf("the loss was told %d times", n)
	}
}

// checkLinkNotice compares a notification about the link with the form and the
// varbinds that the issue gives.
func (s *site) checkLinkNotice(t *testing.T, n snmptrapd.Notification, form noticeForm, port, state string) {
	t.Helper()
	if n.Version != form.want.Version || n.Inform != form.want.Inform || n.Community != form.want.Community || n.User != form.want.User {
		t.Errorf("not %s: %s", form.name, n)
	}
	const service = ".200.100.1400"
	number := map[string]int{stateDown: 1, stateUp: 2}[state]
	if want := fmt.Sprintf("%s%s.0.%d", s.root, service, number); n.TrapOID != want {
		t.Errorf("snmpTrapOID is %s, want %s", n.TrapOID, want)
	}
	if n.Version == "v1" && (n.Enterprise != s.root+service || n.Generic != 6 || n.Specific != number || n.AgentAddr != "127.0.0.1") {
		t.Errorf("v1 enterprise %s, generic %d, specific %d, agent %s", n.Enterprise, n.Generic, n.Specific, n.AgentAddr)
	}
	row := s.root + service + ".1.900.10000.1."
	want := []snmptrapd.Varbind{
		{OID: row + "200.1", Type: "STRING", Value: "default"},
		{OID: row + "300.1", Type: "Gauge32", Value: port},
		{OID: row + "400.1", Type: "STRING", Value: s.server.String()},
		{OID: row + "450.1", Type: "STRING", Value: "127.0.0.1"},
		{OID: row + "500.1", Type: "INTEGER", Value: state},
	}
	if !slices.Equal(n.Varbinds, want) {
		t.Errorf("varbinds are\n%q, want\n%q", n.Varbinds, want)
	}
}
