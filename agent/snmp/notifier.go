package snmp

import (
	"context"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/tree"
	"mibgate/agent/snmp/usm"
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
	// Stop ends a run: what is queued has until the end of ctx at most to go
	// out; acknowledgements are waited for only briefly. What is left waits
	// for the next run.
	Stop(ctx context.Context)
	// Destination is how the i-th destination fares, 1-based; ok is false
	// when there are fewer.
	Destination(i int) (d DestinationStatus, ok bool)
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

// NotifierConfig is what the Snmp service's variables say about notifications.
// It is immutable.
type NotifierConfig struct {
	Enabled      bool
	Destinations []Destination
	Version      message.Version
	Inform       bool          // ask for acknowledgement; never in v1
	Timeout      time.Duration // of an inform
	Retries      int           // of an inform
	Community    string        // v1, v2c; a secret
	// User sends in v3, at Level; nil when there is no such account, or its
	// password is too short: nothing is sent then.
	User  *usm.Credentials
	Level message.Level
}

// DestinationStatus is a row of TrapDestStatus but for its index.
type DestinationStatus struct {
	Destination          string
	Sent, Dropped, Acked uint32
	LastError            string // one line, without secrets; "" when the last one went out
}
