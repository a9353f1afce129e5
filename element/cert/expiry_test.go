package cert

import (
	"strings"
	"testing"
	"time"

	"mibgate/element/event"
	"mibgate/mib/cert"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

func TestStages(t *testing.T) {
	end := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		left time.Duration
		want stage
		next time.Duration
	}{
		{"far", 40 * day, 0, 10 * day},
		{"thirty days", 30 * day, 1, 23 * day},
		{"within thirty", 8 * day, 1, day},
		{"seven", 7 * day, 2, 6 * day},
		{"one", day, 3, day + time.Second},
		{"last second", 0, 3, time.Second},
		{"over", -time.Second, 4, day},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := end.Add(-tt.left)
			if got := stageAt(end, now); got != tt.want {
				t.Errorf("stage %d, want %d", got, tt.want)
			}
			if got := untilNext(end, now); got != tt.next {
				t.Errorf("next look in %v, want %v", got, tt.next)
			}
		})
	}
}

func TestExpiryIsTold(t *testing.T) {
	f := start(t)
	end := f.clock.Now().Add(40 * day)
	f.MustSet(host("gw", f.issue(testcert.Leaf{NotAfter: end}))...)
	steps := []struct {
		left     time.Duration
		id       uint32
		severity event.Severity
		text     string
	}{
		{29*day + time.Hour, MsgExpiring, event.Warning, "within 30 days"},
		{6*day + time.Hour, MsgExpiring, event.Warning, "within 7 days"},
		{time.Hour, MsgExpiring, event.Error, "within a day"},
		{-time.Hour, MsgExpired, event.Error, "has expired"},
	}
	for _, step := range steps {
		f.clock.set(end.Add(-step.left))
		e := testwait.Recv(t, testelement.Patience, step.text, f.sink.Events())
		if e.ID != step.id || e.Severity != step.severity || !strings.Contains(e.Text, step.text) || !strings.Contains(e.Text, `host certificate gw`) {
			t.Errorf("with %v left: %d %v %q", step.left, e.ID, e.Severity, e.Text)
		}
		alarms := f.Bus.Active()
		if len(alarms) != 1 || alarms[0].Index != 1 || alarms[0].Severity != step.severity {
			t.Errorf("with %v left: alarms %+v", step.left, alarms)
		}
	}
	// Nothing new is nothing to tell: the next event is that of the renewal.
	f.clock.set(end.Add(2 * time.Hour))
	f.MustSet(host("gw", f.issue(testcert.Leaf{NotAfter: end.Add(400 * day)}))...)
	if e := testwait.Recv(t, testelement.Patience, "renewal", f.sink.Events()); e.ID != MsgRenewed {
		t.Errorf("after the renewal: %d %q", e.ID, e.Text)
	}
	if alarms := f.Bus.Active(); len(alarms) != 0 {
		t.Errorf("alarms after the renewal: %+v", alarms)
	}
}

func TestDeletedCertificateClearsItsAlarm(t *testing.T) {
	f := start(t)
	f.MustSet(other("ca", f.issue(testcert.Expired(testcert.Leaf{})).CertPEM))
	f.AwaitEvent(f.sink, MsgExpired)
	f.MustSet(`Cert.OthersCertificatesInfo[FileName="ca"].Delete=10`)
	testwait.Until(t, testelement.Patience, "no alarm is active", func() bool { return len(f.Bus.Active()) == 0 })
}

// TestRestartTellsAgain: what is wrong is told at every start, and the alarm
// stays the same one.
func TestRestartTellsAgain(t *testing.T) {
	f := start(t)
	f.MustSet(other("ca", f.issue(testcert.Expired(testcert.Leaf{})).CertPEM))
	f.AwaitEvent(f.sink, MsgExpired)
	f.Restart(cert.Module)
	f.AwaitEvent(f.sink, MsgExpired)
	if alarms := f.Bus.Active(); len(alarms) != 1 || alarms[0].Index != 1 {
		t.Errorf("alarms %+v", alarms)
	}
}

// TestChainsWeakestLink: the intermediate that ends first is what is told.
func TestChainsWeakestLink(t *testing.T) {
	f := start(t)
	short := f.issue(testcert.Leaf{NotAfter: f.clock.Now().Add(5 * day)})
	f.MustSet(other("chain", append(append([]byte{}, f.ca.CertPEM...), short.CertPEM...)))
	if e := f.AwaitEvent(f.sink, MsgExpiring); !strings.Contains(e.Text, "within 5 days") {
		t.Errorf("told is %q", e.Text)
	}
}
