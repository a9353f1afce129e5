package modules_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	smi "github.com/golangsnmp/gomib/mib"
)

// dgwService is what DGW 2.0 has of one of our modules: only objects that we
// have too. See testdata/dgw.json.
type dgwService struct {
	Service string
	Module  string
	ID      uint32
	Objects []dgwObject
}

// dgwObject states the facts of one object. Suffix is its OID behind the
// service's MIBObjects; Labels, Size, Range and Default are absent where DGW
// has none.
type dgwObject struct {
	Name    string
	Suffix  string
	Access  string
	Labels  map[string]int64
	Size    string
	Range   string
	Default *string
	Index   []string
}

// defaultsOfOurs are the defaults that differ on purpose: DGW's point at a
// foreign network or are not safe today (DESIGN §9). The README lists them.
var defaultsOfOurs = map[string]string{
	"Aaa.usersAccessRights":                  "observer",
	"Hoc.staticSntpServerHost":               "",
	"Snmp.authProtocol":                      "sha256",
	"Snmp.privProtocol":                      "aes128",
	"Snmp.privPassword":                      "",
	"Snmp.community":                         "",
	"Snmp.trapDest":                          "",
	"SipEp.defaultStaticProxyHomeDomainHost": "",
	"SipEp.defaultStaticRegistrarServerHost": "",
	"SipEp.gwSpecificProxyHomeDomainHost":    "",
	"SipEp.gwSpecificProxyOutboundHost":      "",
	"SipEp.gwSpecificRegistrationServerHost": "",
	"SipEp.transportTlsCipherSuite":          "cS3",
	"SipEp.transportTlsVersion":              "tLSv1-2",
	"SipEp.sipKeepAliveMethod":               "crlf",
}

// limitsOfOurs are the sizes that differ on purpose.
var limitsOfOurs = map[string]string{
	"Snmp.community":    "0..32", // empty is the safe default
	"Aaa.usersUserName": "1..32", // a USM user name, RFC 3414 §2.1
}

// labelsOfOurs are the labels that DGW has not.
var labelsOfOurs = map[string][]string{
	"Snmp.authProtocol":         {"sha224", "sha256", "sha384", "sha512"},
	"Aaa.usersAccessRights":     {"none"},
	"Snmp.privProtocol":         {"aes128", "aes192", "aes256", "aes192Reeder", "aes256Reeder"},
	"SipEp.transportTlsVersion": {"tLSv1-3"},
	"SipEp.sipKeepAliveMethod":  {"crlf"},
}

func dgw(t *testing.T) []dgwService {
	t.Helper()
	raw, err := os.ReadFile("testdata/dgw.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []dgwService
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// objectsOID gives the OID of the MIBObjects of a service.
func objectsOID(id uint32) string {
	return fmt.Sprintf("%s.200.100.%d.1", root, id)
}

func TestObjectsAreThoseOfDGW(t *testing.T) {
	m := load(t)
	for _, svc := range dgw(t) {
		mod := m.Module(svc.Module)
		if mod == nil {
			t.Fatalf("no module %s", svc.Module)
		}
		for _, want := range svc.Objects {
			t.Run(svc.Service+"."+want.Name, func(t *testing.T) {
				got := mod.Object(want.Name)
				if got == nil {
					t.Fatal("missing")
				}
				oid := objectsOID(svc.ID) + "." + want.Suffix
				if got.OID().String() != oid {
					t.Errorf("OID %s, want %s", got.OID(), oid)
				}
				checkAccess(t, want, got)
				checkSyntax(t, svc.Service, want, got)
				checkDefault(t, svc.Service, want, got)
				checkIndex(t, want, got)
			})
		}
	}
}

// checkAccess allows read-create where DGW has read-write in a table that has
// got a RowStatus.
func checkAccess(t *testing.T, want dgwObject, got *smi.Object) {
	t.Helper()
	access := want.Access
	if access == "read-write" && got.IsColumn() && extensible(got.Table()) {
		access = "read-create"
	}
	if got.Access().String() != access {
		t.Errorf("access %s, want %s", got.Access(), access)
	}
}

func checkSyntax(t *testing.T, service string, want dgwObject, got *smi.Object) {
	t.Helper()
	key := service + "." + want.Name
	labels := make(map[string]int64)
	for _, e := range got.EffectiveEnums() {
		labels[e.Label] = e.Value
	}
	for label, number := range want.Labels {
		if n, ok := labels[label]; !ok || n != number {
			t.Errorf("label %s is %d (present: %t), want %d", label, n, ok, number)
		}
		delete(labels, label)
	}
	for label := range labels {
		if !slices.Contains(labelsOfOurs[key], label) {
			t.Errorf("label %s is neither DGW's nor listed as ours", label)
		}
	}
	size := want.Size
	if s, ok := limitsOfOurs[key]; ok {
		size = s
	}
	if size != "" && limits(got.EffectiveSizes()) != size {
		t.Errorf("size %s, want %s", limits(got.EffectiveSizes()), size)
	}
	if want.Range != "" && limits(got.EffectiveRanges()) != want.Range {
		t.Errorf("range %s, want %s", limits(got.EffectiveRanges()), want.Range)
	}
}

func checkDefault(t *testing.T, service string, want dgwObject, got *smi.Object) {
	t.Helper()
	if want.Default == nil {
		return
	}
	def := *want.Default
	if d, ok := defaultsOfOurs[service+"."+want.Name]; ok {
		def = d
	}
	if text := defaultText(got); text != def {
		t.Errorf("default %q, want %q", text, def)
	}
}

func checkIndex(t *testing.T, want dgwObject, got *smi.Object) {
	t.Helper()
	if !got.IsTable() {
		return
	}
	var index []string
	for _, e := range got.Entry().Index() {
		index = append(index, e.Object.Name())
	}
	if !slices.Equal(index, want.Index) {
		t.Errorf("index %v, want %v", index, want.Index)
	}
}

// TestWhatDGWHasNotIsApart holds our additions to arcs from 61000 up, so that
// no later version of DGW's model can collide with them.
func TestWhatDGWHasNotIsApart(t *testing.T) {
	m := load(t)
	for _, svc := range dgw(t) {
		theirs := make(map[string]bool)
		for _, o := range svc.Objects {
			theirs[o.Name] = true
		}
		base := strings.Count(objectsOID(svc.ID), ".") + 1
		for _, o := range m.Module(svc.Module).Objects() {
			if theirs[o.Name()] || o.IsRow() {
				continue
			}
			oid := o.OID()
			if oid[base] < firstOwnArc && oid.LastArc() < firstOwnArc {
				t.Errorf("%s.%s at %s is not DGW's and below %d", svc.Service, o.Name(), oid, firstOwnArc)
			}
		}
	}
}

// TestDifferencesAreInUse keeps the lists of differences from growing stale.
func TestDifferencesAreInUse(t *testing.T) {
	seen := make(map[string]dgwObject)
	for _, svc := range dgw(t) {
		for _, o := range svc.Objects {
			seen[svc.Service+"."+o.Name] = o
		}
	}
	for key, def := range defaultsOfOurs {
		if o, ok := seen[key]; !ok || o.Default == nil || *o.Default == def {
			t.Errorf("defaultsOfOurs: %s does not differ", key)
		}
	}
	for key, size := range limitsOfOurs {
		if o, ok := seen[key]; !ok || o.Size == size {
			t.Errorf("limitsOfOurs: %s does not differ", key)
		}
	}
	for key, labels := range labelsOfOurs {
		for _, label := range labels {
			if _, theirs := seen[key].Labels[label]; theirs {
				t.Errorf("labelsOfOurs: %s has %s already", key, label)
			}
		}
	}
}

// limits writes ranges as the golden file does: "0..5", "0 | 100..1000".
func limits(ranges []smi.Range) string {
	parts := make([]string, 0, len(ranges))
	for _, r := range ranges {
		if r.Min == r.Max {
			parts = append(parts, strconv.FormatInt(r.Min, 10))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d..%d", r.Min, r.Max))
	}
	return strings.Join(parts, " | ")
}

// defaultText gives a DEFVAL as a label, a number or a text without quotes.
func defaultText(o *smi.Object) string {
	return strings.Trim(o.DefaultValue().String(), `"`)
}
