package standard

import (
	"time"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ipmib"
	"mibgate/mib/tc"
)

func buildTraffic(t *host.Traffic) mib.Sorted[ipmib.IpSystemStatsRow] {
	rows := []ipmib.IpSystemStatsRow{trafficRow{tc.InetVersionIpv4, &t.V4}}
	if t.Has6 {
		rows = append(rows, trafficRow{tc.InetVersionIpv6, &t.V6})
	}
	return mib.NewSorted(rows, ipmib.CompareIpSystemStats)
}

func (a addresses) SeekIpSystemStats(key mib.Key, inclusive bool) ipmib.IpSystemStatsRow {
	row, _ := a.t.traffic.of(a.t.host.Traffic(), buildTraffic).Seek(key, inclusive)
	return row
}

// trafficRow is a row of ipSystemStatsTable.
type trafficRow struct {
	version tc.InetVersion
	p       *host.Packets
}

func (r trafficRow) IPVersion() tc.InetVersion { return r.version }

// DiscontinuityTime is 0: the counters are the kernel's, and older than the unit.
func (r trafficRow) DiscontinuityTime() uint32 { return 0 }
func (r trafficRow) RefreshRate() uint32       { return uint32(host.MaxAge / time.Millisecond) }

// OutFragReqds is what the two others sum up to (RFC 4293, ipSystemStatsOutFragReqds).
func (r trafficRow) OutFragReqds() uint32 { return low(r.p.FragOKs + r.p.FragFails) }

// InForwDatagrams counts those as well for which there was no route (RFC 4293,
// ipSystemStatsInForwDatagrams).
func (r trafficRow) InForwDatagrams() uint32   { return low(r.HCInForwDatagrams()) }
func (r trafficRow) HCInForwDatagrams() uint64 { return r.p.Forwarded + r.p.InNoRoutes }

func (r trafficRow) InReceives() uint32         { return low(r.p.InReceives) }
func (r trafficRow) HCInReceives() uint64       { return r.p.InReceives }
func (r trafficRow) InOctets() uint32           { return low(r.p.InOctets) }
func (r trafficRow) HCInOctets() uint64         { return r.p.InOctets }
func (r trafficRow) InHdrErrors() uint32        { return low(r.p.InHdrErrors) }
func (r trafficRow) InNoRoutes() uint32         { return low(r.p.InNoRoutes) }
func (r trafficRow) InAddrErrors() uint32       { return low(r.p.InAddrErrors) }
func (r trafficRow) InUnknownProtos() uint32    { return low(r.p.InUnknownProtos) }
func (r trafficRow) InTruncatedPkts() uint32    { return low(r.p.InTruncated) }
func (r trafficRow) ReasmReqds() uint32         { return low(r.p.ReasmReqds) }
func (r trafficRow) ReasmOKs() uint32           { return low(r.p.ReasmOKs) }
func (r trafficRow) ReasmFails() uint32         { return low(r.p.ReasmFails) }
func (r trafficRow) InDiscards() uint32         { return low(r.p.InDiscards) }
func (r trafficRow) InDelivers() uint32         { return low(r.p.InDelivers) }
func (r trafficRow) HCInDelivers() uint64       { return r.p.InDelivers }
func (r trafficRow) OutRequests() uint32        { return low(r.p.OutRequests) }
func (r trafficRow) HCOutRequests() uint64      { return r.p.OutRequests }
func (r trafficRow) OutNoRoutes() uint32        { return low(r.p.OutNoRoutes) }
func (r trafficRow) OutForwDatagrams() uint32   { return low(r.p.Forwarded) }
func (r trafficRow) HCOutForwDatagrams() uint64 { return r.p.Forwarded }
func (r trafficRow) OutTransmits() uint32       { return low(r.p.OutTransmits) }
func (r trafficRow) HCOutTransmits() uint64     { return r.p.OutTransmits }
func (r trafficRow) OutDiscards() uint32        { return low(r.p.OutDiscards) }
func (r trafficRow) OutFragOKs() uint32         { return low(r.p.FragOKs) }
func (r trafficRow) OutFragFails() uint32       { return low(r.p.FragFails) }
func (r trafficRow) OutFragCreates() uint32     { return low(r.p.FragCreates) }
func (r trafficRow) OutOctets() uint32          { return low(r.p.OutOctets) }
func (r trafficRow) HCOutOctets() uint64        { return r.p.OutOctets }
func (r trafficRow) InMcastPkts() uint32        { return low(r.p.InMcast) }
func (r trafficRow) HCInMcastPkts() uint64      { return r.p.InMcast }
func (r trafficRow) InMcastOctets() uint32      { return low(r.p.InMcastOctets) }
func (r trafficRow) HCInMcastOctets() uint64    { return r.p.InMcastOctets }
func (r trafficRow) OutMcastPkts() uint32       { return low(r.p.OutMcast) }
func (r trafficRow) HCOutMcastPkts() uint64     { return r.p.OutMcast }
func (r trafficRow) OutMcastOctets() uint32     { return low(r.p.OutMcastOctets) }
func (r trafficRow) HCOutMcastOctets() uint64   { return r.p.OutMcastOctets }
func (r trafficRow) InBcastPkts() uint32        { return low(r.p.InBcast) }
func (r trafficRow) HCInBcastPkts() uint64      { return r.p.InBcast }
func (r trafficRow) OutBcastPkts() uint32       { return low(r.p.OutBcast) }
func (r trafficRow) HCOutBcastPkts() uint64     { return r.p.OutBcast }
