package host

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"syscall"
)

// Storage is one file system.
type Storage struct {
	Number int    // counts from 1; a mount point keeps its number
	Mount  string // "/var"
	Type   string // "ext4"
	Device string // number of its device: "98:0"; empty when that is not known
	// Unit is the size of a block in octets, Size and Used are in blocks.
	Unit, Size, Used uint64
	ReadOnly         bool
}

// diskTypes are the file systems that store something on this host. Those of
// other hosts are left out: statfs(2) may wait for a server that is down.
var diskTypes = map[string]bool{
	"btrfs": true, "exfat": true, "ext2": true, "ext3": true, "ext4": true, "f2fs": true, "jfs": true, "jffs2": true,
	"nilfs2": true, "ntfs": true, "ntfs3": true, "overlay": true, "reiserfs": true, "squashfs": true, "tmpfs": true,
	"ubifs": true, "vfat": true, "xfs": true, "zfs": true,
}

// mountNumbers gives every mount point its number.
type mountNumbers map[string]int

func (m *mountNumbers) of(mount string) int {
	if *m == nil {
		*m = mountNumbers{}
	}
	n, ok := (*m)[mount]
	if !ok {
		n = len(*m) + 1
		(*m)[mount] = n
	}
	return n
}

// mount is one line of proc_pid_mountinfo(5):
//
//	36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
//	(id, parent, device, root, mount point, options, optional fields, -, type, source, more options)
type mount struct {
	device, point, kind string
}

func parseMount(f []string) (m mount, ok bool) {
	dash := slices.Index(f, "-")
	if dash < 6 || len(f) < dash+2 {
		return m, false
	}
	return mount{device: f[2], point: unescape(f[4]), kind: f[dash+1]}, true
}

var octal = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// unescape undoes what the kernel does to white space in names.
func unescape(s string) string { return octal.Replace(s) }

// storage lists the file systems; one that is mounted at several places is
// listed once, at the shortest.
func (h *Host) storage() []Storage {
	byPoint := map[string]mount{}
	h.lines("proc/self/mountinfo", func(f []string) {
		if m, ok := parseMount(f); ok {
			byPoint[m.point] = m // a later mount hides the earlier
		}
	})
	byDevice := map[string]mount{}
	for _, m := range byPoint {
		have, ok := byDevice[m.device]
		shorter := !ok || cmp.Or(cmp.Compare(len(m.point), len(have.point)), cmp.Compare(m.point, have.point)) < 0
		if diskTypes[m.kind] && !passing(m) && shorter {
			byDevice[m.device] = m
		}
	}
	var out []Storage
	for _, m := range byDevice {
		out = h.stat(out, m)
	}
	if h.data != "" && !slices.ContainsFunc(out, func(s Storage) bool { return holds(s.Mount, h.data) }) {
		out = h.stat(out, mount{point: h.data})
	}
	slices.SortFunc(out, func(a, b Storage) int { return cmp.Compare(a.Mount, b.Mount) })
	for i := range out {
		out[i].Number = h.mounts.of(out[i].Mount)
	}
	slices.SortFunc(out, func(a, b Storage) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// passing are mounts that come and go with sessions and services: they would
// only use numbers up.
func passing(m mount) bool {
	return m.kind == "tmpfs" && (strings.HasPrefix(m.point, "/run/user/") || strings.HasPrefix(m.point, "/run/credentials/")) ||
		strings.HasPrefix(m.point, "/sys/") || strings.HasPrefix(m.point, "/proc/")
}

// holds tells whether a file system covers a folder.
func holds(point, folder string) bool {
	return point == "/" || folder == point || strings.HasPrefix(folder, point+"/")
}

// stRdonly is ST_RDONLY of statfs(2).
const stRdonly = 1

// stat adds the file system at a mount point, unless it has no size.
func (h *Host) stat(to []Storage, m mount) []Storage {
	info, err := os.Stat(m.point)
	if err != nil || !info.IsDir() {
		return to // a single file may be mounted as well
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(m.point, &fs); err != nil || fs.Blocks == 0 {
		return to
	}
	return append(to, Storage{
		Mount: m.point, Type: m.kind, Device: m.device, ReadOnly: fs.Flags&stRdonly != 0,
		Unit: uint64(fs.Frsize), Size: fs.Blocks, Used: fs.Blocks - min(fs.Bfree, fs.Blocks), //nolint:gosec,unconvert // of another type on other machines, never negative
	})
}
