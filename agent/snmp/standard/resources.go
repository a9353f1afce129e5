package standard

import (
	"math"
	"time"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/hostresources"
)

var _ hostresources.Status = resources{}

// resources is the Status of HOST-RESOURCES-MIB.
type resources struct{ t *Tables }

// resourceTables are the tables of one snapshot of the system.
type resourceTables struct {
	system     *host.System
	storage    mib.Sorted[hostresources.HrStorageRow]
	processors mib.Sorted[hostresources.HrProcessorRow]
	files      mib.Sorted[hostresources.HrFSRow]
}

func (r resources) tables() *resourceTables {
	return r.t.resources.of(r.t.host.System(), buildResources)
}

// The devices of hrDeviceTable, numbered as net-snmp does.
const (
	firstProcessor = 196608
	networkDevices = 262144
	firstDisk      = 131073 // and not as net-snmp: behind the network interfaces there is no room
)

// firstFileSystem is the number in front of those of file systems in
// hrStorageTable, below which is memory.
const firstFileSystem = 30

// Types of storage and devices, HOST-RESOURCES-TYPES.
var (
	storageOther   = mib.MustOID("1.3.6.1.2.1.25.2.1.1")
	storageRAM     = mib.MustOID("1.3.6.1.2.1.25.2.1.2")
	storageVirtual = mib.MustOID("1.3.6.1.2.1.25.2.1.3")
	storageDisk    = mib.MustOID("1.3.6.1.2.1.25.2.1.4")
	storageRAMDisk = mib.MustOID("1.3.6.1.2.1.25.2.1.8")

	deviceProcessor = mib.MustOID("1.3.6.1.2.1.25.3.1.3")
	deviceNetwork   = mib.MustOID("1.3.6.1.2.1.25.3.1.4")
	deviceDisk      = mib.MustOID("1.3.6.1.2.1.25.3.1.6")

	zeroDotZero = mib.MustOID("0.0")
)

func buildResources(s *host.System) *resourceTables {
	storage := memoryRows(&s.Memory)
	var files []hostresources.HrFSRow
	for _, f := range s.Storage {
		kind := storageDisk
		if f.Type == "tmpfs" {
			kind = storageRAMDisk
		}
		storage = append(storage, storageRow(firstFileSystem+f.Number, kind, f.Mount, f.Unit, f.Size, f.Used))
		files = append(files, fileSystemRow(&f))
	}
	var processors []hostresources.HrProcessorRow
	for _, p := range s.Processors {
		processors = append(processors, hostresources.NewHrProcessorRow(int32(firstProcessor+p.Number), zeroDotZero, int32(p.Load))) //nolint:gosec // a few
	}
	return &resourceTables{s, mib.NewSorted(storage, hostresources.CompareHrStorage), mib.NewSorted(processors, hostresources.CompareHrProcessor), mib.NewSorted(files, hostresources.CompareHrFS)}
}

// memoryRows are what managers know from net-snmp: of memory in use, what
// buffers and cache take could be had.
func memoryRows(m *host.Memory) []hostresources.HrStorageRow {
	used := func(total, free uint64) uint64 { return total - min(free, total) }
	rows := []hostresources.HrStorageRow{
		storageRow(1, storageRAM, "Physical memory", 1024, m.Total/1024, used(m.Total, m.Free)/1024),
		storageRow(3, storageVirtual, "Virtual memory", 1024, (m.Total+m.SwapTotal)/1024, used(m.Total+m.SwapTotal, m.Free+m.SwapFree)/1024),
		storageRow(6, storageOther, "Memory buffers", 1024, m.Total/1024, m.Buffers/1024),
		storageRow(7, storageOther, "Cached memory", 1024, m.Cached/1024, m.Cached/1024),
		storageRow(8, storageOther, "Shared memory", 1024, m.Shared/1024, m.Shared/1024),
	}
	if m.SwapTotal > 0 {
		rows = append(rows, storageRow(10, storageVirtual, "Swap space", 1024, m.SwapTotal/1024, used(m.SwapTotal, m.SwapFree)/1024))
	}
	return rows
}

// storageRow makes the units larger until the size fits.
func storageRow(index int, kind mib.OID, name string, unit, size, used uint64) hostresources.HrStorageRow {
	for size > math.MaxInt32 {
		unit, size, used = unit*2, size/2, used/2
	}
	return hostresources.NewHrStorageRow(int32(index), kind, mib.Clip(name, 255), int32(min(unit, math.MaxInt32)), int32(size), int32(used)) //nolint:gosec // bounded
}

func (r resources) HrSystemUptime() uint32      { return ticksOf(r.tables().system.UpTime) }
func (r resources) HrSystemNumUsers() uint32    { return uint32(r.tables().system.Users) }     //nolint:gosec // a few
func (r resources) HrSystemProcesses() uint32   { return uint32(r.tables().system.Processes) } //nolint:gosec // a few
func (r resources) HrSystemMaxProcesses() int32 { return 0 }

func (r resources) HrMemorySize() int32 {
	return int32(min(r.tables().system.Memory.Total/1024, math.MaxInt32)) //nolint:gosec // bounded
}

// HrSystemDate is the time that the service Hoc tells; without it, of the host.
func (r resources) HrSystemDate() string {
	if s, ok := r.t.el.Services.Status(hoc.Module).(hoc.Status); ok {
		if t, err := time.Parse(time.RFC3339, s.SystemTime()); err == nil {
			return mib.DateAndTime(t)
		}
	}
	return mib.DateAndTime(time.Now().UTC())
}

func (r resources) SeekHrStorage(key mib.Key, inclusive bool) hostresources.HrStorageRow {
	row, _ := r.tables().storage.Seek(key, inclusive)
	return row
}

func (r resources) SeekHrProcessor(key mib.Key, inclusive bool) hostresources.HrProcessorRow {
	row, _ := r.tables().processors.Seek(key, inclusive)
	return row
}
