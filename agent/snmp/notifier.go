package snmp

import (
	"context"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/tree"
	"mibgate/agent/snmp/usm"
	"mibgate/agent/snmp/vacm"
	"mibgate/element"
	"mibgate/mib"
)

// Notifier sends the notifications of the bus to managers. The service owns
// its life: it is made once, by the constructor in Options, and then started,
// configured and stopped with the service, over and over.
type Notifier interface {
	// Start begins a run; it returns at once. What was queued since the
	// Notifier was made may be sent now.
	Start(c NotifierConfig)
	// Configure replaces the configuration of a run. It runs while a SET is
	// committed: it neither blocks nor fails.
	Configure(c NotifierConfig)
	// Stop ends a run: what is queued may go out, as long as ctx lasts and
	// briefly at most; no target makes it longer. What is left waits for the
	// next run.
	Stop(ctx context.Context)
	// Status is how the targets fare, by Name; those that differ in Notify only
	// are one.
	Status() []TargetStatus
}

// NotifierEnv is what a Notifier is made with.
type NotifierEnv struct {
	// Element has the bus to subscribe to, and sysUpTime.
	Element *element.Element
	// Tree names the variables of a notification under the served OID root;
	// OIDs of notifications and in values go through it as well.
	Tree *tree.Tree
	// Engine is ours: the authoritative one of traps (RFC 3414 §1.5.1). It is
	// nil until the service has been started once.
	Engine func() *usm.Engine
	// Product is sysObjectID as served.
	Product mib.OID
}

// NotifierConfig says whom to notify, of what and how. It is immutable, and the
// same as another when reflect.DeepEqual says so.
type NotifierConfig struct {
	// Targets have a Name and Notify that no other has.
	Targets []Target
}

// Target is a row of snmpTargetAddrTable as a row of snmpNotifyTable selects it,
// with the parameters that it refers to (RFC 3413 §3.3).
type Target struct {
	Name   string // snmpTargetAddrName; counters are by it
	Notify string // snmpNotifyName: Name and Notify have a queue
	Dest   Destination

	Version message.Version
	Inform  bool          // ask for acknowledgement; in v1 it is a trap all the same
	Timeout time.Duration // of the first try of an inform; doubled for each further one
	Retries int           // of an inform

	// MaxSize is snmpTargetAddrMMS: the longest message, in octets, that may be
	// sent; 0: as long as we can.
	MaxSize   int
	Community string // v1, v2c; a secret
	Context   string // contextName, v3

	// User sends in v3, at Level; nil when there is none with keys: nothing can
	// be sent then.
	User  usm.Keys
	Level message.Level

	// View is the notify view (RFC 3415 §3.2): snmpTrapOID and the name of every
	// variable must be in it, as they are served. In nil is nothing: this is how
	// a target is switched off.
	View *vacm.View
	// Filter counts when Filtered (RFC 3413 §6): snmpTrapOID must match an
	// included family, and no variable an excluded one.
	Filter   *vacm.View
	Filtered bool
}

// TargetStatus is a row of TrapDestStatus.
type TargetStatus struct {
	Name                 string // snmpTargetAddrName
	Destination          string // host:port
	Sent, Dropped, Acked uint32
	Queued               uint32 // wait to be sent or acknowledged
	Since                uint32 // sysUpTime since when the counters are those of this row
	LastError            string // one line, without secrets; "" when the last one went out
}
