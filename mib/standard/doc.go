// Package standard holds what we answer of the standard SNMP modules, as SMIv2
// text for cmd/mibgen: only the objects we serve, with descriptions of our own,
// so that generation needs no MIB from outside.
//
// Most of them only report. Those that configure something, named in
// cmd/mibgen/names.go, get a Config as our own modules do; they give a DEFVAL to
// every column for which there is a sane one, so that a row lacks only what
// nobody can guess.
//
// The package has no code. Its modules bear the names of the full ones and are
// never exported: an operator has the full ones. standard_test.go compares the
// two wherever ../shared/mibs is present. The base modules (SNMPv2-SMI, -TC,
// -CONF) are built into the parser.
//
// Start reading at SNMPv2-MIB.mib.
package standard
