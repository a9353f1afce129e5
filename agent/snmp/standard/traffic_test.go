package standard

import (
	"math"
	"testing"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ipmib"
	"mibgate/mib/tc"
)

func TestTrafficRows(t *testing.T) {
	const big = 1<<32 + 7
	traffic := &host.Traffic{
		V4:   host.Packets{InReceives: big, InOctets: 2, FragOKs: 3, FragFails: 4, OutMcastOctets: math.MaxUint64, Forwarded: 5},
		V6:   host.Packets{InReceives: 9},
		Has6: true,
	}
	rows := buildTraffic(traffic)
	four, _ := rows.Seek(ipmib.IpSystemStatsKey(tc.InetVersionIpv4), true)
	six, _ := rows.Seek(ipmib.IpSystemStatsKey(tc.InetVersionIpv4), false)
	if rows.Len() != 2 || six.IPVersion() != tc.InetVersionIpv6 || six.InReceives() != 9 || six.HCInReceives() != 9 {
		t.Errorf("IPv6 %+v", six)
	}
	if four.InReceives() != 7 || four.HCInReceives() != big || four.InOctets() != 2 || four.OutFragReqds() != 7 || four.OutFragOKs() != 3 || four.OutFragFails() != 4 ||
		four.OutMcastOctets() != math.MaxUint32 || four.HCOutMcastOctets() != math.MaxUint64 || four.HCOutForwDatagrams() != 5 || four.RefreshRate() != 1000 || four.DiscontinuityTime() != 0 {
		t.Errorf("IPv4 %+v", four)
	}
	traffic.Has6 = false
	if rows := buildTraffic(traffic); rows.Len() != 1 {
		t.Errorf("%d rows without IPv6", rows.Len())
	}
}

// TestCountersComeInPairs: a Counter32 is the lower half of its Counter64, and
// no two counters are read of the same place; two are sums of others.
func TestCountersComeInPairs(t *testing.T) {
	var p host.Packets
	places := map[*uint64]bool{}
	for i, field := range []*uint64{
		&p.InReceives, &p.InOctets, &p.InHdrErrors, &p.InNoRoutes, &p.InAddrErrors, &p.InUnknownProtos, &p.InTruncated, &p.InDiscards, &p.InDelivers,
		&p.ReasmReqds, &p.ReasmOKs, &p.ReasmFails, &p.OutRequests, &p.OutOctets, &p.OutNoRoutes, &p.Forwarded, &p.OutDiscards, &p.FragOKs, &p.FragFails, &p.FragCreates,
		&p.InMcast, &p.InMcastOctets, &p.OutMcast, &p.OutMcastOctets, &p.InBcast, &p.OutBcast, &p.OutTransmits,
	} {
		places[field] = true
		*field = 1<<40 + 1<<i
	}
	row := trafficRow{tc.InetVersionIpv4, &p}
	seen := map[uint64]string{}
	long := 0
	for _, o := range ipmib.Tables.IpSystemStats.Columns {
		if o.Syntax.Base != mib.Counter32 && o.Syntax.Base != mib.Counter64 {
			continue
		}
		v := o.Get(mib.Binding{}, row, nil).Uint64()
		if o.Syntax.Base == mib.Counter64 {
			long++
			continue
		}
		if other, twice := seen[v]; twice {
			t.Errorf("%s is %s", o.Name, other)
		}
		seen[v] = o.Name
	}
	for _, o := range ipmib.Tables.IpSystemStats.Columns {
		if o.Syntax.Base == mib.Counter64 {
			v := o.Get(mib.Binding{}, row, nil).Uint64()
			if short := seen[v&math.MaxUint32]; v>>40 == 0 || short == "" || "ipSystemStatsHC"+short[len("ipSystemStats"):] != o.Name {
				t.Errorf("%s is %d, the lower half of which is %s", o.Name, v, short)
			}
		}
	}
	if long != 14 || len(seen) != len(places)+2 {
		t.Errorf("%d long counters, %d others for %d places", long, len(seen), len(places))
	}
}
