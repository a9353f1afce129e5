package dcm

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/event"
	"mibgate/element/netif"
	"mibgate/element/store"
	"mibgate/mib/model"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

func startIn(t *testing.T, dir, version string) *testelement.Element {
	t.Helper()
	el := testelement.Open(t, dir, element.Options{})
	s, err := New(el.Store, version)
	if err != nil {
		t.Fatal(err)
	}
	el.Start(s)
	return el
}

func TestUnitInfo(t *testing.T) {
	testwait.NoLeaks(t)
	el := startIn(t, t.TempDir(), "v1.2.3-"+strings.Repeat("x", 80))
	if got := el.Get("Dcm.UnitInfoProductName"); got != "mibgate" {
		t.Errorf("the product is %q", got)
	}
	if got := el.Get("Dcm.SoftwareVersion"); !strings.HasPrefix(got, "v1.2.3-x") || len(got) != 64 {
		t.Errorf("the version is %q", got)
	}
	if got := el.Get("Dcm.UnitInfoHardwareRevision"); !strings.Contains(got, "linux") {
		t.Errorf("the hardware is %q", got)
	}
	want := ""
	if mac, err := netif.MAC(netif.Lan1); err == nil {
		want = mac.String()
	}
	if got := el.Get("Dcm.UnitInfoMacAddress"); got != want {
		t.Errorf("the MAC address is %q, want %q", got, want)
	}
}

func TestMemory(t *testing.T) {
	testwait.NoLeaks(t)
	el := startIn(t, t.TempDir(), "")
	for _, kind := range []string{"PersistentMemory", "VolatileMemory"} {
		total, err1 := strconv.ParseUint(el.Get("Dcm."+kind+"Total"), 10, 64)
		used, err2 := strconv.ParseUint(el.Get("Dcm."+kind+"InUse"), 10, 64)
		if err1 != nil || err2 != nil || total == 0 || used == 0 || used > total {
			t.Errorf("%s: %d of %d in use", kind, used, total)
		}
	}
}

// TestSerialNumber: it is made once, stays over restarts and a factory reset,
// and differs between units.
func TestSerialNumber(t *testing.T) {
	testwait.NoLeaks(t)
	dir := t.TempDir()
	el := startIn(t, dir, "")
	serial := el.Get("Dcm.UnitInfoSerialNumber")
	if !regexp.MustCompile(`^[0-9A-F]{12}$`).MatchString(serial) {
		t.Errorf("the serial number is %q", serial)
	}
	el.Close()
	if err := store.Reset(dir, StateName); err != nil {
		t.Fatal(err)
	}
	if got := startIn(t, dir, "").Get("Dcm.UnitInfoSerialNumber"); got != serial {
		t.Errorf("the serial number changed from %s to %s", serial, got)
	}
	if got := startIn(t, t.TempDir(), "").Get("Dcm.UnitInfoSerialNumber"); got == serial {
		t.Errorf("two units have the serial number %s", got)
	}
}

func TestSerialNumberCannotBeKept(t *testing.T) {
	dir := t.TempDir()
	st, err := store.Open(dir, model.Registry)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := os.WriteFile(filepath.Join(dir, "state"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(st, ""); err == nil {
		t.Error("a serial number that is another one after each start was taken")
	}
}

// TestDiskTrouble: the two events are a pair, and the first is critical.
func TestDiskTrouble(t *testing.T) {
	bus := event.NewBus(time.Now)
	bus.Emit(diskEvent(errors.New("input/output error")))
	alarms := bus.Active()
	if len(alarms) != 1 || alarms[0].Severity != event.Critical || !strings.Contains(alarms[0].Text, "input/output error") {
		t.Errorf("alarms: %+v", alarms)
	}
	bus.Emit(diskEvent(nil))
	if alarms := bus.Active(); len(alarms) != 0 {
		t.Errorf("alarms after the repair: %+v", alarms)
	}
}

func TestKernel(t *testing.T) {
	root := t.TempDir()
	k := kernel{root: root}
	if total, used := k.memory(); total != 0 || used != 0 {
		t.Errorf("memory without /proc: %d of %d", used, total)
	}
	if got := k.revision(); !strings.HasSuffix(got, "linux") {
		t.Errorf("revision without /proc: %q", got)
	}
	if total, used := disk(filepath.Join(root, "missing")); total != 0 || used != 0 {
		t.Errorf("disk of a missing folder: %d of %d", used, total)
	}
	if err := os.Mkdir(filepath.Join(root, "proc"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, meminfo string
		total, used   uint64
	}{
		{"usual", "MemTotal:        1000 kB\nMemFree: 1 kB\nMemAvailable:     400 kB\n", 1000 << 10, 600 << 10},
		{"old kernel", "MemTotal: 1000 kB\n", 1000 << 10, 1000 << 10},
		{"more available than there is", "MemTotal: 10 kB\nMemAvailable: 11 kB\n", 10 << 10, 0},
		{"nonsense", "MemTotal:\nMemTotal: x kB\n", 0, 0},
		{"too large", "MemTotal: 99999999999999999999 kB\n", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(root, "proc", "meminfo"), []byte(tt.meminfo), 0o600); err != nil {
				t.Fatal(err)
			}
			if total, used := k.memory(); total != tt.total || used != tt.used {
				t.Errorf("%d of %d, want %d of %d", used, total, tt.used, tt.total)
			}
		})
	}
}

func TestKilobytes(t *testing.T) {
	if got := kilobytes(1 << 50); got != 1<<32-1 {
		t.Errorf("too much is %d kB", got)
	}
}
