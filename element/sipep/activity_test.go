package sipep

import (
	"net"
	"slices"
	"testing"
	"time"

	"mibgate/mib/sipep"
	"mibgate/testdata/testwait"
)

// TestActivity: a connection of others counts as long as it is open, and in the
// sum for ever; what requests may be is told while a gateway is up.
func TestActivity(t *testing.T) {
	f := prepare(t)
	f.setup(`SipEp.TransportConfig[GatewayName="default"].TcpEnable="Enable"`)
	f.run()
	activity := func() Activity { return f.sip.Status().(status).Activity() }
	if a := activity(); !slices.Equal(a.Methods, []string{"ACK", "BYE", "CANCEL", "INVITE"}) || a.Inbound != (Associations{}) || a.Outbound != (Associations{}) {
		t.Errorf("%+v", a)
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", f.Get(`SipEp.GatewayStatus[Name="default"].Port`)))
	if err != nil {
		t.Fatal(err)
	}
	testwait.Until(t, 5*time.Second, "the connection counts", func() bool { return activity().Inbound.Now == 1 })
	_, _ = conn.Write([]byte("this is no message\r\n\r\n")) // it is dropped, as nobody can be answered
	testwait.Until(t, 5*time.Second, "the message is dropped", func() bool { return activity().Discarded == 1 })
	conn.Close()
	testwait.Until(t, 5*time.Second, "the connection is closed", func() bool { return activity().Inbound.Now == 0 })
	f.Stop(sipep.Module)
	if a := activity(); a.Inbound.All != 1 || a.Inbound.Last.IsZero() || len(a.Methods) != 0 || a.Discarded != 1 {
		t.Errorf("after the stop %+v", a)
	}
}

func TestServers(t *testing.T) {
	cfg := sipep.NewConfig()
	cfg.AddGateway(1, sipep.NewGatewayRow("a"))
	cfg.DefaultStaticProxyHomeDomainHost, cfg.DefaultStaticProxyOutboundHost, cfg.DefaultStaticRegistrarServerHost = "home:5061", "0.0.0.0:0", "reg"
	registrars, proxies := Servers(cfg)
	if !slices.Equal(registrars, []string{"reg"}) || !slices.Equal(proxies, []string{"home:5061"}) {
		t.Errorf("%v, %v", registrars, proxies)
	}
}
