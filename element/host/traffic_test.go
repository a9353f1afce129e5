package host

import (
	"reflect"
	"testing"
)

func TestTraffic(t *testing.T) {
	h := fake(t, map[string]string{
		"proc/net/snmp": "Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes" +
			" ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits\n" +
			"Ip: 1 64 5000000001 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\nIcmp: InMsgs InErrors InDestUnreachs OutMsgs OutErrors\nIcmp: 41 42 43 44 45\n" +
			"IcmpMsg: InType3 InType8 OutType3 InType300\nIcmpMsg: 43 46 47 99\nTcp: RtoAlgorithm RtoMin RtoMax MaxConn CurrEstab InSegs InCsumErrors\nTcp: 1 200 120000 -1 51 5000000052 99\n" +
			"Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors\nUdp: 61 62 63 5000000064 99\nUdpLite: InDatagrams\nUdpLite: 99\n",
		"proc/net/netstat": "TcpExt: InOctets\nTcpExt: 99\nIpExt: InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets OutOctets InMcastOctets OutMcastOctets\n" +
			"IpExt: 21 22 23 24 25 26 27 28 29 x\nMPTcpExt: InOctets\nMPTcpExt: 98\n",
		"proc/net/snmp6": "Ip6InReceives 31\nIp6OutForwDatagrams 32\nIp6InTruncatedPkts 33\nIp6FragFails 34\nIp6OutMcastOctets 35\nIcmp6InReceives 99\nIcmp6InMsgs 71\nIcmp6OutType135 72\nUdp6InDatagrams 4\nUdpLite6InDatagrams 99\nIp6InDelivers\nIp6Other 1\n",
	})
	want := Traffic{Has6: true,
		V4: Packets{
			InReceives: 5000000001, InHdrErrors: 2, InAddrErrors: 3, Forwarded: 4, InUnknownProtos: 5, InDiscards: 6, InDelivers: 7, OutRequests: 8, OutDiscards: 9, OutNoRoutes: 10,
			ReasmReqds: 12, ReasmOKs: 13, ReasmFails: 14, FragOKs: 15, FragFails: 16, FragCreates: 17, OutTransmits: 18,
			InNoRoutes: 21, InTruncated: 22, InMcast: 23, OutMcast: 24, InBcast: 25, OutBcast: 26, InOctets: 27, OutOctets: 28, InMcastOctets: 29,
		},
		V6: Packets{InReceives: 31, Forwarded: 32, InTruncated: 33, FragFails: 34, OutMcastOctets: 35, OutTransmits: 32},

		ICMP4: ICMP{InMsgs: 41, InErrors: 42, OutMsgs: 44, OutErrors: 45, Types: map[uint8]ICMPType{3: {43, 47}, 8: {In: 46}}},
		ICMP6: ICMP{InMsgs: 71, Types: map[uint8]ICMPType{135: {Out: 72}}},
		TCP:   TCP{RtoAlgorithm: 1, RtoMin: 200, RtoMax: 120000, MaxConn: -1, CurrEstab: 51, InSegs: 5000000052},
		UDP:   UDP{InDatagrams: 65, NoPorts: 62, InErrors: 63, OutDatagrams: 5000000064},
	}
	if got := h.Traffic(); !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestTrafficOfAnOldHost(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing":      nil,
		"no IPv6":      {"proc/net/snmp": "Ip: InReceives\nIp: 1\n"},
		"no numbers":   {"proc/net/snmp": "Ip: InReceives\n"},
		"more numbers": {"proc/net/snmp": "Ip: InReceives\nIp: 1 2 3\nIp:\nIp: 4\n"},
	} {
		if got := fake(t, files).Traffic(); got.Has6 || got.V4.InReceives > 1 || got.V6 != (Packets{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
