package cert

import (
	"context"
	"fmt"
	"time"

	"mibgate/element/event"
	"mibgate/mib/cert"
)

// The messages of the service.
const (
	MsgExpiring = 100
	MsgExpired  = 110
	MsgRenewed  = 120
)

const (
	conditionExpiry = "certificate expiry"
	day             = 24 * time.Hour
)

// warnings are how long before the end a certificate is told of, longest first.
var warnings = []struct {
	left     time.Duration
	severity event.Severity
}{
	{30 * day, event.Warning},
	{7 * day, event.Warning},
	{1 * day, event.Error},
}

// stage counts the warnings that are due; one beyond them is expired.
type stage int

// notice is what was told last of one certificate.
type notice struct {
	stage stage
	until time.Time
}

// watch looks at the dates when the configuration or the clock changes, and when
// the next warning is due, daily at least.
func (s *Service) watch(ctx context.Context) {
	timer := time.NewTimer(day)
	defer timer.Stop()
	for {
		changed := s.clock.Changed()
		timer.Reset(s.check())
		select {
		case <-ctx.Done():
			return
		case <-s.kick:
		case <-changed:
		case <-timer.C:
		}
	}
}

// check tells what has become due and returns when to look again.
func (s *Service) check() time.Duration {
	cfg, now := cert.Of(s.store.Current()), s.clock.Now()
	wait, seen := day, map[string]bool{}
	look := func(resource string, row event.Row, p *parsed) {
		if p.err != nil {
			return
		}
		seen[resource] = true
		s.judge(resource, &row, p.until, now)
		wait = min(wait, untilNext(p.until, now))
	}
	for row := range cfg.HostCertificatesInfo.Active() {
		look("host certificate "+row.FileName,
			event.Row{Object: cert.Objects.HostCertificatesInfoFileName, Key: cert.HostCertificatesInfoKey(row.FileName)}, s.parsed.host(row.Certificate, row.PrivateKey))
	}
	for row := range cfg.OthersCertificatesInfo.Active() {
		look("other certificate "+row.FileName,
			event.Row{Object: cert.Objects.OthersCertificatesInfoFileName, Key: cert.OthersCertificatesInfoKey(row.FileName)}, s.parsed.other(row.Certificate))
	}
	for resource := range s.stages {
		if !seen[resource] {
			delete(s.stages, resource)
		}
	}
	s.bus.ClearAll(cert.Module, func(resource string) bool { return seen[resource] })
	return wait
}

// judge tells of one certificate when it has come closer to its end, or got away
// from it.
func (s *Service) judge(resource string, row *event.Row, until, now time.Time) {
	n := notice{stageAt(until, now), until}
	before := s.stages[resource]
	if n.stage == before.stage && (n.stage == 0 || n.until.Equal(before.until)) {
		return
	}
	s.stages[resource] = n
	e := event.Event{
		Module: cert.Module, ID: MsgRenewed, Severity: event.Info,
		Text:  fmt.Sprintf("%s is valid until %s", resource, s.clock.Local(until).Format(time.RFC3339)),
		Alarm: event.Alarm{Resource: resource, Condition: conditionExpiry, Raised: n.stage > 0, Row: row},
	}
	switch {
	case int(n.stage) > len(warnings):
		e.ID, e.Severity = MsgExpired, event.Error
		e.Text = fmt.Sprintf("%s has expired at %s", resource, s.clock.Local(until).Format(time.RFC3339))
	case n.stage > 0:
		e.ID, e.Severity = MsgExpiring, warnings[n.stage-1].severity
		e.Text = fmt.Sprintf("%s expires within %s, at %s", resource, days(until.Sub(now)), s.clock.Local(until).Format(time.RFC3339))
	}
	s.bus.Emit(e)
}

// days rounds up.
func days(left time.Duration) string {
	if left <= day {
		return "a day"
	}
	return fmt.Sprintf("%d days", (left+day-1)/day)
}

func stageAt(until, now time.Time) stage {
	var n stage
	for _, w := range warnings {
		if until.Sub(now) <= w.left {
			n++
		}
	}
	if now.After(until) {
		n++
	}
	return n
}

// untilNext is how long it takes until stageAt changes; a day when it does not.
func untilNext(until, now time.Time) time.Duration {
	left := until.Sub(now)
	for _, w := range warnings {
		if left > w.left {
			return left - w.left
		}
	}
	if left >= 0 {
		return left + time.Second // valid until the very second (RFC 5280 §4.1.2.5)
	}
	return day
}
