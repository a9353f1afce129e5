package host

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Disk is one disk that is a device.
type Disk struct {
	Name       string // "sda"
	Model      string // may be empty
	Size       uint64 // octets; 0 without a medium
	ReadOnly   bool
	Removable  bool
	Optical    bool
	Partitions []Partition // by Number
}

// Partition is a part of a disk.
type Partition struct {
	Number int
	Name   string // "sda1"
	Device string // "8:1", as Storage has it
	Size   uint64 // octets
}

// sector is the unit of sizes in /sys/block, whatever the disk's own is.
const sector = 512

// disks lists the disks by name; loop, RAM and mapped disks have no device.
func (h *Host) disks() []Disk {
	folders, _ := filepath.Glob(h.path("sys/block/*/device"))
	var out []Disk
	for _, f := range folders {
		name := filepath.Base(filepath.Dir(f))
		dir := filepath.Join("sys/block", name)
		out = append(out, Disk{
			Name: name, Model: h.line(dir, "device/model"), Size: h.sectors(dir),
			ReadOnly: h.number(dir, "ro") == 1, Removable: h.number(dir, "removable") == 1, Optical: strings.HasPrefix(name, "sr"),
			Partitions: h.partitions(name),
		})
	}
	return out
}

func (h *Host) partitions(disk string) []Partition {
	files, _ := filepath.Glob(h.path("sys/block", disk, disk+"*", "partition"))
	var out []Partition
	for _, f := range files {
		name := filepath.Base(filepath.Dir(f))
		dir := filepath.Join("sys/block", disk, name)
		if n, err := strconv.Atoi(h.line(dir, "partition")); err == nil && n > 0 {
			out = append(out, Partition{Number: n, Name: name, Device: h.line(dir, "dev"), Size: h.sectors(dir)})
		}
	}
	slices.SortFunc(out, func(a, b Partition) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

func (h *Host) sectors(dir string) uint64 {
	return uint64(max(h.number(dir, "size"), 0)) * sector //nolint:gosec // never negative
}
