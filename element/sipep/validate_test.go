package sipep

import (
	"errors"
	"strings"
	"testing"

	"mibgate/mib"
)

func TestValidate(t *testing.T) {
	second := []string{`SipEp.Gateway[Name="second"].NetworkInterface="Loop"`}
	tests := []struct {
		name  string
		lines []string
		path  string // of the error; "" when it is accepted
		want  string // part of the error
	}{
		{"SSL 3", []string{`SipEp.TransportTlsVersion="SSLv3"`}, "SipEp.TransportTlsVersion", `value "SSLv3" is not safe`},
		{"TLS 1.3", []string{`SipEp.TransportTlsVersion="TLSv1_3"`}, "", ""},
		{"no priority", []string{`SipEp.TransportConfig[GatewayName="default"].UdpQValue=""`}, "", ""},
		{"priority", []string{`SipEp.TransportConfig[GatewayName="default"].UdpQValue="0.125"`}, "", ""},
		{"highest priority", []string{`SipEp.TransportConfig[GatewayName="default"].TcpQValue="1.000"`}, "", ""},
		{"priority 1.5", []string{`SipEp.TransportConfig[GatewayName="default"].TlsQValue="1.5"`}, `SipEp.TransportConfig[GatewayName="default"].TlsQValue`, "from 0 to 1"},
		{"priority .5", []string{`SipEp.TransportConfig[GatewayName="default"].UdpQValue=".5"`}, `SipEp.TransportConfig[GatewayName="default"].UdpQValue`, "from 0 to 1"},
		{"priority with a word", []string{`SipEp.TransportConfig[GatewayName="default"].TcpQValue="high"`}, `SipEp.TransportConfig[GatewayName="default"].TcpQValue`, `value "high"`},
		{"user of a gateway that is not there", []string{`SipEp.UnitRegistrations[Index=1].GatewayName="other"`}, `SipEp.UnitRegistrations[Index=1].GatewayName`, `value "other" is neither`},
		{"user of all", []string{`SipEp.UnitRegistrations[Index=1].GatewayName="all"`, `SipEp.UnitRegistrations[Index=1].Username="100"`}, "", ""},
		{"row with its defaults", []string{`SipEp.UnitRegistrations[Index=7].RowStatus="CreateAndGo"`}, "", ""},
		{"row that is not in service", []string{`SipEp.UnitRegistrations[Index=7].RowStatus="CreateAndWait"`, `SipEp.UnitRegistrations[Index=7].GatewayName="later"`}, "", ""},
		{"user twice", []string{
			`SipEp.UnitRegistrations[Index=1].Username="100"`, `SipEp.UnitRegistrations[Index=4].Username="100"`, `SipEp.UnitRegistrations[Index=4].GatewayName="default"`,
		}, `SipEp.UnitRegistrations[Index=4].Username`, "already, by row 1"},
		{"domain", []string{`SipEp.Gateway[Name="default"].Domain="sip.example.test"`}, "", ""},
		{"domain with port", []string{`SipEp.Gateway[Name="default"].Domain="example.test:5060"`}, `SipEp.Gateway[Name="default"].Domain`, "not a host name"},
		{"domain with a user", []string{`SipEp.InteropRegisterHomeDomainOverride="a@example.test"`}, "SipEp.InteropRegisterHomeDomainOverride", `value "a@example.test"`},
		{"interface of the host", []string{`SipEp.Gateway[Name="default"].NetworkInterface="eth7.100"`}, "", ""},
		{"every interface", []string{`SipEp.Gateway[Name="default"].NetworkInterface="All"`}, `SipEp.Gateway[Name="default"].NetworkInterface`, "one interface"},
		{"interface with a slash", []string{`SipEp.Gateway[Name="default"].NetworkInterface="a/b"`}, `SipEp.Gateway[Name="default"].NetworkInterface`, "one interface"},
		{"gateway named all", []string{`SipEp.Gateway[Name="all"].Port=5070`}, `SipEp.Gateway[Name="all"].Name`, "choose another name"},
		{"header", []string{`SipEp.InteropUaHeaderFormat="%product% 100%% %serial%"`}, "", ""},
		{"header with an unknown word", []string{`SipEp.InteropUaHeaderFormat="%password%"`}, "SipEp.InteropUaHeaderFormat", "begins none of"},
		{"header with an open end", []string{`SipEp.InteropUaHeaderFormat="a %"`}, "SipEp.InteropUaHeaderFormat", "begins none of"},
		{"two gateways on one port", append(second, `SipEp.Gateway[Name="default"].Port=0`), `SipEp.Gateway[Name="default"].Port`, "UDP port of gateway second"},
		{"two gateways on two interfaces", []string{`SipEp.Gateway[Name="second"].NetworkInterface="eth7"`, `SipEp.Gateway[Name="default"].Port=0`}, "", ""},
		{"loopback by two names", []string{`SipEp.Gateway[Name="second"].NetworkInterface="lo"`, `SipEp.Gateway[Name="default"].Port=0`}, `SipEp.Gateway[Name="default"].Port`, "on the same interface"},
		{"UDP here, TCP there", append(second, `SipEp.Gateway[Name="default"].Port=0`,
			`SipEp.TransportConfig[GatewayName="second"].UdpEnable="Disable"`, `SipEp.TransportConfig[GatewayName="second"].TcpEnable="Enable"`), "", ""},
		{"one secure port", append(second, `SipEp.Gateway[Name="default"].SecurePort=0`, `SipEp.TransportConfig[GatewayName="second"].TlsEnable="Enable"`),
			`SipEp.Gateway[Name="default"].SecurePort`, "TLS port of gateway second"},
		{"endpoint gateways choose", append(second, `SipEp.Gateway[Name="second"].Type="EndpointGateway"`, `SipEp.Gateway[Name="default"].Port=0`), "", ""},
		{"gateway that is not in service", []string{`SipEp.Gateway[Name="second"].RowStatus="CreateAndWait"`, `SipEp.Gateway[Name="second"].NetworkInterface="Loop"`, `SipEp.Gateway[Name="default"].Port=0`}, "", ""},
		{"secure port among the ports of links", []string{
			`SipEp.TransportPersistentBasePort=7000`, `SipEp.TransportPersistentPortInterval=100`, `SipEp.Gateway[Name="default"].SecurePort=7100`,
			`SipEp.DefaultStaticRegistrarServerHost="192.0.2.1"`, `SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"`,
		}, `SipEp.Gateway[Name="default"].SecurePort`, "7000 to 7100"},
		{"secure port beside them", []string{
			`SipEp.TransportPersistentBasePort=7000`, `SipEp.Gateway[Name="default"].SecurePort=7001`,
			`SipEp.DefaultStaticRegistrarServerHost="192.0.2.1"`, `SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"`,
		}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare(t)
			err := f.Set(tt.lines...)
			var e *mib.Error
			switch {
			case tt.path == "" && err != nil:
				t.Fatal(err)
			case tt.path == "":
				return
			case !errors.As(err, &e):
				t.Fatalf("accepted: %v", err)
			}
			if e.Path != tt.path || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v\nwant %s: … %s", err, tt.path, tt.want)
			}
			if e.Kind != mib.ErrWrongValue && e.Kind != mib.ErrInconsistent {
				t.Errorf("kind %v", e.Kind)
			}
		})
	}
}

// TestGatewayRowsComeAndGo: the tables with a row per gateway follow it.
func TestGatewayRowsComeAndGo(t *testing.T) {
	f := prepare(t)
	tables := []string{"SipEp.TransportConfig.GatewayName", "SipEp.GwSpecificProxy.GatewayName", "SipEp.GwSpecificRegistration.GatewayName"}
	check := func(want string) {
		t.Helper()
		for _, name := range tables {
			if got := strings.Join(f.Column(name), " "); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
	check("default")
	f.MustSet(`SipEp.Gateway[Name="trunk2"].Port=5070`)
	check("trunk2 default")
	f.MustSet(`SipEp.UnitRegistrations[Index=1].GatewayName="trunk2"`)
	if err := f.Set(`SipEp.Gateway[Name="trunk2"].Delete=10`); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("a gateway that a user is registered by was deleted: %v", err)
	}
	f.MustSet(`SipEp.UnitRegistrations[Index=1].Delete=10`)
	f.MustSet(`SipEp.Gateway[Name="trunk2"].Delete=10`)
	check("default")
}
