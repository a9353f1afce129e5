package nlm

import (
	"sort"
	"time"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/nlm"
)

var _ nlm.Status = status{}

type status struct{ s *Service }

func (st status) NeedRestartInfo() nlm.NeedRestartInfo { return nlm.NeedRestartInfoNo }

func (st status) LocalLogMaxNbEntries() uint32 { return MaxEntries }

func (st status) LocalLogNbErrorEntries() uint32 { return st.s.log.count(event.Error) }

func (st status) LocalLogNbCriticalEntries() uint32 { return st.s.log.count(event.Critical) }

// SyslogSent counts modulo 2^32 (RFC 2578 §7.1.6).
func (st status) SyslogSent() uint32 {
	st.s.mu.Lock()
	defer st.s.mu.Unlock()
	n := st.s.past.Sent
	if st.s.sender != nil {
		n += st.s.sender.Stats().Sent
	}
	return uint32(n) //nolint:gosec // wraps as a counter does
}

func (st status) SyslogDropped() uint32 {
	st.s.mu.Lock()
	defer st.s.mu.Unlock()
	n := st.s.past.Dropped + st.s.dropped
	if st.s.sender != nil {
		n += st.s.sender.Stats().Dropped
	}
	if st.s.sink != nil {
		n += st.s.sink.Dropped()
	}
	return uint32(n) //nolint:gosec // wraps as a counter does
}

func (st status) SeekLocalLogMessages(key mib.Key, inclusive bool) nlm.LocalLogMessagesRow {
	e := st.s.log.seek(from(key, inclusive))
	if e == nil {
		return nil
	}
	ev := e.event
	return nlm.NewLocalLogMessagesRow(e.index, st.s.dateTime(ev.At), ev.Module.ServiceID, ev.ID,
		nlm.LocalLogMessagesSeverity(ev.Severity), ev.Module.Service, ev.Text)
}

func (st status) SeekActiveAlarms(key mib.Key, inclusive bool) nlm.ActiveAlarmsRow {
	list, n := st.s.bus.Active(), from(key, inclusive)
	i := sort.Search(len(list), func(i int) bool { return uint64(list[i].Index) >= n })
	if i == len(list) {
		return nil
	}
	a := list[i]
	return nlm.NewActiveAlarmsRow(a.Index, a.Module.Service, display(a.Alarm.Resource, 255), display(a.Text, maxText),
		nlm.ActiveAlarmsSeverity(a.Severity), st.s.dateTime(a.At))
}

// dateTime is a DateTimeText in the time zone of the unit.
func (s *Service) dateTime(t time.Time) string { return s.options.Local(t).Format(time.RFC3339) }

// from is the least index that a seek in a table keyed by one number may find.
func from(key mib.Key, inclusive bool) uint64 {
	switch {
	case len(key) == 0 && inclusive:
		return 0
	case len(key) == 0:
		return 1 << 32
	case inclusive:
		return key[0].Uint64()
	}
	return key[0].Uint64() + 1
}
