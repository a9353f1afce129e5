// Package modules owns our SMIv2 modules, the source of the whole model.
//
// The modules are read by cmd/mibgen, which writes the Go of mib/* from them,
// and are embedded so that `mibgate mib export` can hand them to an operator.
// The daemon never parses them. The package imports nothing of ours and has no
// state; FS is safe for concurrent use.
//
// What needs the full standard modules is in the folder standard: our statement
// of what we implement of them, which nothing else of ours needs.
//
// Start reading at MIBGATE-SMI.mib (the tree), then MIBGATE-TC.mib (the types),
// then any service: MIBGATE-SCM-MIB.mib is the shortest.
//
// # Rules
//
//   - Numbers, descriptors, labels, ranges and defaults that DGW 2.0 has are
//     kept; testdata/dgw.json states them and dgw_test.go compares, with the
//     deliberate differences listed there.
//   - What DGW has not stands at groups and columns from 61000 up;
//     notifications stand below <service>MIB 0.
//   - The first sentence of a DESCRIPTION is short: it is the help text of the
//     variable in every view. What follows says what an operator must know.
//   - Types of text, ports and secrets are textual conventions of MIBGATE-TC on
//     a base type; none stands on another, and every number has a range.
//   - Every object that can be written has a DEFVAL, but for RowStatus.
//   - A table that an operator may extend has <stem>RowStatus at column 61000
//     and read-create columns; rows of the system have read-write columns.
//   - A command is INTEGER { noOp(0), <verb>(10) } and reads back as noOp.
//   - A secret X is a SecretString and has a read-only XFingerprint beside it.
package modules
