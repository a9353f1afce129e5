package mib

// NotificationType describes one NOTIFICATION-TYPE (RFC 2578 §8).
type NotificationType struct {
	Name        string // "sipEpTlsLinkDown"
	OID         OID
	Objects     []*Object
	Description string
	Module      *Module
}

// Varbind is one object of a notification: the cell it names and its value.
type Varbind struct {
	Object *Object
	Key    Key // nil for a scalar
	Value  Value
}

// Notification is what every generated notification struct answers.
type Notification interface {
	// Type is its descriptor.
	Type() *NotificationType
	// Varbinds appends the objects of the OBJECTS clause, in order.
	Varbinds(dst []Varbind) []Varbind
}
