package standard

import (
	"math"

	"mibgate/element/host"
	"mibgate/mib/tcpmib"
	"mibgate/mib/udpmib"
)

// transport is the Status of TCP-MIB and UDP-MIB.
type transport struct{ t *Tables }

var (
	_ tcpmib.Status = transport{}
	_ udpmib.Status = transport{}
)

func (x transport) tcp() *host.TCP { return &x.t.host.Traffic().TCP }
func (x transport) udp() *host.UDP { return &x.t.host.Traffic().UDP }

// TcpRtoAlgorithm is other(1) where the host tells nothing that is known.
func (x transport) TcpRtoAlgorithm() tcpmib.TcpRtoAlgorithm {
	if a := x.tcp().RtoAlgorithm; a >= uint64(tcpmib.TcpRtoAlgorithmOther) && a <= uint64(tcpmib.TcpRtoAlgorithmRfc2988) {
		return tcpmib.TcpRtoAlgorithm(a) //nolint:gosec // just checked
	}
	return tcpmib.TcpRtoAlgorithmOther
}

func (x transport) TcpRtoMin() int32 { return int32(min(x.tcp().RtoMin, math.MaxInt32)) } //nolint:gosec // bounded
func (x transport) TcpRtoMax() int32 { return int32(min(x.tcp().RtoMax, math.MaxInt32)) } //nolint:gosec // bounded

func (x transport) TcpMaxConn() int32 {
	return int32(min(max(x.tcp().MaxConn, -1), math.MaxInt32)) //nolint:gosec // bounded
}

func (x transport) TcpCurrEstab() uint32 {
	return uint32(min(x.tcp().CurrEstab, math.MaxUint32)) //nolint:gosec // bounded
}

func (x transport) TcpActiveOpens() uint32  { return low(x.tcp().ActiveOpens) }
func (x transport) TcpPassiveOpens() uint32 { return low(x.tcp().PassiveOpens) }
func (x transport) TcpAttemptFails() uint32 { return low(x.tcp().AttemptFails) }
func (x transport) TcpEstabResets() uint32  { return low(x.tcp().EstabResets) }
func (x transport) TcpInSegs() uint32       { return low(x.tcp().InSegs) }
func (x transport) TcpHCInSegs() uint64     { return x.tcp().InSegs }
func (x transport) TcpOutSegs() uint32      { return low(x.tcp().OutSegs) }
func (x transport) TcpHCOutSegs() uint64    { return x.tcp().OutSegs }
func (x transport) TcpRetransSegs() uint32  { return low(x.tcp().RetransSegs) }
func (x transport) TcpInErrs() uint32       { return low(x.tcp().InErrs) }
func (x transport) TcpOutRsts() uint32      { return low(x.tcp().OutRsts) }

func (x transport) UdpInDatagrams() uint32    { return low(x.udp().InDatagrams) }
func (x transport) UdpHCInDatagrams() uint64  { return x.udp().InDatagrams }
func (x transport) UdpNoPorts() uint32        { return low(x.udp().NoPorts) }
func (x transport) UdpInErrors() uint32       { return low(x.udp().InErrors) }
func (x transport) UdpOutDatagrams() uint32   { return low(x.udp().OutDatagrams) }
func (x transport) UdpHCOutDatagrams() uint64 { return x.udp().OutDatagrams }
