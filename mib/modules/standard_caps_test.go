package modules_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/golangsnmp/gomib"
	smi "github.com/golangsnmp/gomib/mib"

	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/modules"
)

// fullModules is where the complete standard modules are on our machines.
const fullModules = "../../../shared/mibs"

// served are the standard modules that the unit answers.
func served() map[string]*mib.Module {
	out := map[string]*mib.Module{}
	for _, m := range model.Registry.Modules() {
		if m.Standard {
			out[m.Name] = m
		}
	}
	return out
}

// find is what a module serves under a name; both are nil when nothing is.
func find(m *mib.Module, name string) (*mib.Object, *mib.NotificationType) {
	for _, o := range m.Objects {
		if o.Name == name {
			return o, nil
		}
	}
	for _, n := range m.Notifications {
		if n.Name == name {
			return nil, n
		}
	}
	return nil, nil
}

// limitsOfTheUnit are the scalars of ours that standard ones are aliases of, and
// whose limits are theirs.
var limitsOfTheUnit = map[string]string{
	"nlmConfigGlobalEntryLimit": "Snmp.NotificationLogLimit",
	"nlmConfigGlobalAgeOut":     "Snmp.NotificationLogAge",
	"alarmClearMaximum":         "Snmp.ClearedAlarmLimit",
}

// TestStandardCapabilitiesAreWhatIsServed holds each variation to the descriptor
// of its object, and the other way round where a descriptor says more.
func TestStandardCapabilitiesAreWhatIsServed(t *testing.T) {
	said, have := statement(t), served()
	if got, want := slices.Sorted(maps.Keys(said)), slices.Sorted(maps.Keys(have)); !slices.Equal(got, want) {
		t.Errorf("supported are %v, served are %v", got, want)
	}
	for name, s := range said {
		if have[name] == nil {
			continue
		}
		for object, clause := range s.variations {
			t.Run(object, func(t *testing.T) { checkVariation(t, have[name], object, clause) })
		}
		for _, table := range have[name].Tables {
			checkRows(t, s, table)
		}
	}
}

func checkVariation(t *testing.T, m *mib.Module, name string, clause map[string]string) {
	t.Helper()
	if clause["DESCRIPTION"] == "" {
		t.Error("no DESCRIPTION")
	}
	o, n := find(m, name)
	if stem, entry := strings.CutSuffix(name, "Entry"); entry {
		if !slices.ContainsFunc(m.Tables, func(t *mib.Table) bool { return t.Name == stem+"Table" }) {
			t.Error("there is no such table")
		}
		return
	}
	if missing := o == nil && n == nil; missing != (clause["ACCESS"] == "not-implemented") {
		t.Fatalf("served is %t, the statement says ACCESS %q", !missing, clause["ACCESS"])
	}
	if o == nil {
		return
	}
	if clause["ACCESS"] == "read-only" && o.Access != mib.ReadOnly {
		t.Error("can be written")
	}
	if want := defval(o); clause["DEFVAL"] != "" && clause["DEFVAL"] != "{ "+want+" }" {
		t.Errorf("DEFVAL %s, want %s", clause["DEFVAL"], want)
	}
	if path, alias := limitsOfTheUnit[name]; alias {
		r := model.Registry.Object(path).Syntax.Ranges[0]
		if want := fmt.Sprintf("Unsigned32 (%d..%d)", r.Min, r.Max); clause["SYNTAX"] != want {
			t.Errorf("SYNTAX %s, want %s as %s", clause["SYNTAX"], want, path)
		}
	} else if len(o.Syntax.Enum) > 0 && clause["SYNTAX"] != "" && clause["SYNTAX"] != enumText(o.Syntax) {
		t.Errorf("SYNTAX %s, want %s", clause["SYNTAX"], enumText(o.Syntax))
	}
}

// defval is a DEFVAL as SMIv2 writes it.
func defval(o *mib.Object) string {
	if o.Syntax.Base == mib.OctetString {
		return fmt.Sprintf("'%X'H", o.Default.Str)
	}
	for _, l := range o.Syntax.Enum {
		if int64(l.Number) == o.Default.Num {
			return l.Name
		}
	}
	return fmt.Sprint(o.Default.Num)
}

func enumText(s *mib.Syntax) string {
	labels := slices.Clone(s.Enum)
	slices.SortFunc(labels, func(a, b mib.Label) int { return int(a.Number - b.Number) })
	var text []string
	for _, l := range labels {
		text = append(text, fmt.Sprintf("%s(%d)", l.Name, l.Number))
	}
	return "INTEGER { " + strings.Join(text, ", ") + " }"
}

// checkRows wants what a table says of its rows: what a new one must be given,
// and the StorageTypes that a manager may set.
func checkRows(t *testing.T, s *supported, table *mib.Table) {
	t.Helper()
	if table.RowStatus == nil || !table.RowStatus.Access.Writable() {
		return
	}
	var want []string
	for _, c := range table.Required {
		want = append(want, c.Name)
	}
	if got := list(s.variations[strings.TrimSuffix(table.Name, "Table")+"Entry"]["CREATION-REQUIRES"]); !slices.Equal(got, want) {
		t.Errorf("%s: CREATION-REQUIRES %v, want %v", table.Name, got, want)
	}
	if got := s.variations[table.Storage.Name]["WRITE-SYNTAX"]; got != "INTEGER { volatile(2), nonVolatile(3) }" {
		t.Errorf("%s: WRITE-SYNTAX %q", table.Storage.Name, got)
	}
}

// TestStandardCapabilitiesAreOfTheFullModules: every object of an included group
// that is not answered, or otherwise than its module has it, varies, and every
// object that is answered is in an included group. A group that is not current
// is included when an object of it that is answered is not current either.
func TestStandardCapabilitiesAreOfTheFullModules(t *testing.T) {
	if _, err := os.Stat(fullModules); err != nil {
		t.Skip("the full modules are not here")
	}
	said, have := statement(t), served()
	src, err := gomib.Dir(fullModules)
	if err != nil {
		t.Fatal(err)
	}
	full, err := gomib.Load(context.Background(), gomib.WithSource(src), gomib.WithModules(slices.Sorted(maps.Keys(have))...))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range said {
		t.Run(name, func(t *testing.T) {
			want := map[string]bool{}
			members := map[string]bool{}
			for _, g := range full.Module(name).Groups() {
				if answers(have[name], full.Module(name), g) {
					want[g.Name()] = true
					checkMembers(t, s, have[name], full.Module(name), g, members)
				}
			}
			if got, want := slices.Sorted(slices.Values(s.includes)), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) {
				t.Errorf("INCLUDES %v, want %v", got, want)
			}
			for object := range s.variations {
				if !members[object] && !strings.HasSuffix(object, "Entry") {
					t.Errorf("%s varies and is in no group that is included", object)
				}
			}
			for _, o := range have[name].Objects {
				if o.Access != mib.NotAccessible && !members[o.Name] {
					t.Errorf("%s is answered and in no group that is included", o.Name)
				}
			}
		})
	}
}

// answers tells whether anything of a group is served that has its status.
func answers(m *mib.Module, full *smi.Module, g *smi.Group) bool {
	return slices.ContainsFunc(g.Members(), func(n *smi.Node) bool {
		o, notification := find(m, n.Name())
		if o != nil {
			return g.Status() == smi.StatusCurrent || full.Object(o.Name).Status() == g.Status()
		}
		return notification != nil && g.Status() == smi.StatusCurrent
	})
}

// accessNames are what the clause ACCESS has (RFC 2580 §6.5.2.3).
var accessNames = map[mib.Access]string{
	mib.NotAccessible: "not-accessible", mib.AccessibleForNotify: "accessible-for-notify", mib.ReadOnly: "read-only", mib.ReadWrite: "read-write", mib.ReadCreate: "read-create",
}

func checkMembers(t *testing.T, s *supported, ours *mib.Module, full *smi.Module, g *smi.Group, members map[string]bool) {
	t.Helper()
	for _, node := range g.Members() {
		name := node.Name()
		members[name] = true
		o, n := find(ours, name)
		clause := s.variations[name]
		switch {
		case n != nil:
		case o == nil:
			if clause["ACCESS"] != "not-implemented" {
				t.Errorf("%s of %s is not answered, the statement says %v", name, g.Name(), clause)
			}
		default:
			want := full.Object(name)
			access := accessNames[o.Access]
			if differs := access != want.Access().String(); differs != (clause["ACCESS"] == access) || !differs && clause["ACCESS"] != "" {
				t.Errorf("%s is %s, in the module %s, the statement says %q", name, access, want.Access(), clause["ACCESS"])
			}
			if fewer := len(o.Syntax.Enum) != len(want.EffectiveEnums()); fewer && clause["SYNTAX"] == "" {
				t.Errorf("%s has other labels than its module, and no SYNTAX", name)
			}
			checkDefaults(t, o, want, clause)
		}
	}
}

// checkDefaults wants a DEFVAL where a column that can be written has another
// default than its module says. The parser writes an empty string as 0 or "".
func checkDefaults(t *testing.T, o *mib.Object, want *smi.Object, clause map[string]string) {
	t.Helper()
	if o.Table == nil || !o.Access.Writable() || o.Default.Kind == mib.KindNone || o.Source == mib.SourceEdit {
		return
	}
	theirs := want.DefaultValue()
	ours := theirs.IsZero()
	switch o.Syntax.Base {
	case mib.OctetString:
		ours = ours || (o.Default.Str == "") != slices.Contains([]string{"0", `""`}, theirs.String())
	case mib.ObjectIdentifier: // by name in one and by number in the other: mib/standard is compared with the full module
	default:
		ours = ours || theirs.String() != defval(o)
	}
	if ours != (clause["DEFVAL"] != "") {
		t.Errorf("%s has the default %s, its module %q, the statement says DEFVAL %q", o.Name, defval(o), want.DefaultValue(), clause["DEFVAL"])
	}
}

// standardFolder finds a folder with the standard modules that the statement is
// about: ours, or where Debian's snmp-mibs-downloader leaves them.
func standardFolder(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{fullModules, "/usr/share/snmp/mibs", "/var/lib/snmp/mibs/ietf"} {
		for _, ext := range []string{"", ".txt"} {
			if _, err := os.Stat(filepath.Join(dir, "SIP-COMMON-MIB"+ext)); err == nil {
				abs, err := filepath.Abs(dir)
				if err != nil {
					t.Fatal(err)
				}
				return abs
			}
		}
	}
	t.Skip("the standard modules are not here")
	return ""
}

// TestToolsReadTheStandardCapabilities: smilint and net-snmp have nothing to say
// against the module when they have the full ones as well.
func TestToolsReadTheStandardCapabilities(t *testing.T) {
	full, dir := standardFolder(t), t.TempDir()
	files, err := modules.Files()
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const node = "MIBGATE-STANDARD-CAPS-MIB::mibgateStandardAgentCapabilities"
	for _, tool := range []struct {
		args []string
		want string
	}{
		{[]string{"smilint", "-l", "6", "./MIBGATE-STANDARD-CAPS-MIB.mib"}, ""},
		{[]string{"snmptranslate", "-M", dir + ":" + full, "-m", "MIBGATE-STANDARD-CAPS-MIB", "-On", node}, "." + root + ".200.61011.1.1\n"},
		{[]string{"snmptranslate", "-M", dir + ":" + full, "-m", "ALL", "-On", node}, "." + root + ".200.61011.1.1\n"},
	} {
		t.Run(tool.args[0], func(t *testing.T) {
			path, err := exec.LookPath(tool.args[0])
			if err != nil {
				if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
					t.Fatal(err)
				}
				t.Skip(err)
			}
			cmd := exec.CommandContext(t.Context(), path, tool.args[1:]...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "SMIPATH="+dir+":"+full)
			if out, err := cmd.CombinedOutput(); err != nil || string(out) != tool.want {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
