package notifier

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/entity"
	"mibgate/mib/hoc"
	"mibgate/mib/ifmib"
	"mibgate/mib/model"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
	"mibgate/mib/snmpv2"
	"mibgate/testdata/snmptrapd"
)

// expected is a notification as a manager is to see it; what begins with a dot
// is below our root.
type expected struct {
	notification mib.Notification
	enterprise   string // the trap OID without .0 and number
	number       int
	varbinds     []snmptrapd.Varbind
}

// trapOID is what the notification is called under a root.
func (e expected) trapOID(root string) string {
	if e.enterprise == standardTraps {
		return standardTraps + "." + string(rune('0'+e.number))
	}
	return e.under(root) + ".0." + string(rune('0'+e.number))
}

// under is the enterprise where a unit has it.
func (e expected) under(root string) string {
	if strings.HasPrefix(e.enterprise, ".") {
		return root + e.enterprise
	}
	return e.enterprise
}

const (
	standardTraps = "1.3.6.1.6.3.1.1.5"
	sipService    = ".200.100.1400"
	linkColumn    = sipService + ".1.900.10000.1."
	registration  = sipService + ".1.800.10000.1."
	gateway       = sipService + ".1.150.1."
	defaultKey    = ".7.100.101.102.97.117.108.116"
	sipEpKey      = ".5.83.105.112.69.112"
)

// catalogue spells every notification out: OIDs and the order of varbinds are
// an interface to keep.
func catalogue() map[string]expected {
	up := linkUp(7)
	down := sipep.TlsLinkDown(up)
	down.State = sipep.TlsPersistentConnectionStatusStateDown
	link := func(state string) []snmptrapd.Varbind {
		return []snmptrapd.Varbind{
			{OID: linkColumn + "200.7", Type: "STRING", Value: "gateway 7"}, {OID: linkColumn + "300.7", Type: "Gauge32", Value: "16007"},
			{OID: linkColumn + "400.7", Type: "STRING", Value: "sip.example.test:5061"},
			{OID: linkColumn + "450.7", Type: "STRING", Value: "192.0.2.1"}, {OID: linkColumn + "500.7", Type: "INTEGER", Value: state},
		}
	}
	return map[string]expected{
		"sipEpTlsLinkDown": {down, sipService, 1, link("200")},
		"sipEpTlsLinkUp":   {up, sipService, 2, link("100")},
		"sipEpTlsHandshakeFailed": {sipep.TlsHandshakeFailed{
			Index: 2, Gateway: "default", RemoteHost: "sip.example.test",
			LastFailureReason: sipep.TlsPersistentConnectionStatusLastFailureReasonNameMismatch, LastFailureDetail: "valid for other.test",
		}, sipService, 3, []snmptrapd.Varbind{
			{OID: linkColumn + "200.2", Type: "STRING", Value: "default"}, {OID: linkColumn + "400.2", Type: "STRING", Value: "sip.example.test"},
			{OID: linkColumn + "61000.2", Type: "INTEGER", Value: "400"}, {OID: linkColumn + "61010.2", Type: "STRING", Value: "valid for other.test"},
		}},
		"sipEpRegistrationStateChange": {sipep.RegistrationStateChange{
			Index: 3, Gateway: "default", Username: "100", Registrar: "sip.example.test", State: sipep.RegistrationStatusStateRegistered,
		}, sipService, 4, []snmptrapd.Varbind{
			{OID: registration + "200.3", Type: "STRING", Value: "default"}, {OID: registration + "600.3", Type: "STRING", Value: "100"},
			{OID: registration + "500.3", Type: "STRING", Value: "sip.example.test"}, {OID: registration + "400.3", Type: "INTEGER", Value: "300"},
		}},
		"sipEpGatewayStateChange": {sipep.GatewayStateChange{Name: "default"}, sipService, 5, []snmptrapd.Varbind{
			{OID: gateway + "100" + defaultKey, Type: "STRING", Value: "default"}, {OID: gateway + "400" + defaultKey, Value: ""},
		}},
		"scmServiceStateChange": {scm.ServiceStateChange{Name: "SipEp", ExecState: scm.ServicesInfoExecStateStarted}, ".200.100.400", 1, []snmptrapd.Varbind{
			{OID: ".200.100.400.1.100.1.100" + sipEpKey, Type: "STRING", Value: "SipEp"},
			{OID: ".200.100.400.1.100.1.600" + sipEpKey, Type: "INTEGER", Value: "100"},
		}},
		"hocClockStateChange": {hoc.ClockStateChange{ClockState: hoc.ClockStateSynchronized}, ".200.100.700", 1, []snmptrapd.Varbind{
			{OID: ".200.100.700.1.61000.200.0", Type: "INTEGER", Value: "300"},
		}},
		"linkDown":              {ifmib.LinkDown{Index: 2, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusDown}, standardTraps, 3, interfaceUnder(2, "1", "2")},
		"linkUp":                {ifmib.LinkUp{Index: 2, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusUp}, standardTraps, 4, interfaceUnder(2, "1", "1")},
		"entConfigChange":       {entity.EntConfigChange{}, "1.3.6.1.2.1.47.2", 1, nil},
		"alarmActiveState":      {activeState, alarmMIB, 2, alarmUnder("5")},
		"alarmClearState":       {alarm.AlarmClearState(activeState), alarmMIB, 3, alarmUnder("5")},
		"coldStart":             {snmpv2.ColdStart{}, standardTraps, 1, nil},
		"warmStart":             {snmpv2.WarmStart{}, standardTraps, 2, nil},
		"authenticationFailure": {snmpv2.AuthenticationFailure{}, standardTraps, 5, nil},
	}
}

const (
	alarmMIB   = "1.3.6.1.2.1.118"
	alarmModel = alarmMIB + ".1.1.2.1.3.0.9.3" // linkDown
)

// activeState is about the interface 7.
var activeState = alarm.AlarmActiveState{
	DateAndTime: "\x07\xea\x0b\x17\x08\x1e\x00\x07", Index: 5, ModelPointer: mib.MustOID(alarmModel), ResourceId: mib.MustOID("1.3.6.1.2.1.2.2.1.1.7"),
}

// alarmUnder is what both notifications of ALARM-MIB tell of it.
func alarmUnder(index string) []snmptrapd.Varbind {
	const row = alarmMIB + ".1.2.2.1."
	instance := ".0.8.7.234.11.23.8.30.0.7." + index
	return []snmptrapd.Varbind{
		{OID: row + "13" + instance, Type: "OID", Value: alarmModel},
		{OID: row + "10" + instance, Type: "OID", Value: "1.3.6.1.2.1.2.2.1.1.7"},
	}
}

// interfaceUnder is what linkDown and linkUp tell (RFC 2863 §6).
func interfaceUnder(index int, admin, oper string) []snmptrapd.Varbind {
	const ifEntry = "1.3.6.1.2.1.2.2.1."
	instance := "." + strconv.Itoa(index)
	return []snmptrapd.Varbind{
		{OID: ifEntry + "1" + instance, Type: "INTEGER", Value: strconv.Itoa(index)},
		{OID: ifEntry + "7" + instance, Type: "INTEGER", Value: admin},
		{OID: ifEntry + "8" + instance, Type: "INTEGER", Value: oper},
	}
}

// under puts what is below our root under one.
func under(root string, in []snmptrapd.Varbind) []snmptrapd.Varbind {
	var out []snmptrapd.Varbind
	for _, v := range in {
		if strings.HasPrefix(v.OID, ".") {
			v.OID = root + v.OID
		}
		out = append(out, v)
	}
	return out
}

func TestCatalogueIsComplete(t *testing.T) {
	all := catalogue()
	for _, m := range model.Registry.Modules() {
		for _, n := range m.Notifications {
			if _, ok := all[n.Name]; !ok {
				t.Errorf("%s is not in the catalogue of this test", n.Name)
			}
		}
	}
}

// roots are the model's and one that existing templates poll.
var roots = map[string]mib.OID{"1.3.6.1.4.1.32473.100": nil, "1.3.6.1.4.1.4935.1000.100": mib.MustOID("1.3.6.1.4.1.4935.1000.100")}

func TestFormat(t *testing.T) {
	for root, served := range roots {
		for _, v := range []message.Version{message.V1, message.V2c} {
			t.Run(v.String()+" under "+root, func(t *testing.T) {
				r := snmptrapd.Start(t, snmptrapd.Options{})
				c := config(t, r.Addr())
				c.Version = v
				s := newSender(t, quick(), served, c)
				product := root + ".100.61000"
				for name, e := range catalogue() {
					r.Clear()
					s.emit(e.notification)
					got := r.WaitFor(name, patience, func(snmptrapd.Notification) bool { return true })
					if v == message.V1 {
						checkV1(t, name, got, e, root, product)
					} else {
						checkV2(t, name, got, e, root, product)
					}
				}
			})
		}
	}
}

func checkV1(t *testing.T, name string, got snmptrapd.Notification, e expected, root, product string) {
	t.Helper()
	enterprise, generic, specific := e.under(root), 6, e.number
	if e.enterprise == standardTraps {
		enterprise, generic, specific = product, e.number-1, 0
	}
	if got.Enterprise != enterprise || got.Generic != generic || got.Specific != specific || got.AgentAddr != "127.0.0.1" {
		t.Errorf("%s: enterprise %s, generic %d, specific %d, agent %s; want %s, %d, %d", name,
			got.Enterprise, got.Generic, got.Specific, got.AgentAddr, enterprise, generic, specific)
	}
	if want := under(root, e.varbinds); !slices.Equal(got.Varbinds, want) {
		t.Errorf("%s: varbinds %q, want %q", name, got.Varbinds, want)
	}
	if got.TrapOID != e.trapOID(root) {
		t.Errorf("%s: as v2 it would be %s, want %s", name, got.TrapOID, e.trapOID(root))
	}
}

func checkV2(t *testing.T, name string, got snmptrapd.Notification, e expected, root, product string) {
	t.Helper()
	want := under(root, e.varbinds)
	if e.enterprise == standardTraps {
		want = append(want, snmptrapd.Varbind{OID: "1.3.6.1.6.3.1.1.4.3.0", Type: "OID", Value: product})
	}
	if got.TrapOID != e.trapOID(root) || !slices.Equal(got.Varbinds, want) {
		t.Errorf("%s: %s %q, want %s %q", name, got.TrapOID, got.Varbinds, e.trapOID(root), want)
	}
}

func TestUpTimeIsThatOfTheEvent(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	s := newSender(t, quick(), nil, informs(config(t, r.addr())))
	s.emitUp(1)
	first := r.must()
	before := ticks(s.el.UpTime())
	again := r.must()
	for _, m := range []*message.Message{first, again} {
		if v, err := m.PDU.Varbinds[0].Value.Value(); err != nil || m.PDU.Varbinds[0].Name.Compare(message.SysUpTime) != 0 || v.Uint64() > uint64(before) {
			t.Errorf("%s = %d, sent at %d: %v", m.PDU.Varbinds[0].Name, v.Uint64(), before, err)
		}
	}
}

// counted is a notification with a variable that SNMPv1 has no type for.
type counted struct{}

var wide = &mib.Object{OID: mib.MustOID("1.3.6.1.4.1.32473.100.1"), Syntax: &mib.Syntax{Base: mib.Counter64}}

var countedType = &mib.NotificationType{Name: "counted", OID: mib.MustOID("1.3.6.1.4.1.32473.100.0.1")}

func (counted) Type() *mib.NotificationType { return countedType }

func (counted) Varbinds(dst []mib.Varbind) []mib.Varbind {
	return append(dst, mib.Varbind{Object: wide, Value: mib.Numeric(mib.Counter64, 1<<40)},
		mib.Varbind{Object: hoc.Objects.ClockState, Value: mib.Int(300)})
}

func TestCounter64HasNoPlaceInV1(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := config(t, r.addr())
	s := newSender(t, quick(), nil, c)
	s.emit(counted{})
	if m := r.must(); len(m.PDU.Varbinds) != 4 {
		t.Errorf("v2c has %d varbinds", len(m.PDU.Varbinds))
	}
	c.Version = message.V1
	s.configure(c)
	s.emit(counted{})
	if m := r.must(); m.PDU.Type != message.TrapV1 || len(m.PDU.Varbinds) != 1 {
		t.Errorf("v1: %s with %d varbinds", m.PDU.Type, len(m.PDU.Varbinds))
	}
}

func TestTooLong(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	s := newSender(t, quick(), nil, config(t, r.addr()))
	s.emit(sipep.GatewayStateChange{Name: "default", State: strings.Repeat("x", maxDatagram)})
	if d := s.awaitCounts(1, 0, 1, 0); !strings.Contains(d.LastError, "too big") {
		t.Errorf("last error %q", d.LastError)
	}
	s.emitUp(1)
	r.must()
	s.await(1, "it goes on", func(d snmp.TargetStatus) bool { return d.Sent == 1 && d.LastError == "" })
}
