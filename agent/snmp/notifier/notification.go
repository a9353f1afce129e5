package notifier

import (
	"time"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
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

// newNotification names the variables of n under the root of env.
func newNotification(env snmp.NotifierEnv, n mib.Notification) *notification {
	out := &notification{oid: env.Tree.Serve(n.Type().OID), upTime: ticks(env.Element.UpTime())}
	for _, v := range n.Varbinds(nil) {
		out.varbinds = append(out.varbinds, varbind{
			name: env.Tree.AppendName(nil, v.Object, v.Key), value: env.Tree.ServeValue(v.Value),
		})
	}
	return out
}

// standard tells whether it is one of RFC 3418.
func (n *notification) standard() bool { return n.oid.HasPrefix(message.SnmpTraps) }

// ticks is TimeTicks of a duration; it wraps after 497 days (RFC 2578 §7.1.8).
func ticks(d time.Duration) uint32 {
	return uint32(d / (10 * time.Millisecond)) //nolint:gosec // wraps by definition
}
