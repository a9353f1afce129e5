package sipep

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mibgate/mib/sipep"
	"mibgate/testdata/kamailio"
	"mibgate/testdata/testcert"
)

// TestKamailioMainJob is the main job against a real server.
func TestKamailioMainJob(t *testing.T) {
	for _, sha256 := range []bool{false, true} {
		t.Run(fmt.Sprintf("sha256=%v", sha256), func(t *testing.T) {
			f := prepare(t)
			server := kamailio.Start(t, kamailio.Options{SHA256: sha256, Leaf: testcert.Leaf{DNS: []string{"other.example.test"}}})
			f.setup(append(append(tlsSetup(server.TLS), userSetup(1, "100")...), userSetup(2, "101")...)...)
			f.setup(trust(server.CA))
			began := time.Now()
			f.run()
			if took := time.Since(began); took > 300*time.Millisecond {
				t.Errorf("Start took %v", took)
			}
			f.Await(linkState, "Up")
			f.Await(regState, "Registered")
			f.Await(`SipEp.RegistrationStatus[Index=2].State`, "Registered")
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("registered after %v", took)
			}
			up := f.notified(sipep.Notifications.TlsLinkUp).Notification.(sipep.TlsLinkUp)
			if up.RemoteHostIpAddr != "127.0.0.1" || up.RemoteHost != server.TLS.String() || fmt.Sprint(up.LocalPort) != f.Get("SipEp.TransportPersistentBasePort") {
				t.Errorf("%+v", up)
			}
			if log := server.Log(); !strings.Contains(log, fmt.Sprintf("<sip:100@127.0.0.1:%d;transport=tls>;q=0.7", up.LocalPort)) {
				t.Errorf("no Contact of the link in\n%s", log)
			}
		})
	}
}
