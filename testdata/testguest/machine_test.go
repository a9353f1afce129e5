package testguest

import (
	"strings"
	"testing"
)

// TestMachine boots and does what it is told.
func TestMachine(t *testing.T) {
	m := Boot(t, Options{Modules: []string{"mISDN_core", "l1oip", "dahdi", "dahdi_dynamic", "dahdi_dynamic_loc"}})
	m.Do("address lo 127.0.0.1")
	m.Do("insmod /modules/mISDN_core.ko")
	m.Do("insmod /modules/l1oip.ko type=1,2 codec=1,1 ip=127,0,0,1,127,0,0,1 port=931,932 remoteport=932,931 id=1,2")
	m.Do("insmod /modules/dahdi.ko auto_assign_spans=1")
	m.Do("insmod /modules/dahdi_dynamic.ko")
	m.Do("insmod /modules/dahdi_dynamic_loc.ko")
	m.Do("span create loc 1:0 4")
	m.Do("span create loc 1:1 4")
	t.Log(m.Do("tree /sys/bus/dahdi_devices/devices /sys/bus/dahdi_spans/devices /sys/bus/dahdi_channels/devices /sys/bus/dahdi_devices/devices/dynamic:loc:0 /sys/bus/dahdi_spans/devices/span-1 /sys/bus/dahdi_channels/devices/dahdi!chan!001!002 /sys/bus/dahdi_spans/devices/span-2"))
	if out := m.Do("tree /sys/class/mISDN/l1oip-s0.1"); !strings.Contains(out, `nrbchan "2\n"`) {
		t.Errorf("%s", out)
	}
}
