package history

import (
	"sort"

	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/notificationlog"
	"mibgate/mib/snmpv2"
)

// variable is one variable of a notification: a row of nlmLogVariableTable or
// of alarmActiveVariableTable.
type variable struct {
	of    uint32 // number of the alarm
	index uint32
	name  mib.OID
	value mib.Value
}

// valueTypes are the labels of both tables, which are the same.
var valueTypes = map[mib.Kind]notificationlog.NlmLogVariableValueType{
	mib.Counter32:        notificationlog.NlmLogVariableValueTypeCounter32,
	mib.Unsigned32:       notificationlog.NlmLogVariableValueTypeUnsigned32,
	mib.Gauge32:          notificationlog.NlmLogVariableValueTypeUnsigned32,
	mib.TimeTicks:        notificationlog.NlmLogVariableValueTypeTimeTicks,
	mib.Integer32:        notificationlog.NlmLogVariableValueTypeInteger32,
	mib.IPAddress:        notificationlog.NlmLogVariableValueTypeIpAddress,
	mib.OctetString:      notificationlog.NlmLogVariableValueTypeOctetString,
	mib.ObjectIdentifier: notificationlog.NlmLogVariableValueTypeObjectId,
	mib.Counter64:        notificationlog.NlmLogVariableValueTypeCounter64,
	mib.Opaque:           notificationlog.NlmLogVariableValueTypeOpaque,
}

// variables are those of the OBJECTS of n, under the names of the model.
func variables(of uint32, n mib.Notification, dst []variable) []variable {
	for _, v := range n.Varbinds(nil) {
		dst = append(dst, variable{of, uint32(len(dst)) + 1, instance(v.Object, v.Key), v.Value}) //nolint:gosec // they are few
	}
	return dst
}

// instance is the name of a variable in the model.
func instance(o *mib.Object, key mib.Key) mib.OID {
	name := append(mib.OID(nil), o.OID...)
	if o.Table == nil {
		return append(name, 0)
	}
	return mib.AppendInstance(o.Table.Index, name, key)
}

// sent are all variables of n as a trap of SNMPv2 has them: sysUpTime.0 and
// snmpTrapOID.0 come first (RFC 3416 §4.2.6).
func sent(of uint32, n mib.Notification, up uint32) []variable {
	return variables(of, n, []variable{
		{of, 1, snmpv2.Objects.SysUpTime.OID.Append(0), mib.Numeric(mib.TimeTicks, uint64(up))},
		{of, 2, trapOID, mib.Ident(n.Type().OID)},
	})
}

// trapOID is snmpTrapOID.0, which only notifications have.
var trapOID = mib.OID{1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0}

func (v *variable) Index() uint32 { return v.index }
func (v *variable) ID() mib.OID   { return v.name }

// pick is the value when it is of a kind: a row has one of the value columns.
func (v *variable) pick(kinds ...mib.Kind) mib.Value {
	for _, k := range kinds {
		if v.value.Kind == k {
			return v.value
		}
	}
	return mib.Value{}
}

func (v *variable) Counter32Val() mib.Value   { return v.pick(mib.Counter32) }
func (v *variable) Unsigned32Val() mib.Value  { return v.pick(mib.Unsigned32, mib.Gauge32) }
func (v *variable) TimeTicksVal() mib.Value   { return v.pick(mib.TimeTicks) }
func (v *variable) Integer32Val() mib.Value   { return v.pick(mib.Integer32) }
func (v *variable) OctetStringVal() mib.Value { return v.pick(mib.OctetString) }
func (v *variable) IpAddressVal() mib.Value   { return v.pick(mib.IPAddress) } //nolint:revive // the object's name
func (v *variable) OidVal() mib.Value         { return v.pick(mib.ObjectIdentifier) }
func (v *variable) Counter64Val() mib.Value   { return v.pick(mib.Counter64) }
func (v *variable) OpaqueVal() mib.Value      { return v.pick(mib.Opaque) }

// logVariable is a row of nlmLogVariableTable.
type logVariable struct {
	*variable
	entry *entry
}

// variables are the rows of an entry.
func (e *entry) variables() []logVariable {
	rows := make([]logVariable, len(e.vars))
	for i := range e.vars {
		rows[i] = logVariable{&e.vars[i], e}
	}
	return rows
}

func (v logVariable) NlmLogName() string  { return v.entry.log }
func (v logVariable) NlmLogIndex() uint32 { return v.entry.index }

func (v logVariable) ValueType() notificationlog.NlmLogVariableValueType {
	return valueTypes[v.value.Kind]
}

// alarmVariable is a row of alarmActiveVariableTable.
type alarmVariable struct{ *variable }

func alarmVariables(a *active) []alarmVariable {
	rows := make([]alarmVariable, len(a.vars))
	for i := range a.vars {
		rows[i] = alarmVariable{&a.vars[i]}
	}
	return rows
}

func (v alarmVariable) AlarmListName() string    { return "" }
func (v alarmVariable) AlarmActiveIndex() uint32 { return v.of }

func (v alarmVariable) ValueType() alarm.AlarmActiveVariableValueType {
	return alarm.AlarmActiveVariableValueType(valueTypes[v.value.Kind])
}

// seekVariable finds the first variable beyond key in a table of all the
// variables of rows, which are in the order of the first two parts of a key.
// compare orders a variable against a key.
func seekVariable[R, V any](rows []R, of func(R) []V, at func(R, mib.Key) int, compare func(V, mib.Key) int, key mib.Key, inclusive bool) (found V, ok bool) {
	owner := key[:min(len(key), 2)]
	first := sort.Search(len(rows), func(i int) bool { return at(rows[i], owner) >= 0 })
	for _, r := range rows[first:] {
		for _, v := range of(r) {
			if c := compare(v, key); c > 0 || inclusive && c == 0 {
				return v, true
			}
		}
	}
	return found, false
}
