package nlm

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mibgate/element/event"
	"mibgate/element/syslog"
)

// maxText is the SIZE of the columns that hold a text.
const maxText = 1024

// run logs the events of sink until it is closed.
func (s *Service) run(sink *event.Sink, sender *syslog.Sender, done chan<- struct{}) {
	defer close(done)
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		select {
		case e, ok := <-sink.Events():
			if !ok {
				return
			}
			if s.passes(e) {
				s.tell(e, sender)
			}
		case <-look.C:
			s.refresh()
		}
	}
}

// passes reports whether the threshold of its service lets an event through.
func (s *Service) passes(e event.Event) bool {
	object := s.thresholds[e.Module]
	if object == nil {
		return e.Severity.Passes(event.Warning)
	}
	v := object.Read(s.store.Current().Config(e.Module), nil)
	return e.Severity.Passes(event.Severity(v.Num)) //nolint:gosec // one of the labels
}

func (s *Service) tell(e event.Event, sender *syslog.Sender) {
	s.log.add(e)
	s.options.Log.LogAttrs(context.Background(), Level(e.Severity), e.Text, slog.String("service", e.Module.Service), slog.Uint64("id", uint64(e.ID)))
	sender.Enqueue(syslog.Message{
		Time: s.options.Local(e.At), Severity: syslog.Severity(e.Severity),
		ServiceID: e.Module.ServiceID, ServiceKey: e.Module.Service, Service: serviceName(e.Module.Service),
		ID: e.ID, Text: e.Text,
	})
}

// Level is the level of package slog for a severity; critical is above error.
func Level(s event.Severity) slog.Level {
	switch {
	case s >= event.Critical:
		return slog.LevelError + 4
	case s >= event.Error:
		return slog.LevelError
	case s >= event.Warning:
		return slog.LevelWarn
	case s >= event.Info:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// names are the services' names for people, the macro servicename.
var names = map[string]string{
	"Scm":   "Service controller",
	"Hoc":   "Host configuration",
	"Snmp":  "SNMP agent",
	"Nlm":   "Notifications and logging",
	"Aaa":   "Accounts",
	"Dcm":   "Unit",
	"SipEp": "SIP endpoint",
	"Cert":  "Certificates",
}

// serviceName is the text key where a service has no name.
func serviceName(key string) string {
	if name, ok := names[key]; ok {
		return name
	}
	return key
}

// display makes the text of an event a DisplayText: one line of at most n octets.
func display(s string, n int) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// withoutZeroPort drops the port 0, which stands for the default one.
func withoutZeroPort(host string) string {
	if h, port, err := net.SplitHostPort(host); err == nil && port == "0" {
		if strings.Contains(h, ":") {
			return "[" + h + "]"
		}
		return h
	}
	return host
}
