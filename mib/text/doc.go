// Package text is the text form of assignments, the script syntax that the
// store, configuration scripts and the command line share:
//
//	# a comment
//	Service.Scalar=value
//	Service.Table[Column=value].Column=value
//	Service.Command
//
// In place of Service.Scalar and Service.Table their MIB descriptors are taken
// (transportTlsVersion, gatewayTable[Name="x"].Port), where no other module has
// the same; what is printed has the form above.
//
// A value is a string in double quotes with Go's escapes, or a bare word; an
// enumeration takes its label in either form or its number, quoted or not. A
// key of several parts separates them by commas. A command without "=" is
// asked to act. sealed:"…" is a secret as the store keeps it.
//
// It owns the grammar and nothing else: what a statement does is decided by
// element/store. It imports mib. All functions are pure.
package text
