package main

import "fmt"

// Tree is all that is generated.
type Tree struct {
	Root        string // Go literal of the OID of the mibgate arc
	Modules     []*Module
	Conventions []*Enum // of mib/tc
}

// Module is one package.
type Module struct {
	Name        string // "MIBGATE-SIPEP-MIB"
	Package     string // "sipep"
	Service     string // "SipEp"; of a standard module that configures nothing its name
	ServiceID   uint32
	Standard    bool
	Reports     bool   // a standard module that configures nothing: all it has is status
	File        string // base name of the module's file
	Identity    string // Go literal of the OID of MODULE-IDENTITY
	Description string

	Objects       []*Object // scalars and columns by OID
	Tables        []*Table
	Enums         []*Enum
	Notifications []*Notification
}

// Object is one scalar or column.
type Object struct {
	Name        string // "gatewayPort"
	Ident       string // "GatewayPort", unique in its module
	Param       string // "Port", or Ident for scalars
	OID         string // Go literal
	Access      string // name in package mib: "ReadCreate"
	Source      string // name in package mib: "SourceConfig"
	Edit        string // name in package mib, "" when it edits nothing
	Secret      bool
	Units       string
	Description string
	Syntax      Syntax
	Default     *Default // nil when there is none
	Table       *Table   // nil for a scalar
	index       bool
}

// IsConfig tells whether the value is a field of Config or of a row of it.
func (o *Object) IsConfig() bool { return o.Source == "SourceConfig" }

// HasDefault tells whether a new Config or row has another value than the zero
// value of its type.
func (o *Object) HasDefault() bool { return o.Default != nil && !o.Default.Zero }

// IsCommand tells whether the object is a method of Commands.
func (o *Object) IsCommand() bool { return o.Source == "SourceCommand" }

// Readable tells whether the descriptor gets a Read function.
func (o *Object) Readable() bool {
	return o.Source == "SourceConfig" || o.Source == "SourceStatus" || o.Source == "SourceIndex"
}

// Syntax is the type of an object.
type Syntax struct {
	Base   string // name of the Kind in package mib: "Unsigned32"
	TC     string
	Hint   string
	Bool   bool // EnableState, TruthValue
	Choice bool // a row may be without it: the native value is a mib.Value
	Ranges []Range
	Enum   *Enum // nil when it is no enumeration
}

// Range is one interval of values or sizes.
type Range struct{ Min, Max int64 }

// Enum is a named int32 type with its labels, or the bare labels of a command
// or boolean, which have no Type.
type Enum struct {
	Type   string // "GatewayType"; "" for none
	Of     string // descriptor it was made for
	Shared bool   // lives in mib/tc
	Doc    string
	Labels []Label
}

// Label is one named number.
type Label struct {
	Name   string // "tLSv1-2"
	Const  string // "TransportTlsVersionTLSv1_2"
	Number int64
}

// Var is the name of the package variable with the labels.
func (e *Enum) Var() string {
	if e.Shared {
		return e.Type + "Labels"
	}
	return unexported(e.Type) + "Labels"
}

// Default is a DEFVAL.
type Default struct {
	Native string // Go expression of the field: `"Lan1"`, `GatewayTypeTrunkGateway`
	Value  string // Go expression of the mib.Value
	Zero   bool   // Native is the zero value of a plain type
}

// Table is one conceptual table.
type Table struct {
	Name        string // "gatewayTable"
	Param       string // "Gateway"
	OID         string // of the entry
	Config      bool
	Description string
	Index       []*Index
	Columns     []*Object
	RowStatus   *Object
	Storage     *Object // the column of TC StorageType
}

// Required are the configuration columns that a row has no value for at first.
func (t *Table) Required() []*Object {
	return pick(t.Fields(), func(o *Object) bool { return o.Default == nil })
}

// Row is the type of a row: a struct for configuration, an interface for
// status.
func (t *Table) Row() string { return t.Param + "Row" }

// Fields are the configuration columns that are not part of the key.
func (t *Table) Fields() []*Object { return pick(t.Columns, (*Object).IsConfig) }

// RowMethods are the columns of a status row that are not part of the key.
func (t *Table) RowMethods() []*Object {
	return pick(t.Columns, func(o *Object) bool { return !t.Config && o.Source == "SourceStatus" })
}

// Index is one object of an INDEX clause.
type Index struct {
	*Object
	Field   string // of the row: Param, or Ident of an object of another table
	Implied bool
	Last    bool   // of its INDEX clause
	foreign string // package of its module when that is another one
}

// Ref is the Go expression of its descriptor.
func (i *Index) Ref() string {
	if i.foreign != "" {
		return i.foreign + ".Objects." + i.Ident
	}
	return "Objects." + i.Ident
}

// Arg is the name of the index as an argument.
func (i *Index) Arg() string { return argument(i.Field) }

// Notification is one NOTIFICATION-TYPE.
type Notification struct {
	Name        string // "sipEpTlsLinkDown"
	Type        string // "TlsLinkDown"
	OID         string
	Description string
	Fields      []*Field
	Objects     []*Field // of OBJECTS, in order; each is one of Fields
	Keys        []*NotificationKey
}

// Field is one field of a notification struct.
type Field struct {
	Name   string
	Object *Object
	Key    string // variable with the key of the object's row, "nil" for scalars
	Index  bool   // not in OBJECTS: it only says which row
}

// NotificationKey is the key of one table that a notification has columns of.
type NotificationKey struct {
	Var    string
	Table  *Table
	Fields []string
}

// ConfigScalars are the scalar fields of Config.
func (m *Module) ConfigScalars() []*Object {
	return pick(m.Objects, func(o *Object) bool { return o.Table == nil && o.IsConfig() })
}

// ConfigTables are the tables of Config.
func (m *Module) ConfigTables() []*Table {
	return pick(m.Tables, func(t *Table) bool { return t.Config })
}

// StatusTables are the tables behind Status.
func (m *Module) StatusTables() []*Table {
	return pick(m.Tables, func(t *Table) bool { return !t.Config })
}

// HasConfig tells whether there is anything to configure.
func (m *Module) HasConfig() bool {
	return len(m.ConfigScalars()) > 0 || len(m.ConfigTables()) > 0
}

// StatusMethods are the objects that Status answers one by one: scalars, and
// columns of configuration tables.
func (m *Module) StatusMethods() []*Object {
	return pick(m.Objects, func(o *Object) bool {
		return o.Source == "SourceStatus" && (o.Table == nil || o.Table.Config)
	})
}

// Commands are the objects that act.
func (m *Module) Commands() []*Object { return pick(m.Objects, (*Object).IsCommand) }

// Import is the import path of the package.
func (m *Module) Import() string { return fmt.Sprintf("%s/%s", mibPath, m.Package) }

func pick[T any](all []T, want func(T) bool) []T {
	var out []T
	for _, v := range all {
		if want(v) {
			out = append(out, v)
		}
	}
	return out
}
