package model_test

import (
	"slices"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/model"
)

// eachObject runs f for every registered object.
func eachObject(t *testing.T, f func(t *testing.T, o *mib.Object)) {
	t.Helper()
	for _, o := range model.Registry.Objects() {
		t.Run(o.Path(), func(t *testing.T) { f(t, o) })
	}
}

// values are some that the syntax allows: every label, the ends of every range.
func values(s *mib.Syntax) []mib.Value {
	var all []mib.Value
	for _, l := range s.Enum {
		all = append(all, mib.Int(l.Number))
	}
	ranges := s.Ranges
	if len(ranges) == 0 {
		ranges = []mib.Range{{Min: 0, Max: 100}}
	}
	for _, r := range ranges {
		for _, n := range []int64{r.Min, r.Min + 1, r.Max} {
			switch s.Base {
			case mib.OctetString, mib.IPAddress:
				all = append(all, mib.Octets(s.Base, strings.Repeat("a", int(n))))
			case mib.ObjectIdentifier:
				all = append(all, mib.Ident(mib.OID{1, 3, uint32(n)}))
			default:
				all = append(all, mib.Numeric(s.Base, uint64(n)))
			}
		}
	}
	return slices.DeleteFunc(all, func(v mib.Value) bool { return s.Check(v) != nil })
}

func TestObjectsAreFoundByName(t *testing.T) {
	paths := map[string]bool{}
	eachObject(t, func(t *testing.T, o *mib.Object) {
		lower := strings.ToLower(o.Path())
		if paths[lower] {
			t.Error("the path is not unique")
		}
		paths[lower] = true
		if model.Registry.Object(o.Path()) != o || !slices.Contains(model.Registry.Descriptor(o.Name), o) {
			t.Error("not found by path or descriptor")
		}
		if got, instance := model.Registry.ByOID(o.OID.Append(0)); got != o || instance.String() != "0" {
			t.Errorf("%v is found as %v %v", o.OID, got, instance)
		}
		if o.Description == "" {
			t.Error("no description")
		}
		if len(o.OID) > mib.MaxOIDLen {
			t.Error("the OID is too long")
		}
	})
}

func TestServicesHangBelowTheRoot(t *testing.T) {
	ids := map[uint32]string{}
	for i, m := range model.Registry.Modules() {
		if m.Ordinal != i {
			t.Errorf("%s: ordinal %d at %d", m.Name, m.Ordinal, i)
		}
		if m.Standard {
			if m.ServiceID != 0 || m.Shown() == (m.Service == m.Name) {
				t.Errorf("%s: has what a standard module has not, or is named %s", m.Name, m.Service)
			}
			if got := model.Registry.Service(m.Service); m.Shown() && got != m || !m.Shown() && got != nil {
				t.Errorf("service %s is found as %v", m.Service, got)
			}
			continue
		}
		if other, taken := ids[m.ServiceID]; taken || m.ServiceID == 0 {
			t.Errorf("%s and %s: service %d", m.Name, other, m.ServiceID)
		}
		ids[m.ServiceID] = m.Name
		arc := model.Root.Append(200, 100, m.ServiceID)
		for _, o := range m.Objects {
			if !o.OID.HasPrefix(arc) {
				t.Errorf("%s: %v is not below %v", o.Name, o.OID, arc)
			}
		}
		for _, name := range []string{m.Service, strings.ToUpper(m.Service)} {
			if model.Registry.Service(name) != m {
				t.Errorf("service %s is not found", name)
			}
		}
	}
	want := []string{"Scm", "Hoc", "Snmp", "Aaa", "Nlm", "SipEp", "Cert", "Usm", "Vacm", "Target", "Notification", "Community"}
	for _, name := range want {
		if model.Registry.Service(name) == nil {
			t.Errorf("no service %s", name)
		}
	}
}

func TestDescriptorsAreComplete(t *testing.T) {
	eachObject(t, func(t *testing.T, o *mib.Object) {
		reads := o.Source == mib.SourceConfig || o.Source == mib.SourceStatus || o.Source == mib.SourceIndex
		if (o.Read != nil) != reads || (o.Write != nil) != (o.Source == mib.SourceConfig) || (o.Act != nil) != (o.Source == mib.SourceCommand) {
			t.Errorf("source %d: read %t, write %t, act %t", o.Source, o.Read != nil, o.Write != nil, o.Act != nil)
		}
		if (o.Edit != mib.EditNone) != (o.Source == mib.SourceEdit) {
			t.Errorf("source %d with edit %d", o.Source, o.Edit)
		}
		if (o.Of != nil) != (o.Source == mib.SourceFingerprint) || o.Of != nil && (!o.Of.Secret || o.Of.Table != o.Table) {
			t.Errorf("fingerprint of %v", o.Of)
		}
		if o.Secret && (o.Source != mib.SourceConfig || model.Registry.Object(o.Path()+"Fingerprint") == nil) {
			t.Error("a secret that is not configured or has no fingerprint")
		}
		if o.Source == mib.SourceNone && o.Access.Readable() || o.Source == mib.SourceStatus && o.Access.Writable() && !o.Module.Standard {
			t.Errorf("source %d with access %d", o.Source, o.Access)
		}
		if !slices.IsSortedFunc(o.Syntax.Enum, func(a, b mib.Label) int { return int(a.Number - b.Number) }) {
			t.Error("labels are not sorted")
		}
	})
}

func TestDefaultsAreValid(t *testing.T) {
	eachObject(t, func(t *testing.T, o *mib.Object) {
		needed := o.Source == mib.SourceConfig || o.Source == mib.SourceCommand || o.Source == mib.SourceEdit
		if o.Default.Kind == mib.KindNone {
			if needed && (o.Table == nil || !slices.Contains(o.Table.Required, o)) {
				t.Error("no default")
			}
			return
		}
		if err := o.Syntax.Check(o.Default); err != nil {
			t.Error(err)
		}
		if needed && o.Source != mib.SourceConfig && o.Default.Num != 0 {
			t.Errorf("a command whose default is %d", o.Default.Num)
		}
	})
}

// cells yields an editable place for every configured object: the *Config
// and, for columns, a row.
func cells(t *testing.T, f func(t *testing.T, o *mib.Object, cfg, row any)) {
	t.Helper()
	eachObject(t, func(t *testing.T, o *mib.Object) {
		if o.Source != mib.SourceConfig {
			return
		}
		cfg, row := o.Module.NewConfig(), any(nil)
		if o.Table != nil {
			row = o.Table.New(cfg, 1, keys(o.Table, 1)[0])
		}
		f(t, o, cfg, row)
	})
}

func TestNewConfigHasTheDefaults(t *testing.T) {
	cells(t, func(t *testing.T, o *mib.Object, cfg, row any) {
		want := o.Default
		if want.Kind == mib.KindNone {
			want.Kind = o.Syntax.Base // nothing yet
		}
		if got := o.Read(cfg, row); !got.Equal(want) {
			t.Errorf("%+v, want %+v", got, o.Default)
		}
	})
}

func TestReadGivesWhatWasWritten(t *testing.T) {
	cells(t, func(t *testing.T, o *mib.Object, cfg, row any) {
		all := values(o.Syntax)
		if len(all) == 0 {
			t.Error("no value is valid")
		}
		for _, v := range all {
			o.Write(cfg, row, v)
			if got := o.Read(cfg, row); !got.Equal(v) {
				t.Errorf("wrote %+v, read %+v", v, got)
			}
			got := o.Get(mib.Binding{Config: cfg}, row, nil)
			if o.Secret && got.Str != "" || !o.Secret && !got.Equal(v) {
				t.Errorf("a view gets %+v of %+v", got, v)
			}
			if text, err := o.Syntax.Parse(o.Syntax.Format(v)); err != nil || !text.Equal(v) {
				t.Errorf("%+v as text: %+v, %v", v, text, err)
			}
		}
	})
}

func TestReadingDoesNotAllocate(t *testing.T) {
	cells(t, func(t *testing.T, o *mib.Object, cfg, row any) {
		if n := testing.AllocsPerRun(20, func() { o.Read(cfg, row) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
