package snmp

import "sync/atomic"

// counters are those of the snmp group and of the dispatcher (RFC 3418,
// RFC 3412), and those of MIBGATE-SNMP-MIB. They count from the start of
// the unit, over restarts of the service.
type counters struct {
	inPkts, badVersions, badCommunityNames, badCommunityUses atomic.Uint32
	parseErrs, silentDrops                                   atomic.Uint32
	unknownSecurityModels, invalidMsgs, unknownPDUHandlers   atomic.Uint32
	unknownContexts, authFailuresDropped                     atomic.Uint32
	gets, getNexts, sets                                     atomic.Uint32
	// panics are packets that something of ours panicked on; they are logged.
	panics atomic.Uint32
}
