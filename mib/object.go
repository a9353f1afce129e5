package mib

// Access is MAX-ACCESS (RFC 2578 §7.3), in its order.
type Access uint8

// The levels of MAX-ACCESS.
const (
	NotAccessible Access = iota
	AccessibleForNotify
	ReadOnly
	ReadWrite
	ReadCreate
)

// Readable reports whether GET answers the object.
func (a Access) Readable() bool { return a >= ReadOnly }

// Writable reports whether SET may change the object.
func (a Access) Writable() bool { return a >= ReadWrite }

// Source tells where the value of an object lives.
type Source uint8

// The places a value may live in.
const (
	SourceNone        Source = iota // accessible-for-notify or not accessible
	SourceConfig                    // a field of *Config or of its row
	SourceStatus                    // a method of Status or of a row interface
	SourceCommand                   // acts when written, reads as noOp
	SourceEdit                      // a row command that edits the table it stands in
	SourceIndex                     // part of the row's key
	SourceRowStatus                 // RowStatus (RFC 2579 §2)
	SourceFingerprint               // fingerprint of the secret in Of
)

// RowEdit is what a row command of SourceEdit does.
type RowEdit uint8

// The row commands that edit; RowVerb is the one number that asks for them.
const (
	EditNone   RowEdit = iota
	EditInsert         // a new row before the addressed one
	EditUp             // swap with the row before
	EditDown           // swap with the row after
	EditDelete         // remove the row
	// EditService is no row command: the service edits the configuration as the
	// value asks (usmUserCloneFrom, the KeyChange objects of RFC 3414 §5).
	EditService
)

// RowVerb is the number that makes a row command act; 0 (noOp) does nothing.
const RowVerb = 10

// Object describes one scalar or column. All fields are written by the
// generator and never change.
type Object struct {
	Name        string  // descriptor: "transportTlsVersion", "gatewayPort"
	Param       string  // text name: "TransportTlsVersion", or the column "Port"
	OID         OID     // without instance: no ".0", no index
	Syntax      *Syntax //
	Access      Access
	Source      Source
	Edit        RowEdit // for SourceEdit
	Secret      bool    // reads as "" in every view
	Units       string
	Description string
	Default     Value // KindNone when there is none
	Module      *Module
	Table       *Table  // nil for a scalar
	Of          *Object // the secret a SourceFingerprint belongs to

	// Read answers the value from its owner (the *Config for SourceConfig, the
	// Status for SourceStatus) and, for columns, the row. Secrets are masked
	// by Get, not here. It is nil for SourceCommand, SourceEdit,
	// SourceRowStatus and SourceFingerprint.
	Read func(owner, row any) Value
	// Write stores a checked value into an editable *Config (scalars) or an
	// editable row (columns). Only for SourceConfig.
	Write func(cfg, row any, v Value)
	// Act prepares the command: it refuses it, or returns what runs after the
	// commit. cmds is the module's Commands. Only for SourceCommand.
	Act func(cmds, row any) (func(), error)
}

// Path is the text name without key: "SipEp.TransportTlsVersion",
// "SipEp.Gateway.Port".
func (o *Object) Path() string {
	if o.Table != nil {
		return o.Module.Service + "." + o.Table.Param + "." + o.Param
	}
	return o.Module.Service + "." + o.Param
}

// Instance is the text name of one cell: "SipEp.Gateway[Name="x"].Port"; for a
// scalar it is Path.
func (o *Object) Instance(key Key) string {
	if o.Table == nil {
		return o.Path()
	}
	return o.Table.Instance(key) + "." + o.Param
}

// Lacking is a row of a status table that may be without some columns, as an
// interface may be without counters: a GET of one answers noSuchInstance, and a
// walk passes over it. The tables that the command line shows have none.
type Lacking interface {
	Lacks(column *Object) bool
}

// Get answers the value a view may show, or one of KindNone when the row lacks
// the column. row is nil for scalars. Commands read
// as 0 (noOp), secrets as "". Fingerprints are the store's: fp computes one
// from the secret (nil gives "").
func (o *Object) Get(b Binding, row any, fp func(secret string) string) Value {
	switch o.Source {
	case SourceCommand, SourceEdit:
		if o.Default.Kind != KindNone {
			return o.Default
		}
		return Value{Kind: o.Syntax.Base}
	case SourceRowStatus:
		return Int(int32(o.Table.State(row)))
	case SourceFingerprint:
		if fp == nil {
			return String("")
		}
		return String(fp(o.Of.Read(b.Config, row).Str))
	case SourceStatus:
		if part, ok := row.(Lacking); ok && part.Lacks(o) {
			return Value{}
		}
		return o.Read(b.Status, row)
	case SourceNone:
		return Value{}
	}
	if o.Secret {
		return String("")
	}
	return o.Read(b.Config, row)
}

// Table describes one conceptual table; Seek and the editing functions are
// generated.
type Table struct {
	Name        string // descriptor: "gatewayTable"
	Param       string // text name: "Gateway"
	OID         OID    // of the entry (conceptual row): table.1
	Index       []IndexPart
	Columns     []*Object // in OID order, index columns included
	RowStatus   *Object   // nil: rows belong to the system
	Storage     *Object   // the column of TC StorageType; nil: every row is kept
	Required    []*Object // columns without default: a row is notReady while one is empty or zero
	Source      Source    // SourceConfig or SourceStatus
	Module      *Module
	Description string

	// Seek finds the first row whose key is greater than key, or equal to it
	// when inclusive, compared over as many parts as key has (see Bound); owner
	// is *Config or Status as Source says. It copies nothing and does not keep
	// key. ok is false at the end of the table.
	Seek func(owner any, key Key, inclusive bool) (row any, ok bool)
	// KeyOf appends the key of a row to dst.
	KeyOf func(row any, dst Key) Key

	// The rest is for SourceConfig only. Place is where in the order of a walk
	// the row is that Seek finds, Len at the end of the table; At is the row at
	// a place, and not ok at the end.
	Place func(cfg any, key Key, inclusive bool) int
	At    func(cfg any, place int) (row any, ok bool)

	// In what follows cfg is an editable *Config. New inserts
	// a row of defaults under key and returns it, editable; Edit returns an
	// editable version of a row; Remove takes the row with this key out; Move
	// takes the row at from out and inserts it under to, replacing what is there.
	Len    func(cfg any) int
	New    func(cfg any, tok EditToken, key Key) any
	Edit   func(cfg any, tok EditToken, row any) any
	Remove func(cfg any, tok EditToken, key Key)
	Move   func(cfg any, tok EditToken, from, to Key)
}

// Lookup finds the row with exactly this key.
func (t *Table) Lookup(owner any, key Key) (row any, ok bool) {
	if len(key) != len(t.Index) {
		return nil, false
	}
	row, ok = t.Seek(owner, key, true)
	if !ok || CompareKeys(t.Index, t.KeyOf(row, nil), key) != 0 {
		return nil, false
	}
	return row, true
}

// State is the RowStatus of a row: notReady is what is not in service and
// cannot be yet.
func (t *Table) State(row any) RowStatus {
	s := row.(interface{ State() RowStatus }).State()
	if s == RowNotInService && t.Missing(row) != nil {
		return RowNotReady
	}
	return s
}

// Missing is the first required column that a row has no value for, or nil.
func (t *Table) Missing(row any) *Object {
	for _, o := range t.Required {
		if v := o.Read(nil, row); v.Num == 0 && v.Str == "" && len(v.OID) == 0 {
			return o
		}
	}
	return nil
}

// Instance is the text name of a row: `SipEp.Gateway[Name="x"]`.
func (t *Table) Instance(key Key) string {
	return t.Module.Service + "." + t.Param + "[" + t.keyText(key) + "]"
}

// Module is one generated MIB module and the service that owns it.
type Module struct {
	Name          string // "MIBGATE-SIPEP-MIB"
	Service       string // text key "SipEp"; the module name for standard modules
	ServiceID     uint32 // 1400; 0 for standard modules
	Standard      bool   // a standard module
	Identity      OID    // of its MODULE-IDENTITY
	Description   string // of its MODULE-IDENTITY
	Objects       []*Object
	Tables        []*Table
	Notifications []*NotificationType
	NewConfig     func() any // *Config with every default; nil when nothing is configured
	CloneConfig   func(cfg any) any
	Ordinal       int // position in the Registry
}

// Shown tells whether the command line and scripts show the module: our own,
// and of the standard ones those that configure something. The others only
// repeat for managers what ours say.
func (m *Module) Shown() bool { return !m.Standard || m.NewConfig != nil }

// Binding is what Object.Get needs of one module: its *Config of one snapshot
// and its Status. Either may be nil when the module has none.
type Binding struct {
	Config any
	Status any
}

// RowStatus is the textual convention of RFC 2579 §2.
type RowStatus int32

// The states and actions of RowStatus.
const (
	RowActive        RowStatus = 1
	RowNotInService  RowStatus = 2
	RowNotReady      RowStatus = 3
	RowCreateAndGo   RowStatus = 4
	RowCreateAndWait RowStatus = 5
	RowDestroy       RowStatus = 6
)

// RowStatusLabels are the labels of RowStatus.
var RowStatusLabels = []Label{
	{Name: "active", Number: 1},
	{Name: "notInService", Number: 2},
	{Name: "notReady", Number: 3},
	{Name: "createAndGo", Number: 4},
	{Name: "createAndWait", Number: 5},
	{Name: "destroy", Number: 6},
}
