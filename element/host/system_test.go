package host

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fake is a host whose files the test writes.
func fake(t *testing.T, files map[string]string) *Host {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := New(Options{Root: root, UpTime: func() time.Duration { return 0 }})
	h.diagnose = func(_, _ uint8, _ func([]byte)) error { return syscall.ENOENT }
	return h
}

func TestSystem(t *testing.T) {
	h := fake(t, map[string]string{
		"proc/uptime": "1234.56 99.00\n",
		"proc/1/stat": "", "proc/42/stat": "", "proc/self/stat": "",
		"proc/meminfo": "MemTotal: 1000 kB\nMemFree: 400 kB\nBuffers: 10 kB\nCached: 50 kB\nShmem: 5 kB\nSwapTotal: 200 kB\nSwapFree: 150 kB\nHugePages_Total: 3\nMemAvailable:\n",
		"proc/stat":    "cpu 1 2 3\ncpu0 10 0 10 70 10 0 0 0 5 5\ncpu2 50 0 0 50 0 0 0 0\ncpu-1 1 1 1 1\ncpux 1 1 1 1\nintr 1\n",
		"proc/cpuinfo": "processor\t: 0\nmodel name\t: First  of all\n\nprocessor\t: 2\nmodel name\t: Other\n",
	})
	s := h.System()
	if s.UpTime != 1234560*time.Millisecond || s.Processes != 2 {
		t.Errorf("up %v, %d processes", s.UpTime, s.Processes)
	}
	if want := (Memory{1000 << 10, 400 << 10, 10 << 10, 50 << 10, 5 << 10, 200 << 10, 150 << 10}); s.Memory != want {
		t.Errorf("%+v", s.Memory)
	}
	if want := []Processor{{0, "First of all", 20}, {2, "Other", 50}}; !slices.Equal(s.Processors, want) {
		t.Errorf("%+v", s.Processors)
	}
}

func TestHostThatTellsNothing(t *testing.T) {
	h := fake(t, nil)
	if s := h.System(); s.UpTime != 0 || s.Processes != 0 || len(s.Processors) != 0 || len(s.Storage) != 0 {
		t.Errorf("%+v", s)
	}
	if s := h.Sensors(); len(s.List) != 0 {
		t.Errorf("%+v", s)
	}
	for _, text := range []string{"", "x", "-1 0", "1e300 0", "NaN 0"} {
		if got := fake(t, map[string]string{"proc/uptime": text}).upTimeOfHost(); got != 0 {
			t.Errorf("up time of %q is %v", text, got)
		}
	}
}

func TestLoadOfAMinute(t *testing.T) {
	var l load
	start := time.Now()
	if got := l.since(0, ticks{25, 100}); got != 25 {
		t.Errorf("since the start of the host: %d", got)
	}
	for i := range 30 {
		l.add(sample{start.Add(time.Duration(i) * 5 * time.Second), map[int]ticks{0: {uint64(i), uint64(10 * i)}}})
	}
	if n := len(l.samples); n != 13 {
		t.Errorf("%d samples are kept", n)
	}
	first := l.samples[0].busy[0] // a minute before the last
	if got := l.since(0, ticks{first.busy + 60, first.all + 100}); got != 60 {
		t.Errorf("load %d", got)
	}
	for name, now := range map[string]ticks{"no time": first, "back in time": {0, 0}, "less busy": {first.busy - 1, first.all + 5}} {
		if got := l.since(0, now); got != 0 {
			t.Errorf("%s: %d", name, got)
		}
	}
}

// TestStorageIsThatOfStatfs: every file system is as statfs(2) tells, and the
// one of the data folder is among them.
func TestStorageIsThatOfStatfs(t *testing.T) {
	h := newHost(t)
	list := h.System().Storage
	if !slices.ContainsFunc(list, func(s Storage) bool { return holds(s.Mount, h.data) }) {
		t.Errorf("no storage holds %s: %+v", h.data, list)
	}
	for i, s := range list {
		var fs syscall.Statfs_t
		if err := syscall.Statfs(s.Mount, &fs); err != nil {
			t.Error(err)
			continue
		}
		if s.Size != fs.Blocks || s.Unit != uint64(fs.Frsize) || s.Used > s.Size || s.Number != i+1 {
			t.Errorf("%+v, statfs %+v", s, fs)
		}
	}
	if again := h.system.fresh().Storage; len(again) != len(list) {
		t.Errorf("%+v, and then %+v", list, again)
	}
}

func TestMounts(t *testing.T) {
	dir, other, hidden, folder := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	spaced := filepath.Join(dir, "a b")
	if err := os.Mkdir(spaced, 0o700); err != nil {
		t.Fatal(err)
	}
	lines := []string{
		"1 0 8:1 / " + strings.ReplaceAll(spaced, " ", `\040`) + " rw - ext4 /dev/sda1 rw",
		"2 0 8:1 /x " + dir + " rw shared:1 master:2 - ext4 /dev/sda1 rw",
		"3 0 8:2 / " + other + " rw - nfs4 server:/x rw",
		"4 0 8:3 / " + filepath.Join(dir, "gone") + " rw - xfs /dev/sdb rw",
		"5 0 0:5 / /run/user/0 rw - tmpfs tmpfs rw",
		"6 0 0:6 / /sys/fs/x rw - tmpfs tmpfs rw",
		"9 0 8:9 / " + hidden + " rw - ext4 /dev/sdc rw",
		"10 0 0:10 / " + hidden + " rw - proc proc rw",
		"7 0 8:7", "8 0 8:8 / /x rw -", "",
	}
	h := fake(t, map[string]string{"proc/self/mountinfo": strings.Join(lines, "\n")})
	got := h.storage()
	if len(got) != 1 || got[0].Mount != dir || got[0].Type != "ext4" || got[0].Number != 1 {
		t.Errorf("%+v", got)
	}
	h.data = folder
	got = h.storage()
	if len(got) != 2 || got[0].Mount != dir || got[1].Mount != folder || got[1].Number != 2 {
		t.Errorf("with a data folder: %+v", got)
	}
	if m, ok := parseMount(strings.Fields(lines[0])); !ok || m.point != spaced {
		t.Errorf("mount point %q", m.point)
	}
}

// TestProcessors: they are read again when others are on line.
func TestProcessors(t *testing.T) {
	h := fake(t, map[string]string{"sys/devices/system/cpu/online": "0-1\n", "proc/stat": "cpu0 1 0 0 9\ncpu1 1 0 0 9\n", "proc/cpuinfo": "processor : 0\nmodel name : First\n"})
	first := h.Processors()
	if len(first.List) != 2 || first.List[0].Model != "First" {
		t.Fatalf("%+v", first)
	}
	write := func(name, text string) {
		if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("proc/stat", "cpu0 5 0 0 9\n")
	if again := h.cpus.fresh(); again != first {
		t.Errorf("%+v, and then %+v", first, again)
	}
	write("sys/devices/system/cpu/online", "0\n")
	if last := h.cpus.fresh(); len(last.List) != 1 {
		t.Errorf("%+v", last)
	}
}

func TestSensors(t *testing.T) {
	h := fake(t, map[string]string{
		"sys/class/hwmon/hwmon0/name":         "coretemp\n",
		"sys/class/hwmon/hwmon0/temp1_input":  "45500\n",
		"sys/class/hwmon/hwmon0/temp1_label":  "Package id 0\n",
		"sys/class/hwmon/hwmon0/temp10_input": "-1000\n",
		"sys/class/hwmon/hwmon0/temp2_input":  "broken\n",
		"sys/class/hwmon/hwmon0/fan1_input":   "1200\n",
		"sys/class/hwmon/hwmon0/pwm1_input":   "1\n",
		"sys/class/hwmon/hwmon1/power1_input": "15000000\n",

		"sys/class/hwmon/hwmon0/temp2_fault":      "1\n",
		"sys/class/hwmon/hwmon0/temp10_fault":     "0\n",
		"sys/class/hwmon/hwmon1/power1_average":   "14000000\n",
		"sys/class/hwmon/hwmon1/humidity1_input":  "45250\n",
		"sys/class/hwmon/hwmon1/temp1_crit_input": "1\n",
		"sys/class/hwmon/hwmon1/in0_input":        "12000\n",
		"sys/class/hwmon/hwmon1/curr1_input":      "250\n",
	})
	want := []Sensor{
		{"coretemp sys/class/hwmon/hwmon0 fan1_input", "coretemp: fan1", RPM, 1200, false, false},
		{"coretemp sys/class/hwmon/hwmon0 temp1_input", "coretemp: Package id 0", Celsius, 45500, false, false},
		{"coretemp sys/class/hwmon/hwmon0 temp2_input", "coretemp: temp2", Celsius, 0, true, true},
		{"coretemp sys/class/hwmon/hwmon0 temp10_input", "coretemp: temp10", Celsius, -1000, false, false},
		{" sys/class/hwmon/hwmon1 in0_input", "in0", Volts, 12000, false, false},
		{" sys/class/hwmon/hwmon1 curr1_input", "curr1", Amperes, 250, false, false},
		{" sys/class/hwmon/hwmon1 power1_input", "power1", Watts, 15000, false, false},
		{" sys/class/hwmon/hwmon1 power1_average", "power1 average", Watts, 14000, false, false},
		{" sys/class/hwmon/hwmon1 humidity1_input", "humidity1", Percent, 45250, false, false},
	}
	if got := h.Sensors().List; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestSensorKeys: a chip whose driver is loaded again has another number, and the
// keys that it had.
func TestSensorKeys(t *testing.T) {
	h := fake(t, map[string]string{
		"sys/devices/chip/hwmon/hwmon3/name": "nct\n", "sys/devices/chip/hwmon/hwmon3/temp1_input": "1\n",
		"sys/devices/chip/hwmon/hwmon5/name": "nct\n", "sys/devices/chip/hwmon/hwmon5/temp1_input": "1\n",
		"sys/class/hwmon/x": "",
	})
	key := func(number string) string {
		t.Helper()
		chip := h.path("sys/devices/chip/hwmon", number)
		for link, to := range map[string]string{filepath.Join(chip, "device"): "../..", h.path("sys/class/hwmon", number): chip} {
			if err := os.Symlink(to, link); err != nil {
				t.Fatal(err)
			}
		}
		defer os.Remove(h.path("sys/class/hwmon", number))
		all := h.sensors.fresh().List
		if len(all) != 1 {
			t.Fatalf("%+v", all)
		}
		return all[0].Key
	}
	if before, after := key("hwmon3"), key("hwmon5"); before != after {
		t.Errorf("%q, then %q", before, after)
	}
}

func TestDisks(t *testing.T) {
	h := fake(t, map[string]string{
		"sys/block/loop0/size": "8\n", "sys/block/sr0/device/model": "DVD\n", "sys/block/sr0/removable": "1\n", "sys/block/sr0/ro": "1\n",
		"sys/block/sda/device/model": "Disk 1  \n", "sys/block/sda/size": "4096\n", "sys/block/sda/ro": "0\n",
		"sys/block/sda/sda10/partition": "10\n", "sys/block/sda/sda10/dev": "8:10\n", "sys/block/sda/sda10/size": "8\n",
		"sys/block/sda/sda2/partition": "2\n", "sys/block/sda/sda2/dev": "8:2\n", "sys/block/sda/sda2/size": "2048\n",
		"sys/block/sda/sda3/partition": "x\n",
	})
	want := "[{sda Disk 1 2097152 false false false [{2 sda2 8:2 1048576} {10 sda10 8:10 4096}]} {sr0 DVD 0 true true true []}]"
	if got := fmt.Sprint(h.disks()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
