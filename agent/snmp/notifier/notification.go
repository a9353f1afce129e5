package notifier

import (
	"time"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
	"mibgate/element/event"
	"mibgate/mib"
)

// notification is a notification ready to be encoded: OIDs are as served. It is
// immutable; the queues share it.
type notification struct {
	oid      mib.OID // snmpTrapOID.0
	upTime   uint32  // sysUpTime.0 when it happened
	varbinds []varbind
}

type varbind struct {
	name  mib.OID
	value mib.Value
}

// newNotification names the variables of e's notification under the root of
// env. sysUpTime is that of the event, however long it waited.
func newNotification(env snmp.NotifierEnv, e event.Event) *notification {
	out := &notification{oid: env.Tree.Serve(e.Notification.Type().OID), upTime: ticks(e.Up)}
	for _, v := range e.Notification.Varbinds(nil) {
		out.varbinds = append(out.varbinds, varbind{
			name: env.Tree.AppendName(nil, v.Object, v.Key), value: env.Tree.ServeValue(v.Value),
		})
	}
	return out
}

// names are those of its variables.
func (n *notification) names(yield func(mib.OID) bool) {
	for i := range n.varbinds {
		if !yield(n.varbinds[i].name) {
			return
		}
	}
}

// standard tells whether it is one of RFC 3418.
func (n *notification) standard() bool { return n.oid.HasPrefix(message.SnmpTraps) }

// ticks is TimeTicks of a duration; it wraps after 497 days (RFC 2578 §7.1.8).
func ticks(d time.Duration) uint32 {
	return uint32(d / (10 * time.Millisecond)) //nolint:gosec // wraps by definition
}
