// Package mib is the model: what a managed object is, what it may hold, and how
// the generated packages below it hand their objects to every view.
//
// It owns Object, Table, Module, Registry, Syntax, Value, OID, Key, Rows and
// Notification, and nothing that acts. It imports nothing of ours; the
// generated packages mib/<service> import it, and so do element and agent.
//
// # Shape
//
// cmd/mibgen writes one package per SMIv2 module. Each holds
//
//   - Config: every read-write and read-create object as a native Go field,
//     each configuration table as Rows of a row struct;
//   - Status: an interface with a method per read-only scalar, a Seek method
//     per status table that returns a row interface with a method per column,
//     and a method per read-only column of a configuration table. An object
//     that is not answered does not compile, and a GETNEXT copies no table;
//   - Commands: an interface with a method per object that acts;
//   - a struct per NOTIFICATION-TYPE;
//   - Module: the descriptors, with type-erased accessors, that views walk.
//
// # Where a value lives
//
// Object.Source tells: SourceConfig in *Config, SourceStatus behind Status,
// SourceCommand behind Commands (reads as its noOp label), SourceIndex,
// SourceRowStatus and SourceFingerprint in the row itself. Object.Get takes
// the Binding of the object's module (its *Config of one snapshot and its
// Status) and, for a column, the row that Table.Seek returned.
//
// # Concurrency
//
// Descriptors are immutable after package initialisation. A Config that has
// been published in a snapshot is immutable; one that is being edited belongs
// to one transaction, marked by an EditToken (see Rows).
//
// Start reading at object.go, then rows.go.
package mib
