package standard_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/golangsnmp/gomib"
	smi "github.com/golangsnmp/gomib/mib"
)

// fullModules is where the complete modules are on our machines.
const fullModules = "../../../shared/mibs"

func load(t *testing.T, dir string, names ...string) *smi.Mib {
	t.Helper()
	src, err := gomib.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := gomib.Load(context.Background(), gomib.WithSource(src), gomib.WithModules(names...))
	if err != nil {
		t.Fatalf("load %s: %v", dir, err)
	}
	return m
}

func names(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.mib")
	if err != nil || len(files) == 0 {
		t.Fatalf("no modules: %v", err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".mib")
	}
	return files
}

func TestModulesNeedNothingFromOutside(t *testing.T) {
	m := load(t, ".", names(t)...)
	for _, u := range m.Unresolved() {
		t.Errorf("unresolved: %+v", u)
	}
	for _, name := range names(t) {
		mod := m.Module(name)
		if mod == nil || len(mod.Objects())+len(mod.Types()) == 0 {
			t.Fatalf("%s: not loaded", name)
		}
		for _, o := range mod.Objects() {
			if o.Description() == "" {
				t.Errorf("%s: no DESCRIPTION", o.Name())
			}
		}
	}
}

func TestObjectsAgreeWithTheFullModules(t *testing.T) {
	if _, err := os.Stat(fullModules); err != nil {
		t.Skip("the full modules are not here")
	}
	ours, full := load(t, ".", names(t)...), load(t, fullModules, names(t)...)
	for _, name := range names(t) {
		for _, got := range ours.Module(name).Objects() {
			t.Run(name+"."+got.Name(), func(t *testing.T) {
				want := full.Module(name).Object(got.Name())
				if want == nil {
					t.Fatal("not in the full module")
				}
				compare(t, got, want)
			})
		}
		for _, got := range ours.Module(name).Notifications() {
			t.Run(name+"."+got.Name(), func(t *testing.T) {
				want := full.Module(name).Notification(got.Name())
				if want == nil || !got.OID().Equal(want.OID()) || len(got.Objects()) != len(want.Objects()) {
					t.Errorf("differs from the full module: %s", got.OID())
				}
			})
		}
	}
}

// setOnTheHost are objects that a manager may read only, as the compliance
// statements of the full modules permit (MIN-ACCESS, RFC 2580 §5.4.1).
var setOnTheHost = []string{
	"ifAdminStatus", "ifLinkUpDownTrapEnable", "ifPromiscuousMode", "ifAlias", "ifStackStatus",
	"ipForwarding", "ipDefaultTTL", "ipv6IpForwarding", "ipv6IpDefaultHopLimit",
	"ipAddressIfIndex", "ipAddressType", "ipAddressStatus", "ipAddressRowStatus", "ipAddressStorageType",
	"ipv4InterfaceEnableStatus", "ipv6InterfaceEnableStatus", "ipv6InterfaceForwarding",
	"ipNetToPhysicalPhysAddress", "ipNetToPhysicalType", "ipNetToPhysicalRowStatus",
	"ipNetToMediaIfIndex", "ipNetToMediaPhysAddress", "ipNetToMediaNetAddress", "ipNetToMediaType",
	"tcpConnectionState", "sipCommonStatusCodeRowStatus",
	"hrSystemDate", "hrStorageSize", "hrFSLastFullBackupDate", "hrFSLastPartialBackupDate",
	"entPhysicalSerialNum", "entPhysicalAlias", "entPhysicalAssetID", "entPhysicalUris",
}

// ourModel are the objects of the default log and of the list of what may go
// wrong, which a manager may read only: it is we who know.
func ourModel(name string) bool {
	return strings.HasPrefix(name, "alarmModel") || strings.HasPrefix(name, "nlmConfigLog")
}

// compareLabels wants the labels of the full module; of the lists that IANA
// keeps and extends, those that the host may have.
func compareLabels(t *testing.T, got, want *smi.Object) {
	t.Helper()
	g, w := got.EffectiveEnums(), want.EffectiveEnums()
	if typ := got.Type(); typ != nil && strings.HasPrefix(typ.Name(), "IANA") {
		for _, label := range g {
			if !slices.Contains(w, label) {
				t.Errorf("label %v is not in the full module", label)
			}
		}
		return
	}
	if !slices.Equal(g, w) {
		t.Errorf("labels %v, want %v", g, w)
	}
}

// defaultsOfOurs are the defaults that differ on purpose; the descriptions say
// why.
var defaultsOfOurs = map[string]string{
	"snmpTargetAddrMMS": "0",
}

// emptyToo are the strings that have a size more than in the full module: none.
var emptyToo = []string{"snmpCommunityContextEngineID"}

func sizes(o *smi.Object) []smi.Range {
	s := o.EffectiveSizes()
	if slices.Contains(emptyToo, o.Name()) && len(s) > 0 && s[0] == (smi.Range{}) {
		return s[1:]
	}
	return s
}

func writable(o *smi.Object) bool {
	return o.Access() == smi.AccessReadWrite || o.Access() == smi.AccessReadCreate
}

// whole are the modules of which every object is here, but for what is said of
// notifications that a proxy forwards.
var whole = []string{
	"SNMP-COMMUNITY-MIB", "SNMP-FRAMEWORK-MIB", "SNMP-MPD-MIB", "SNMP-NOTIFICATION-MIB", "SNMP-TARGET-MIB",
	"SNMP-USER-BASED-SM-MIB", "SNMP-VIEW-BASED-ACM-MIB",
}

func TestModulesAreWhole(t *testing.T) {
	if _, err := os.Stat(fullModules); err != nil {
		t.Skip("the full modules are not here")
	}
	ours, full := load(t, ".", names(t)...), load(t, fullModules, names(t)...)
	for _, name := range whole {
		for _, want := range full.Module(name).Objects() {
			if ours.Module(name).Object(want.Name()) == nil && !strings.HasPrefix(want.Name(), "snmpTrap") {
				t.Errorf("%s has no %s", name, want.Name())
			}
		}
	}
}

func compare(t *testing.T, got, want *smi.Object) {
	t.Helper()
	if !got.OID().Equal(want.OID()) {
		t.Errorf("OID %s, want %s", got.OID(), want.OID())
	}
	if got.Access() != want.Access() && !(got.Access() == smi.AccessReadOnly && (slices.Contains(setOnTheHost, got.Name()) || ourModel(got.Name()))) {
		t.Errorf("access %s, want %s", got.Access(), want.Access())
	}
	if g, w := got.Type().EffectiveBase(), want.Type().EffectiveBase(); g != w {
		t.Errorf("base type %s, want %s", g, w)
	}
	compareLabels(t, got, want)
	if w := want.DefaultValue(); !w.IsZero() && writable(got) && slices.Contains(whole, got.Module().Name()) {
		def := w.String()
		if d, ours := defaultsOfOurs[got.Name()]; ours {
			def = d
		}
		if got.DefaultValue().String() != def {
			t.Errorf("default %s, want %s", got.DefaultValue(), def)
		}
	}
	if !slices.Equal(got.EffectiveRanges(), want.EffectiveRanges()) {
		t.Errorf("range %v, want %v", got.EffectiveRanges(), want.EffectiveRanges())
	}
	if !slices.Equal(sizes(got), want.EffectiveSizes()) {
		t.Errorf("size %v, want %v", got.EffectiveSizes(), want.EffectiveSizes())
	}
}
