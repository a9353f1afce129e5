package kamailio

import (
	"net"
	"strings"
	"testing"
	"time"
)

func TestServerAnswersAndComesBack(t *testing.T) {
	s := Start(t, Options{})
	for _, how := range []func(){s.Kill, s.Stop} {
		if got := string(s.Exchange(Request("OPTIONS", "nobody"), 5*time.Second)); !strings.HasPrefix(got, "SIP/2.0 404 ") {
			t.Fatalf("answer %q", got)
		}
		how()
		if c, err := net.Dial("tcp", s.TLS.String()); err == nil {
			c.Close()
			t.Error("the port is still open")
		}
		began := time.Now()
		s.Run()
		t.Logf("ready after %v", time.Since(began))
	}
}
