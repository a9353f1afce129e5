// Package admin is the administration of the agent by the standard modules:
// SNMP-USER-BASED-SM-MIB (RFC 3414), SNMP-VIEW-BASED-ACM-MIB (RFC 3415),
// SNMP-TARGET-MIB and SNMP-NOTIFICATION-MIB (RFC 3413), SNMP-COMMUNITY-MIB
// (RFC 3584) and the logs of NOTIFICATION-LOG-MIB (RFC 3014).
//
// Their tables are configuration like any other: in the store, on disk, in the
// command line. The agent works by them alone. The accounts of Aaa and the
// variables of Snmp that a gateway of this kind has (Community, TrapDest, …) say
// the same more simply. They are faces of some of the rows:
//
//	Aaa.Users[x], AuthProtocol, PrivProtocol   ↔  usmUser (our engine, x), vacmSecurityToGroup (usm, x)
//	Community, SnmpUser, CommunityRole         ↔  snmpCommunity "default", vacmSecurityToGroup (v1, v2c)
//	TrapDest                                   ↔  snmpTargetAddr "trap-1" … "trap-5"
//	InformTimeout, InformRetries               ↔  Timeout and RetryCount of these
//	TrapVersion, TrapUser, MinimumSecurityLevel ↔ snmpTargetParams "trap"
//	TrapKind                                   ↔  snmpNotify "trap"
//
// # Two sides
//
// Normalize keeps them in line (face.go): a side that has changed is told to the
// other; when both have, and do not agree, the transaction is refused. What a face
// cannot express stays as the table has it (a timeout per target), and is refused
// where it would make the face lie, or the face would make it lie (volatile).
//
// A row that says no more than its face has the storage type other: it is kept as
// the face alone, and made anew at a start (settle.go).
//
// The three roles of accounts are groups of VACM, with rows that the unit makes
// and nobody changes (roles.go). An account in another group has the role none,
// and may do over SNMPv3 what that group's views let it.
//
// # Keys
//
// A user's keys are those of its row in Snmp.UserKeys. Without one they come from
// its account's password. Cloning and the key changes of RFC 3414 §5 (keychange.go)
// make the row; setting a password removes it.
//
// It imports element/store, element/aaa, the generated modules, and of agent/snmp
// usm, vacm and message. All functions work on a candidate or snapshot and keep
// nothing but the cache of keys. Start reading at admin.go, then face.go.
package admin
