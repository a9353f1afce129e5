package admin_test

import (
	"slices"
	"testing"

	"mibgate/agent/snmp/admin"
)

func TestParseDestinations(t *testing.T) {
	got, err := admin.ParseDestinations(" 192.0.2.1 ,host:99, [2001:db8::1]:1162,2001:db8::2,[2001:db8::3]")
	want := []admin.Destination{{Host: "192.0.2.1", Port: 162}, {Host: "host", Port: 99}, {Host: "2001:db8::1", Port: 1162}, {Host: "2001:db8::2", Port: 162}, {Host: "2001:db8::3", Port: 162}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
	if got[2].String() != "[2001:db8::1]:1162" {
		t.Errorf("it prints as %s", got[2])
	}
	if got, err := admin.ParseDestinations("  "); got != nil || err != nil {
		t.Errorf("nothing: %v %v", got, err)
	}
}
