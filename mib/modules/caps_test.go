package modules_test

import (
	"slices"
	"testing"

	smi "github.com/golangsnmp/gomib/mib"
)

// capabilities is what the agent says of itself (RFC 2580 §6).
func capabilities(t *testing.T) []smi.CapabilitiesModule {
	t.Helper()
	c := load(t).Capability("mibgateAgentCapabilities")
	if c == nil {
		t.Fatal("no mibgateAgentCapabilities")
	}
	if got, want := c.OID().String(), root+".200.61010.1.1"; got != want {
		t.Errorf("OID %s, want %s: sysORTable names it", got, want)
	}
	return c.Supports()
}

// TestCapabilitiesNameEveryGroup holds the statement to the modules: what is in
// a module is implemented, so that every group of it is included.
func TestCapabilitiesNameEveryGroup(t *testing.T) {
	included := map[string][]string{}
	for _, s := range capabilities(t) {
		included[s.ModuleName] = append(included[s.ModuleName], s.Includes...)
	}
	for _, mod := range serviceModules(t) {
		var groups []string
		for _, g := range mod.Groups() {
			groups = append(groups, g.Name())
		}
		slices.Sort(groups)
		slices.Sort(included[mod.Name()])
		if !slices.Equal(groups, included[mod.Name()]) {
			t.Errorf("%s: groups %v, included %v", mod.Name(), groups, included[mod.Name()])
		}
		delete(included, mod.Name())
	}
	for name := range included {
		t.Errorf("%s is supported and is none of our modules", name)
	}
}

// TestCapabilitiesVaryWhatIsThere finds every variation in its module, and one
// for every secret: it does not read back as it was written.
func TestCapabilitiesVaryWhatIsThere(t *testing.T) {
	varied := map[string]bool{}
	for _, s := range capabilities(t) {
		for _, name := range variations(s) {
			varied[s.ModuleName+"."+name] = true
			if load(t).Module(s.ModuleName).Object(name) == nil {
				t.Errorf("%s has no %s", s.ModuleName, name)
			}
		}
	}
	leaves(t, func(t *testing.T, o *smi.Object) {
		if typeName(o) == "SecretString" && !varied[o.Module().Name()+"."+o.Name()] {
			t.Error("a secret without VARIATION in MIBGATE-CAPS-MIB")
		}
	})
}

// variations are the names that vary. One with a description alone may be a
// notification for all the parser knows, and it takes it for one.
func variations(s smi.CapabilitiesModule) []string {
	var names []string
	for _, v := range s.ObjectVariations {
		names = append(names, v.Object)
	}
	for _, v := range s.NotificationVariations {
		names = append(names, v.Notification)
	}
	return names
}
