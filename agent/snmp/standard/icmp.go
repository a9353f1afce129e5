package standard

import (
	"maps"
	"slices"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ipmib"
	"mibgate/mib/tc"
)

// The types of messages that RFC 1213 has scalars for, by the numbers of RFC 792
// and RFC 950.
const (
	icmpEchoReply      = 0
	icmpUnreachable    = 3
	icmpQuench         = 4
	icmpRedirect       = 5
	icmpEcho           = 8
	icmpTimeExceeded   = 11
	icmpParameter      = 12
	icmpTimestamp      = 13
	icmpTimestampReply = 14
	icmpMask           = 17
	icmpMaskReply      = 18
)

// namedTypes4 and namedTypes6 are the types that the host has a name for: it
// counts them from the start.
var (
	namedTypes4 = []uint8{icmpEchoReply, icmpUnreachable, icmpQuench, icmpRedirect, icmpEcho, icmpTimeExceeded, icmpParameter, icmpTimestamp, icmpTimestampReply, icmpMask, icmpMaskReply}
	namedTypes6 = []uint8{1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143}
)

// icmpTables are the tables of one snapshot.
type icmpTables struct {
	all    mib.Sorted[ipmib.IcmpStatsRow]
	byType mib.Sorted[ipmib.IcmpMsgStatsRow]
}

func (a addresses) icmp() *icmpTables { return a.t.icmp.of(a.t.host.Traffic(), buildICMP) }

func buildICMP(t *host.Traffic) *icmpTables {
	var all []ipmib.IcmpStatsRow
	var byType []ipmib.IcmpMsgStatsRow
	add := func(version tc.InetVersion, i *host.ICMP, named []uint8) {
		all = append(all, ipmib.NewIcmpStatsRow(version, low(i.InMsgs), low(i.InErrors), low(i.OutMsgs), low(i.OutErrors)))
		types := slices.Sorted(maps.Keys(i.Types))
		types = append(types, named...)
		slices.Sort(types)
		for _, kind := range slices.Compact(types) {
			byType = append(byType, ipmib.NewIcmpMsgStatsRow(version, int32(kind), low(i.Types[kind].In), low(i.Types[kind].Out)))
		}
	}
	add(tc.InetVersionIpv4, &t.ICMP4, namedTypes4)
	if t.Has6 {
		add(tc.InetVersionIpv6, &t.ICMP6, namedTypes6)
	}
	return &icmpTables{mib.NewSorted(all, ipmib.CompareIcmpStats), mib.NewSorted(byType, ipmib.CompareIcmpMsgStats)}
}

func (a addresses) SeekIcmpStats(key mib.Key, inclusive bool) ipmib.IcmpStatsRow {
	row, _ := a.icmp().all.Seek(key, inclusive)
	return row
}

func (a addresses) SeekIcmpMsgStats(key mib.Key, inclusive bool) ipmib.IcmpMsgStatsRow {
	row, _ := a.icmp().byType.Seek(key, inclusive)
	return row
}

// The scalars of RFC 1213 are of IPv4 alone.

func (a addresses) packets() *host.Packets { return &a.t.host.Traffic().V4 }
func (a addresses) messages() *host.ICMP   { return &a.t.host.Traffic().ICMP4 }

func (a addresses) received(kind uint8) uint32 { return low(a.messages().Types[kind].In) }
func (a addresses) sent(kind uint8) uint32     { return low(a.messages().Types[kind].Out) }

func (a addresses) IpInReceives() uint32      { return low(a.packets().InReceives) }
func (a addresses) IpInHdrErrors() uint32     { return low(a.packets().InHdrErrors) }
func (a addresses) IpInAddrErrors() uint32    { return low(a.packets().InAddrErrors) }
func (a addresses) IpForwDatagrams() uint32   { return low(a.packets().Forwarded) }
func (a addresses) IpInUnknownProtos() uint32 { return low(a.packets().InUnknownProtos) }
func (a addresses) IpInDiscards() uint32      { return low(a.packets().InDiscards) }
func (a addresses) IpInDelivers() uint32      { return low(a.packets().InDelivers) }
func (a addresses) IpOutRequests() uint32     { return low(a.packets().OutRequests) }
func (a addresses) IpOutDiscards() uint32     { return low(a.packets().OutDiscards) }
func (a addresses) IpOutNoRoutes() uint32     { return low(a.packets().OutNoRoutes) }
func (a addresses) IpReasmReqds() uint32      { return low(a.packets().ReasmReqds) }
func (a addresses) IpReasmOKs() uint32        { return low(a.packets().ReasmOKs) }
func (a addresses) IpReasmFails() uint32      { return low(a.packets().ReasmFails) }
func (a addresses) IpFragOKs() uint32         { return low(a.packets().FragOKs) }
func (a addresses) IpFragFails() uint32       { return low(a.packets().FragFails) }
func (a addresses) IpFragCreates() uint32     { return low(a.packets().FragCreates) }

func (a addresses) IcmpInMsgs() uint32           { return low(a.messages().InMsgs) }
func (a addresses) IcmpInErrors() uint32         { return low(a.messages().InErrors) }
func (a addresses) IcmpInDestUnreachs() uint32   { return a.received(icmpUnreachable) }
func (a addresses) IcmpInTimeExcds() uint32      { return a.received(icmpTimeExceeded) }
func (a addresses) IcmpInParmProbs() uint32      { return a.received(icmpParameter) }
func (a addresses) IcmpInSrcQuenchs() uint32     { return a.received(icmpQuench) }
func (a addresses) IcmpInRedirects() uint32      { return a.received(icmpRedirect) }
func (a addresses) IcmpInEchos() uint32          { return a.received(icmpEcho) }
func (a addresses) IcmpInEchoReps() uint32       { return a.received(icmpEchoReply) }
func (a addresses) IcmpInTimestamps() uint32     { return a.received(icmpTimestamp) }
func (a addresses) IcmpInTimestampReps() uint32  { return a.received(icmpTimestampReply) }
func (a addresses) IcmpInAddrMasks() uint32      { return a.received(icmpMask) }
func (a addresses) IcmpInAddrMaskReps() uint32   { return a.received(icmpMaskReply) }
func (a addresses) IcmpOutMsgs() uint32          { return low(a.messages().OutMsgs) }
func (a addresses) IcmpOutErrors() uint32        { return low(a.messages().OutErrors) }
func (a addresses) IcmpOutDestUnreachs() uint32  { return a.sent(icmpUnreachable) }
func (a addresses) IcmpOutTimeExcds() uint32     { return a.sent(icmpTimeExceeded) }
func (a addresses) IcmpOutParmProbs() uint32     { return a.sent(icmpParameter) }
func (a addresses) IcmpOutSrcQuenchs() uint32    { return a.sent(icmpQuench) }
func (a addresses) IcmpOutRedirects() uint32     { return a.sent(icmpRedirect) }
func (a addresses) IcmpOutEchos() uint32         { return a.sent(icmpEcho) }
func (a addresses) IcmpOutEchoReps() uint32      { return a.sent(icmpEchoReply) }
func (a addresses) IcmpOutTimestamps() uint32    { return a.sent(icmpTimestamp) }
func (a addresses) IcmpOutTimestampReps() uint32 { return a.sent(icmpTimestampReply) }
func (a addresses) IcmpOutAddrMasks() uint32     { return a.sent(icmpMask) }
func (a addresses) IcmpOutAddrMaskReps() uint32  { return a.sent(icmpMaskReply) }
