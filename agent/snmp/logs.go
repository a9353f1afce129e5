package snmp

import (
	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/history"
	"mibgate/agent/snmp/vacm"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/notificationlog"
)

// logs are the logs of NOTIFICATION-LOG-MIB as a configuration has them.
type logs struct {
	snap *store.Snapshot
	list []history.Log
}

// logged is which notifications are logged where, also while we are stopped. It
// is the same slice while nothing of it changes.
func (s *Service) logged() []history.Log {
	snap, have := s.el.Store.Current(), s.logs.Load()
	switch {
	case have == nil:
	case have.snap == snap:
		return have.list
	case !admin.Changed(have.snap, snap):
		s.logs.Store(&logs{snap, have.list})
		return have.list
	}
	next := &logs{snap: snap}
	var policy *vacm.Policy
	for _, l := range s.admin.Logs(snap) {
		if l.Creator != nil && policy == nil {
			policy = s.admin.Policy(snap, contexts[:])
		}
		next.list = append(next.list, s.newLog(&l, policy))
	}
	s.logs.Store(next)
	return next.list
}

func (s *Service) newLog(l *admin.Log, p *vacm.Policy) history.Log {
	out := history.Log{Name: l.Name, Limit: l.Limit, Status: notificationlog.NlmConfigLogOperStatusOperational}
	switch {
	case !l.Enabled:
		out.Status = notificationlog.NlmConfigLogOperStatusDisabled
	case l.NoFilter:
		out.Status = notificationlog.NlmConfigLogOperStatusNoFilter
	}
	view := whole
	if c := l.Creator; c != nil {
		view = nil
		if r, err := p.Check(c.Model, c.Name, c.Level, ""); err == nil {
			view = r.Notify
		}
	}
	filter, filtered := l.Filter, l.Filtered
	out.Wants = func(n mib.Notification) bool {
		return Passes(view, filter, filtered, s.tree.Serve(n.Type().OID), func(yield func(mib.OID) bool) {
			for _, v := range n.Varbinds(nil) {
				if !yield(s.tree.AppendName(nil, v.Object, v.Key)) {
					return
				}
			}
		})
	}
	return out
}
