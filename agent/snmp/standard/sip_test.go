package standard

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/service"
	sipservice "mibgate/element/sipep"
	"mibgate/element/siptx"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/networkservices"
	"mibgate/mib/sipcommon"
	"mibgate/mib/sipep"
	"mibgate/mib/sipuamib"
	"mibgate/mib/tc"
	"mibgate/testdata/testelement"
)

// fakeStatus is a SIP endpoint with the rows of a test.
type fakeStatus struct {
	sipep.Status
	gateways mib.Sorted[sipep.GatewayStatusRow]
}

func (f fakeStatus) SeekGatewayStatus(key mib.Key, inclusive bool) sipep.GatewayStatusRow {
	row, _ := f.gateways.Seek(key, inclusive)
	return row
}

func (f fakeStatus) NeedRestartInfo() sipep.NeedRestartInfo { return sipep.NeedRestartInfoNo }
func (f fakeStatus) SipMessagesReceived() uint32            { return 0 }
func (f fakeStatus) SipMessagesMalformed() uint32           { return 0 }

// TestServers: those that are configured are listed, in both roles when they
// have both, and keep their numbers.
func TestServers(t *testing.T) {
	s := sip{newTables(t)}
	cfg := sipep.NewConfig()
	cfg.AddGateway(1, sipep.NewGatewayRow("a"))
	cfg.AddGateway(1, sipep.NewGatewayRow("b"))
	cfg.DefaultStaticProxyHomeDomainHost, cfg.DefaultStaticProxyOutboundHost = "sip.example.test:5061", "[2001:db8::1]:5061"
	cfg.DefaultStaticRegistrarServerHost = "sip.example.test"
	special := sipep.NewGwSpecificRegistrationRow("b")
	special.EnableConfig, special.ServerHost = true, "192.0.2.9"
	cfg.AddGwSpecificRegistration(1, special)
	listed := func() (out []string) {
		for _, row := range s.serverRows(cfg) {
			out = append(out, fmt.Sprintf("%d %d %x %d", row.Index(), row.AddressType(), row.Address(), row.Role()[0]))
		}
		return out
	}
	four, name := fmt.Sprintf("%d %x %d", tc.InetAddressTypeIpv4, "\xc0\x00\x02\x09", roleRegistrar), fmt.Sprintf("%d %x ", tc.InetAddressTypeDns, "sip.example.test")
	six := fmt.Sprintf("%d %x %d", tc.InetAddressTypeIpv6, string(netip.MustParseAddr("2001:db8::1").AsSlice()), roleProxy)
	if got, want := listed(), []string{"1 " + four, "2 " + six, "3 " + name + fmt.Sprint(roleProxy|roleRegistrar)}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	special.EnableConfig = false
	cfg.DefaultStaticRegistrarServerHost = "0.0.0.0"
	cfg.DefaultStaticProxyOutboundHost = "192.0.2.1"
	if got, want := listed(), []string{"3 " + name + fmt.Sprint(roleProxy), fmt.Sprintf("4 %d %x %d", tc.InetAddressTypeIpv4, "\xc0\x00\x02\x01", roleProxy)}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSIPStats(t *testing.T) {
	stats := buildSIPStats(&sipservice.Activity{
		Messages: siptx.TallyReport{
			Totals:  siptx.Totals{InRequests: 5, OutResponses: 4, Transactions: 3, UnsupportedMethods: 2, UnsupportedURIs: 1},
			Methods: map[string]siptx.MethodCount{"INVITE": {In: 5, FinalRetries: 7, OtherRetries: 8}, "BYE": {Out: 6, Retries: 9}},
			Codes:   map[siptx.Code]siptx.CodeCount{{Method: "INVITE", Status: 480}: {Out: 4}, {Method: "INVITE", Status: 100}: {In: 1}},
		},
		Transactions: 2, Discarded: 10, Methods: []string{"BYE", "INVITE"},
	})
	total, _ := stats.summary.Seek(nil, true)
	other, _ := stats.other.Seek(nil, true)
	now, _ := stats.now.Seek(nil, true)
	if total.SipCommonSummaryInRequests() != 5 || total.SipCommonSummaryOutResponses() != 4 || total.SipCommonSummaryTotalTransactions() != 3 || now.Actions() != 2 {
		t.Errorf("%+v, %+v", total, now)
	}
	if other.NumUnsupportedMethods() != 2 || other.NumUnsupportedUris() != 1 || other.OtherwiseDiscardedMsgs() != 10 {
		t.Errorf("%+v", other)
	}
	invite, _ := stats.method.Seek(sipcommon.SipCommonMethodStatsKey(endpoint, "INVITE"), true)
	again, _ := stats.retry.Seek(sipcommon.SipCommonStatsRetryKey(endpoint, "INVITE"), true)
	if stats.method.Len() != 2 || invite.Inbounds() != 5 || again.FinalResponses() != 7 || again.NonFinalResponses() != 8 || again.SipCommonStatsRetries() != 0 {
		t.Errorf("%+v, %+v", invite, again)
	}
	code, _ := stats.code.Seek(sipcommon.SipCommonStatusCodeKey(endpoint, "INVITE", 480), true)
	if stats.code.Len() != 2 || code.Outs() != 4 || code.Ins() != 0 {
		t.Errorf("%+v", code)
	}
	method, _ := stats.methods.Seek(sipcommon.SipCommonMethodSupportedKey(endpoint, 5), true)
	if stats.methods.Len() != 2 || method.Name() != "INVITE" {
		t.Errorf("%+v", method)
	}
}

func TestPorts(t *testing.T) {
	cfg := sipep.NewConfig()
	for _, g := range []struct {
		name          string
		udp, tcp, tls bool
	}{{"a", true, true, false}, {"b", true, false, true}, {"c", false, false, true}} {
		row := sipep.NewTransportConfigRow(g.name)
		row.UdpEnable, row.TcpEnable, row.TlsEnable = g.udp, g.tcp, g.tls
		cfg.AddTransportConfig(1, row)
	}
	f := fakeStatus{gateways: mib.NewSorted([]sipep.GatewayStatusRow{
		sipep.NewGatewayStatusRow("a", "Lan1", 5060, 0, "", ""),
		sipep.NewGatewayStatusRow("b", "Loop", 5060, 5061, "", ""),
		sipep.NewGatewayStatusRow("c", "Loop", 0, 0, "", "Network down"),
		sipep.NewGatewayStatusRow("z", "Loop", 7, 7, "", "without configuration"),
	}, sipep.CompareGatewayStatus)}
	rows := portRows(f, cfg)
	if len(rows) != 2 || rows[0].SipCommonPort() != 5060 || rows[0].TransportRcv() != "\x60" || rows[1].SipCommonPort() != 5061 || rows[1].TransportRcv() != "\x08" {
		t.Errorf("%+v", rows)
	}
}

// fakeEndpoint is the service SipEp without SIP.
type fakeEndpoint struct {
	store.NoChange
	service.Service
}

func (fakeEndpoint) Module() *mib.Module                   { return sipep.Module }
func (fakeEndpoint) Status() any                           { return fakeStatus{} }
func (fakeEndpoint) Commands() any                         { return nil }
func (fakeEndpoint) NeedRestart(_, _ *store.Snapshot) bool { return false }
func (f fakeEndpoint) Normalize(c *store.Candidate)        { f.NoChange.Normalize(c) }
func (f fakeEndpoint) Validate(c mib.Configs) error        { return f.NoChange.Validate(c) }
func (f fakeEndpoint) Prepare(o, n *store.Snapshot) (store.Change, error) {
	return f.NoChange.Prepare(o, n)
}

func TestServiceOfSIP(t *testing.T) {
	el := testelement.New(t, element.Options{})
	el.Start()
	without := sip{New(el.Element, product)}
	if row := without.SeekAppl(nil, true); row != nil {
		t.Errorf("without the service there is %+v", row)
	}
	el2 := testelement.New(t, element.Options{})
	el2.Services.Add(fakeEndpoint{}, service.User)
	if err := el2.Store.Start(el2.Services, el2.Services.Participants()...); err != nil {
		t.Fatal(err)
	}
	s := sip{New(el2.Element, product)}
	row := s.SeekAppl(networkservices.ApplKey(endpoint), true)
	if row == nil || row.Name() != "SipEp" || row.OperStatus() != networkservices.ApplOperStatusHalted || row.Uptime() != 0 || row.LastChange() != 0 || row.Description() == "" {
		t.Errorf("a service that never ran is %+v", row)
	}
	config := s.SeekSipCommonCfg(nil, true)
	if config.ProtocolVersion() != "SIP/2.0" || config.EntityType() != "\x40" || config.ServiceOperStatus() != sipcommon.SipCommonCfgServiceOperStatusDown {
		t.Errorf("%+v", config)
	}
	if row := s.SeekSipUACfgServer(sipuamib.SipUACfgServerKey(endpoint, 1), true); row != nil {
		t.Errorf("a server out of nowhere: %+v", row)
	}
	if up := s.upTimeAt(s.t.begun.Add(1500 * time.Millisecond)); up != 150 {
		t.Errorf("up time %d", up)
	}
	if up := s.upTimeAt(s.t.begun.Add(-time.Hour)); up != 0 {
		t.Errorf("up time before the start %d", up)
	}
}

// readiness is a status that tells of gateways.
type readiness struct {
	fakeStatus
	ready bool
	since time.Time
}

func (r readiness) Operating() (bool, time.Time) { return r.ready, r.since }

func TestOperation(t *testing.T) {
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	tests := []struct {
		name   string
		info   service.Info
		status readiness
		want   service.State
		since  time.Time
	}{
		{"ready", service.Info{State: service.Started, Since: early}, readiness{ready: true, since: late}, service.Started, late},
		{"no gateway is ready", service.Info{State: service.Started, Since: early}, readiness{since: late}, service.NotResponding, late},
		{"never was", service.Info{State: service.Started, Since: late}, readiness{}, service.NotResponding, late},
		{"stopped since", service.Info{State: service.Stopped, Since: late}, readiness{ready: true, since: early}, service.Stopped, late},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, since := operation(tt.info, tt.status); got != tt.want || since != tt.since {
				t.Errorf("%v since %v", got, since)
			}
		})
	}
}

func TestRecent(t *testing.T) {
	var r recent[int]
	n := 0
	read := func() int { n++; return n }
	for i, got := range []int{r.get(time.Hour, read), r.get(time.Hour, read), r.get(0, read)} {
		if want := []int{1, 1, 2}[i]; got != want {
			t.Errorf("reading %d is %d", i, got)
		}
	}
}
