// Package snmptrapd runs net-snmp's snmptrapd on loopback for tests: the
// receiver that judges our traps and informs.
//
//	r := snmptrapd.Start(t, snmptrapd.Options{Users: []snmptrapd.User{{…, EngineID: sender}}})
//	… make the unit send to r.Addr() …
//	n := r.WaitFor("a link that is down", time.Second, func(n snmptrapd.Notification) bool {
//		return n.TrapOID == "1.3.6.1.4.1.32473.100.200.100.1400.0.1"
//	})
//
// It reads no configuration but its own, loads no MIBs and prints numbers, so
// that what a test sees does not depend on the host. A user of traps has the
// engine ID of the sender, which is authoritative for them; a user of informs
// has none, since the receiver is (RFC 3414 §1.5.1): give one of each kind.
//
// Without snmptrapd on the host the test is skipped, or fails where
// MIBGATE_REQUIRE_PEERS is set. It imports agent/snmp/message and usm, to find
// out when the receiver answers. Start and WaitFor are called from the test's
// goroutine. Start reading at receiver.go.
package snmptrapd
