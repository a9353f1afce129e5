// Package aaa is the accounts: who may log in, with which role. SNMPv3 users,
// command-line and web logins are the same accounts.
//
// It imports mib/aaa, element/access and element/store. Accounts are read from
// a snapshot; the package holds no state.
package aaa
