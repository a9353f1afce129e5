package dcm

import (
	"strconv"

	"mibgate/element/netif"
	"mibgate/mib"
	"mibgate/mib/dcm"
)

var _ dcm.Status = status{}

type status struct{ s *Service }

func (st status) NeedRestartInfo() dcm.NeedRestartInfo { return dcm.NeedRestartInfoNo }

func (st status) UnitInfoProductName() string { return Product }

func (st status) UnitInfoSerialNumber() string { return st.s.serial }

func (st status) UnitInfoMacAddress() string { return st.s.MAC() }

func (st status) UnitInfoHardwareRevision() string { return mib.Clip(st.s.kernel.revision(), 64) }

func (st status) SoftwareVersion() string { return st.s.Version() }

func (st status) PersistentMemoryTotal() uint32 {
	total, _ := disk(st.s.dir)
	return kilobytes(total)
}

func (st status) PersistentMemoryInUse() uint32 {
	_, used := disk(st.s.dir)
	return kilobytes(used)
}

func (st status) VolatileMemoryTotal() string {
	total, _ := st.s.kernel.memory()
	return strconv.FormatUint(total, 10)
}

func (st status) VolatileMemoryInUse() string {
	_, used := st.s.kernel.memory()
	return strconv.FormatUint(used, 10)
}

// MAC is the hardware address of the interface of the default route, "" when
// there is no such interface.
func (s *Service) MAC() string {
	mac, err := netif.MAC(netif.Lan1)
	if err != nil || len(mac) != 6 {
		return ""
	}
	return mac.String()
}

// kilobytes stays at the end of the range when the size does not fit.
func kilobytes(octets uint64) uint32 { return uint32(min(octets/1024, 1<<32-1)) }
