package standard

import (
	"fmt"
	"slices"
	"testing"

	"mibgate/element/host"
	"mibgate/mib/hostresources"
)

func TestDisks(t *testing.T) {
	system := &host.System{
		Storage: []host.Storage{
			{Number: 1, Mount: "/", Type: "ext4", Device: "8:1"}, {Number: 2, Mount: "/tmp", Type: "tmpfs", Device: "0:30"},
			{Number: 4, Mount: "/media", Type: "vfat", Device: "8:17", ReadOnly: true},
		},
		Disks: []host.Disk{
			{Name: "sda", Model: "Disk 1", Size: 1 << 45, Partitions: []host.Partition{{Number: 1, Name: "sda1", Device: "8:1", Size: 1 << 30}, {Number: 2, Name: "sda2", Device: "8:2", Size: 1 << 20}}},
			{Name: "sdb", Size: 1 << 20, ReadOnly: true, Removable: true, Partitions: []host.Partition{{Number: 1, Name: "sdb1", Device: "8:17", Size: 1 << 20}}},
			{Name: "sr0", Optical: true, Removable: true},
		},
	}
	r := resources{newTables(t)}
	tables := r.buildDevices(moment{&host.Network{}, system})
	var got []string
	for d, ok := tables.disks.Seek(nil, true); ok; d, ok = tables.disks.Seek(hostresources.HrDiskStorageKey(d.HrDeviceIndex()), false) {
		device, _ := tables.devices.Seek(hostresources.HrDeviceKey(d.HrDeviceIndex()), true)
		got = append(got, fmt.Sprint(d.HrDeviceIndex(), " ", device.Descr(), " ", d.Access(), " ", d.Media(), " ", d.Removeble(), " ", d.Capacity()))
	}
	want := []string{
		"131073 Disk 1 (/dev/sda) ReadWrite HardDisk false 2147483647", "131074 disk (/dev/sdb) ReadOnly HardDisk true 1024", "131075 disk (/dev/sr0) ReadWrite OpticalDiskROM true 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("disks %q, want %q", got, want)
	}
	got = nil
	for p, ok := tables.partitions.Seek(nil, true); ok; p, ok = tables.partitions.Seek(hostresources.HrPartitionKey(p.HrDeviceIndex(), p.Index()), false) {
		got = append(got, fmt.Sprint(p.HrDeviceIndex(), " ", p.Index(), " ", p.Label(), " ", p.ID(), " ", p.Size(), " ", p.FSIndex()))
	}
	if want := []string{"131073 1 /dev/sda1 8:1 1048576 1", "131073 2 /dev/sda2 8:2 1024 0", "131074 1 /dev/sdb1 8:17 1024 4"}; !slices.Equal(got, want) {
		t.Errorf("partitions %q, want %q", got, want)
	}
	got = nil
	files := buildResources(system).files
	for f, ok := files.Seek(nil, true); ok; f, ok = files.Seek(hostresources.HrFSKey(f.Index()), false) {
		got = append(got, fmt.Sprint(f.Index(), " ", f.MountPoint(), " ", f.Type()[len(fileSystems)], " ", f.Access(), " ", f.Bootable(), " ", f.StorageIndex()))
	}
	if want := []string{"1 / 23 ReadWrite true 31", "2 /tmp 1 ReadWrite false 32", "4 /media 22 ReadOnly false 34"}; !slices.Equal(got, want) {
		t.Errorf("file systems %q, want %q", got, want)
	}
	system.Disks = system.Disks[1:]
	if d, _ := r.buildDevices(moment{&host.Network{}, system}).disks.Seek(nil, true); d.HrDeviceIndex() != 131074 {
		t.Errorf("without the first disk the second is %d", d.HrDeviceIndex())
	}
}
