package standard

import (
	"cmp"
	"math"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/hostresources"
)

// deviceTables are the devices of one snapshot of the network: the processors
// in it are those of the same moment.
type deviceTables struct {
	devices mib.Sorted[hostresources.HrDeviceRow]
	network mib.Sorted[hostresources.HrNetworkRow]

	disks      mib.Sorted[hostresources.HrDiskStorageRow]
	partitions mib.Sorted[hostresources.HrPartitionRow]
}

// moment is both snapshots that devices are made of.
type moment struct {
	network *host.Network
	system  *host.System
}

func (r resources) devices() *deviceTables {
	return r.t.devices.of(moment{r.t.host.Network(), r.t.host.System()}, r.buildDevices)
}

func (r resources) buildDevices(m moment) *deviceTables {
	var devices []hostresources.HrDeviceRow
	var network []hostresources.HrNetworkRow
	for _, p := range m.system.Processors {
		name := cmp.Or(p.Model, "processor")
		devices = append(devices, hostresources.NewHrDeviceRow(int32(firstProcessor+p.Number), deviceProcessor, mib.Clip(name, 64), zeroDotZero, hostresources.HrDeviceStatusRunning, 0)) //nolint:gosec // a few
	}
	for i := range m.network.Interfaces {
		link := &m.network.Interfaces[i]
		if link.Line != nil || link.Index > math.MaxInt32-networkDevices {
			continue
		}
		index := int32(networkDevices + link.Index) //nolint:gosec // just checked
		errors := low(link.Counters.InErrors + link.Counters.OutErrors)
		devices = append(devices, hostresources.NewHrDeviceRow(index, deviceNetwork, "network interface "+mib.Clip(link.Name, 40), zeroDotZero, deviceStatus(link), errors))
		network = append(network, hostresources.NewHrNetworkRow(index, int32(link.Index))) //nolint:gosec // just checked
	}
	disks := buildDisks(m.system, &r.t.places.disks)
	devices = append(devices, disks.devices...)
	hostresources.SortHrDevice(devices)
	return &deviceTables{
		mib.NewSorted(devices, hostresources.CompareHrDevice), mib.NewSorted(network, hostresources.CompareHrNetwork),
		mib.NewSorted(disks.disks, hostresources.CompareHrDiskStorage), mib.NewSorted(disks.partitions, hostresources.CompareHrPartition),
	}
}

func deviceStatus(i *host.Interface) hostresources.HrDeviceStatus {
	switch i.State {
	case host.Up, host.Dormant:
		return hostresources.HrDeviceStatusRunning
	case host.Testing:
		return hostresources.HrDeviceStatusTesting
	case host.Unknown:
		return hostresources.HrDeviceStatusUnknown
	}
	return hostresources.HrDeviceStatusDown
}

func (r resources) SeekHrDevice(key mib.Key, inclusive bool) hostresources.HrDeviceRow {
	row, _ := r.devices().devices.Seek(key, inclusive)
	return row
}

func (r resources) SeekHrNetwork(key mib.Key, inclusive bool) hostresources.HrNetworkRow {
	row, _ := r.devices().network.Seek(key, inclusive)
	return row
}
