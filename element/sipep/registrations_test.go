package sipep

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
	"mibgate/element/siptx"
	"mibgate/mib/sipep"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

func TestRegisterOverTheLink(t *testing.T) {
	f, s := tlsFixture(t, `SipEp.InteropMaxForwardsValue=20`, `SipEp.DefaultRegistrationProposedExpirationValue=300`,
		`SipEp.InteropUaHeaderFormat="%product% %serial%/%mac% 100%%"`)
	s.answers(challenge("example.test", "100"))
	f.run()
	f.Await(regState, "Registered")
	first, second := s.next(), s.next()
	if first.header("Authorization") != "" || !strings.Contains(second.header("Authorization"), `realm="example.test"`) {
		t.Error("no answer to the challenge")
	}
	local := fmt.Sprintf("127.0.0.1:%s", f.Get("SipEp.TransportPersistentBasePort"))
	for name, want := range map[string]string{
		"Contact": "<sip:100@" + local + ";transport=tls>;q=0.7", "From": "<sip:100@example.test>", "To": "<sip:100@example.test>", "Expires": "300",
		"Max-Forwards": "20", "User-Agent": "mibgate 0815/020000000001 100%", "Via": "SIP/2.0/TLS " + local,
	} {
		if got := second.header(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := second.req.Recipient.String(); got != "sip:example.test" {
		t.Errorf("request URI %s", got)
	}
	ev := f.notified(sipep.Notifications.RegistrationStateChange)
	n := ev.Notification.(sipep.RegistrationStateChange)
	if n.Gateway != "default" || n.Username != "100" || n.Registrar != s.addr.String() || n.State != sipep.RegistrationStatusStateRegistered {
		t.Errorf("%+v", n)
	}
	if got := strings.Join(f.Column("SipEp.RegistrationStatus"), " "); got != fmt.Sprintf("1 default  Registered %s 100", s.addr) {
		t.Errorf("row %q", got)
	}
	select {
	case r := <-s.got:
		t.Errorf("registered again: %s", r.req.Short())
	default:
	}
}

// TestUnregisterAtStop: the binding is removed over the link, which waits for
// that, and the rows stay.
func TestUnregisterAtStop(t *testing.T) {
	f, s := tlsFixture(t)
	f.run()
	f.Await(regState, "Registered")
	s.next()
	f.drained()
	waiting := make(chan string, 1)
	s.answers(func(*siptx.ServerTx) bool {
		waiting <- f.Get(linkState)
		return false
	})
	f.Stop(sipep.Module)
	if r := s.next(); r.header("Expires") != "0" || !strings.Contains(r.header("Contact"), "sip:100@") {
		t.Errorf("at the end: %s", r.req.String())
	}
	if got := <-waiting; got != "WaitingShutdown" {
		t.Errorf("link is %s while the user unregisters", got)
	}
	for name, want := range map[string]string{linkState: "Down", regState: "Unregistered", gatewayState: stateRestarting} {
		if got := f.Get(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	var told []string
	for _, ev := range f.drained() {
		if ev.Notification != nil && ev.Module == sipep.Module {
			told = append(told, ev.Notification.Type().Name)
		}
	}
	if got := strings.Join(told, " "); got != "sipEpGatewayStateChange sipEpRegistrationStateChange sipEpTlsLinkDown" {
		t.Errorf("told %s", got)
	}
	s.answers(nil)
	f.Startup(sipep.Module)
	f.Await(regState, "Registered")
}

// TestUsersComeAndGoLive: nothing is restarted for them.
func TestUsersComeAndGoLive(t *testing.T) {
	f, s := tlsFixture(t)
	f.run()
	f.Await(regState, "Registered")
	f.setup(`SipEp.UnitRegistrations[Index=2].Username="101"`, `SipEp.UnitRegistrations[Index=3].Username="102"`)
	f.awaitColumn("SipEp.RegistrationStatus.State", "Registered Registered Registered")
	f.setup(`SipEp.UnitRegistrations[Index=2].Delete=10`)
	f.awaitColumn("SipEp.RegistrationStatus.Username", "100 102")
	f.setup(`SipEp.UnitRegistrations[Index=3].RowStatus="NotInService"`)
	f.awaitColumn("SipEp.RegistrationStatus.Username", "100")
	f.setup(`SipEp.InteropRegisterHomeDomainOverride="other.test"`)
	f.awaitColumn("SipEp.RegistrationStatus.Index", "4")
	f.awaitColumn("SipEp.RegistrationStatus.State", "Registered")
	if got := f.Get("SipEp.NeedRestartInfo"); got != "No" {
		t.Errorf("NeedRestartInfo %s", got)
	}
	ended := map[string]string{} // by user, the domain
	for len(ended) < 3 {
		r := s.next()
		if r.header("Expires") == "0" {
			ended[r.req.To().Address.User] = r.req.To().Address.Host
		}
	}
	if want := "map[100:example.test 101:example.test 102:example.test]"; fmt.Sprint(ended) != want {
		t.Errorf("unregistered %v, want %s", ended, want)
	}
	if f.Get("SipEp.TlsPersistentConnectionStatus[Index=1].UpCount") != "1" {
		t.Error("the link was cut")
	}
}

// TestCredentialsLive: a user who was refused tries again with new credentials.
func TestCredentialsLive(t *testing.T) {
	f, s := tlsFixture(t, `SipEp.Authentication[Index=1].Delete=10`)
	s.answers(challenge("example.test", "login"))
	f.run()
	f.Await(regState, "AuthFailed")
	n := f.notified(sipep.Notifications.RegistrationStateChange).Notification.(sipep.RegistrationStateChange)
	if n.State != sipep.RegistrationStatusStateAuthFailed {
		t.Errorf("%+v", n)
	}
	f.awaitAlarms(1)
	f.setup(`SipEp.Authentication[Index=1].Realm="example.test"`, `SipEp.Authentication[Index=1].Username="login"`, `SipEp.Authentication[Index=1].Password="secret"`)
	f.Await(regState, "Registered")
	f.awaitAlarms(0)
}

func TestRefusals(t *testing.T) {
	f, s := tlsFixture(t, `SipEp.DefaultRegistrationRetryTime=1`)
	s.answers(func(tx *siptx.ServerTx) bool { return tx.Reply(403, "Forbidden") == nil })
	f.run()
	f.Await(regState, "Rejected")
	ev := f.notified(sipep.Notifications.RegistrationStateChange)
	if !strings.Contains(ev.Text, "403") {
		t.Errorf("%q", ev.Text)
	}
	for range 2 { // the same again is no news
		s.next()
	}
	s.answers(func(tx *siptx.ServerTx) bool { return tx.Reply(200, "OK") == nil })
	n := f.notified(sipep.Notifications.RegistrationStateChange).Notification.(sipep.RegistrationStateChange)
	if n.State != sipep.RegistrationStatusStateInvalidResponse {
		t.Errorf("%+v", n)
	}
	s.answers(nil)
	f.Await(regState, "Registered")
}

// TestTimesLive: the times of a gateway win when its row says so, and are taken
// with the next answer.
func TestTimesLive(t *testing.T) {
	f, s := tlsFixture(t)
	f.run()
	f.Await(regState, "Registered")
	s.next()
	f.setup(
		`SipEp.GwSpecificRegistration[GatewayName="default"].ProposedExpirationValue=600`,
		`SipEp.GwSpecificRegistration[GatewayName="default"].ServerHost="`+s.addr.String()+`"`,
		`SipEp.GwSpecificRegistration[GatewayName="default"].EnableConfig="Enable"`,
	)
	if got := f.Get("SipEp.NeedRestartInfo"); got != "No" {
		t.Errorf("NeedRestartInfo %s", got)
	}
	testwait.Until(t, testelement.Patience, "the times are taken", func() bool {
		s.restartLink(f)
		return s.next().header("Expires") == "600"
	})
}

// restartLink makes the unit register anew.
func (s *registrar) restartLink(f *fixture) {
	s.t.Helper()
	f.sip.run.gateways[0].core.each(func(reg *registration) { reg.Reregister() })
}

func TestWithoutRegistrar(t *testing.T) {
	f := prepare(t)
	f.setup(userSetup(1, "100")...)
	f.run()
	f.awaitColumn("SipEp.RegistrationStatus.State", "Unregistered")
	f.awaitAlarms(0)
}

func TestOutboundProxy(t *testing.T) {
	tests := []struct {
		kind, uri, route string
	}{
		{"LooseRouter", "sip:example.test", "<sip:%s;transport=tls;lr>"},
		{"StrictRouter", "sip:%s", "<sip:example.test>"},
		{"NoRouteHeader", "sip:example.test", ""},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			f, registrarOnly := tlsFixture(t, `SipEp.DefaultProxyOutboundType="`+tt.kind+`"`, `SipEp.InteropTlsCertificateValidation="NoValidation"`)
			proxy := newRegistrar(t, siptransport.TLS)
			f.setup(`SipEp.DefaultStaticProxyOutboundHost="` + proxy.addr.String() + `"`)
			f.run()
			r := proxy.next()
			fill := func(s string) string { return strings.ReplaceAll(s, "%s", proxy.addr.String()) }
			if got := r.req.Recipient.String(); got != fill(tt.uri) {
				t.Errorf("request URI %s, want %s", got, fill(tt.uri))
			}
			if got := r.header("Route"); got != fill(tt.route) {
				t.Errorf("Route %s, want %s", got, fill(tt.route))
			}
			f.Await(`SipEp.TlsPersistentConnectionStatus[Index=2].State`, "Up")
			f.Await(linkState, "Up")
			f.Await(regState, "Registered")
			select {
			case r := <-registrarOnly.got:
				t.Errorf("past the proxy: %s", r.req.Short())
			default:
			}
		})
	}
}

func TestFits(t *testing.T) {
	tests := []struct {
		name string
		row  sipep.AuthenticationRow
		want bool
	}{
		{"unit, any realm", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionUnit}, true},
		{"unit, realm", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionUnit, ValidateRealm: true, Realm: "r"}, true},
		{"unit, another realm", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionUnit, ValidateRealm: true, Realm: "x"}, false},
		{"another realm that does not matter", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionUnit, Realm: "x"}, true},
		{"gateway", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionGateway, GatewayName: "g"}, true},
		{"another gateway", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionGateway, GatewayName: "x"}, false},
		{"user", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionUsername, UsernameCriteria: "u"}, true},
		{"another user", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionUsername, UsernameCriteria: "x"}, false},
		{"endpoint", sipep.AuthenticationRow{CriteriaSelection: sipep.AuthenticationCriteriaSelectionEndpoint}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fits(&tt.row, "g", "u", "r"); got != tt.want {
				t.Errorf("%v", got)
			}
		})
	}
}

// TestFirstRowThatFits: rows are tried in their order; an empty user name stands
// for the user of the address of record.
func TestFirstRowThatFits(t *testing.T) {
	f := prepare(t)
	f.setup(
		`SipEp.Authentication[Index=1].Realm="other"`, `SipEp.Authentication[Index=1].Username="wrong"`,
		`SipEp.Authentication[Index=2].CriteriaSelection="Username"`, `SipEp.Authentication[Index=2].UsernameCriteria="100"`,
		`SipEp.Authentication[Index=2].ValidateRealm="Disable"`, `SipEp.Authentication[Index=2].Password="second"`,
		`SipEp.Authentication[Index=3].ValidateRealm="Disable"`, `SipEp.Authentication[Index=3].Username="unit"`, `SipEp.Authentication[Index=3].Password="third"`,
	)
	p := newPlan(f.Store.Current())
	c := &core{g: &gateway{plan: &p.gateways[0]}, run: &run{o: &f.sip.o}}
	for user, want := range map[string]string{"100": "100 second true", "101": "unit third true"} {
		reg := &registration{want: want2(user), core: c}
		got, ok := reg.credentials("r")
		if s := fmt.Sprint(got.Username, " ", got.Password, " ", ok); s != want {
			t.Errorf("%s: %s, want %s", user, s, want)
		}
	}
	f.setup(`SipEp.Authentication[Index=3].RowStatus="NotInService"`)
	if _, ok := (&registration{want: want2("101"), core: c}).credentials("r"); ok {
		t.Error("a row that is not in service was used")
	}
}

func want2(user string) want { return want{user: user} }

// TestKeepAliveByOptions: over TLS the link asks, with a Contact as configured.
func TestKeepAliveByOptions(t *testing.T) {
	f, s := tlsFixture(t, `SipEp.SipKeepAliveMethod="SipOptions"`, `SipEp.SipKeepAliveInterval=1`)
	f.run()
	for {
		r := s.next()
		if r.req.Method != sip.OPTIONS {
			continue
		}
		if got := r.header("Contact"); !strings.HasSuffix(got, ";transport=tls>") {
			t.Errorf("Contact %s", got)
		}
		break
	}
}
