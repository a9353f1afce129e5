package standard

import (
	"cmp"
	"math"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/hostresources"
)

// noBackup is what hrFSLastFullBackupDate is when nobody knows (RFC 2790).
const noBackup = "\x00\x00\x01\x01\x00\x00\x00\x00"

// fileSystems is the arc of the kinds of file systems, HOST-RESOURCES-TYPES.
var fileSystems = mib.MustOID("1.3.6.1.2.1.25.3.9")

// The kinds that have a number of their own; all else is other.
const fileSystemOther = 1

var fileSystemKinds = map[string]uint32{
	"ntfs": 9, "ntfs3": 9, "jfs": 11, "xfs": 11, "vfat": 22, "ext2": 23, "ext3": 23, "ext4": 23,
}

func fileSystemRow(f *host.Storage) hostresources.HrFSRow {
	access := hostresources.HrFSAccessReadWrite
	if f.ReadOnly {
		access = hostresources.HrFSAccessReadOnly
	}
	kind := fileSystems.Append(cmp.Or(fileSystemKinds[f.Type], fileSystemOther))
	return hostresources.NewHrFSRow(
		int32(f.Number), mib.Clip(f.Mount, 128), "", kind, access, f.Mount == "/" || f.Mount == "/boot", int32(firstFileSystem+f.Number), noBackup, noBackup, //nolint:gosec // a few
	)
}

// diskTables are what is told of disks.
type diskTables struct {
	devices    []hostresources.HrDeviceRow
	disks      []hostresources.HrDiskStorageRow
	partitions []hostresources.HrPartitionRow
}

// mostDisks bounds the disks: behind them are the processors.
const mostDisks = 1000

func buildDisks(s *host.System, numbers *indices) (t diskTables) {
	mounted := map[string]int{}
	for _, f := range s.Storage {
		if f.Device != "" {
			mounted[f.Device] = f.Number
		}
	}
	for i := range s.Disks {
		d := &s.Disks[i]
		number, ok := numbers.of(d.Name, mostDisks)
		if !ok {
			continue
		}
		index := int32(firstDisk + number) //nolint:gosec // bounded
		t.devices = append(t.devices, hostresources.NewHrDeviceRow(index, deviceDisk, mib.Clip(cmp.Or(d.Model, "disk")+" (/dev/"+d.Name+")", 64), zeroDotZero, hostresources.HrDeviceStatusRunning, 0))
		t.disks = append(t.disks, diskRow(index, d))
		for _, p := range d.Partitions {
			t.partitions = append(t.partitions, hostresources.NewHrPartitionRow(
				index, int32(p.Number), mib.Clip("/dev/"+p.Name, 128), p.Device, kilobytes(p.Size), int32(mounted[p.Device]), //nolint:gosec // a few
			))
		}
	}
	hostresources.SortHrDiskStorage(t.disks)
	hostresources.SortHrPartition(t.partitions)
	return t
}

func diskRow(index int32, d *host.Disk) hostresources.HrDiskStorageRow {
	access, media := hostresources.HrDiskStorageAccessReadWrite, hostresources.HrDiskStorageMediaHardDisk
	if d.ReadOnly {
		access = hostresources.HrDiskStorageAccessReadOnly
	}
	if d.Optical {
		media = hostresources.HrDiskStorageMediaOpticalDiskROM
	}
	return hostresources.NewHrDiskStorageRow(index, access, media, d.Removable, kilobytes(d.Size))
}

// kilobytes is KBytes of a size.
func kilobytes(octets uint64) int32 {
	return int32(min(octets/1024, math.MaxInt32)) //nolint:gosec // bounded
}

func (r resources) SeekHrFS(key mib.Key, inclusive bool) hostresources.HrFSRow {
	row, _ := r.tables().files.Seek(key, inclusive)
	return row
}

func (r resources) SeekHrDiskStorage(key mib.Key, inclusive bool) hostresources.HrDiskStorageRow {
	row, _ := r.devices().disks.Seek(key, inclusive)
	return row
}

func (r resources) SeekHrPartition(key mib.Key, inclusive bool) hostresources.HrPartitionRow {
	row, _ := r.devices().partitions.Seek(key, inclusive)
	return row
}
