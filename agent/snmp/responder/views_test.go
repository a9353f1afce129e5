package responder

import (
	"slices"
	"testing"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/vacm"
	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/hoc"
)

// see gives requests views of what lies below dotted OIDs; a leading "-" leaves
// it out.
func (g *rig) see(read, write []string) {
	view := func(subtrees []string) *vacm.View {
		var fs []vacm.Family
		for _, s := range subtrees {
			f := vacm.Family{Included: s[0] != '-'}
			if !f.Included {
				s = s[1:]
			}
			f.Subtree = mib.MustOID(s)
			fs = append(fs, f)
		}
		return vacm.NewView(fs)
	}
	g.views = &rights{g.tree.Sight(view(read)), view(write)}
}

// A SET assigns what is in the write view, instance by instance, and that is
// looked at before all else (RFC 3416 §4.2.5).
func TestSetInAView(t *testing.T) {
	g := newRig(t)
	name, place, severity := g.oid("Hoc.SystemName"), g.oid("Hoc.SystemLocation"), g.oid("Nlm.MinSeverity")
	cell := func(column string, key uint32) string {
		return g.oid("SipEp.Authentication."+column, mib.Uint(key))
	}
	g.set(vb{cell("RowStatus", 1), mib.Int(4)}, vb{cell("RowStatus", 2), mib.Int(4)})
	row := func(key uint32) []string { return []string{cell("Username", key), cell("RowStatus", key)} }
	tests := []struct {
		name  string
		role  access.Role
		write []string
		vbs   []vb
		want  message.ErrorStatus
		index int
	}{
		{"everything", access.Admin, []string{"1.3"}, []vb{{name, mib.String("a")}, {severity, mib.Int(100)}}, message.NoError, 0},
		{"nothing", access.Admin, nil, []vb{{name, mib.String("b")}}, message.NoAccess, 1},
		{"one of two", access.Admin, []string{name}, []vb{{name, mib.String("b")}, {place, mib.String("b")}}, message.NoAccess, 2},
		{"all but one", access.Admin, []string{"1.3", "-" + severity}, []vb{{place, mib.String("c")}, {severity, mib.Int(200)}}, message.NoAccess, 2},
		{"a row", access.Admin, row(1), []vb{{cell("Username", 1), mib.String("u")}}, message.NoError, 0},
		{"another row", access.Admin, row(1), []vb{{cell("Username", 2), mib.String("u")}}, message.NoAccess, 1},
		{"making a row that is in view", access.Admin, row(3), []vb{{cell("RowStatus", 3), mib.Int(4)}, {cell("Username", 3), mib.String("u")}}, message.NoError, 0},
		{"making another row", access.Admin, row(3), []vb{{cell("RowStatus", 4), mib.Int(4)}}, message.NoAccess, 1},
		{"destroying another row", access.Admin, row(3), []vb{{cell("RowStatus", 2), mib.Int(6)}}, message.NoAccess, 1},
		{"before no such object", access.Admin, row(1), []vb{{"1.3.6.1.4.1.32473.100.1.2.3.0", mib.Int(1)}}, message.NoAccess, 1},
		{"before read-only", access.Admin, row(1), []vb{{g.oid("Snmp.EngineBoots"), mib.Uint(1)}}, message.NoAccess, 1},
		{"before a wrong type", access.Admin, row(1), []vb{{severity, mib.String("x")}}, message.NoAccess, 1},
		{"read-only in view", access.Admin, []string{"1.3"}, []vb{{g.oid("Snmp.EngineBoots"), mib.Uint(1)}}, message.NotWritable, 1},
		{"the role still counts", access.User, []string{"1.3"}, []vb{{g.oid("Snmp.Port"), mib.Uint(162)}}, message.NoAccess, 1},
		{"an observer's", access.Observer, []string{"1.3"}, []vb{{name, mib.String("d")}}, message.NoAccess, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g.who.Role = tt.role
			g.see(nil, tt.write)
			before := g.st.Current()
			a := g.set(tt.vbs...)
			if a.status != tt.want || a.index != tt.index {
				t.Errorf("%v %d, want %v %d", a.status, a.index, tt.want, tt.index)
			}
			if same := g.st.Current() == before; same == (tt.want == message.NoError) {
				t.Errorf("the configuration is as before: %v", same)
			}
		})
	}
	if got := hoc.Of(g.st.Current()).SystemName; got != "a" {
		t.Errorf("the name is %q", got)
	}
}

func TestReadInAView(t *testing.T) {
	g := newRig(t).quiet()
	name, place := g.oid("Hoc.SystemName"), g.oid("Hoc.SystemLocation")
	cell := func(key uint32) string { return g.oid("SipEp.Authentication.Username", mib.Uint(key)) }
	status := g.oid("SipEp.Authentication.RowStatus", mib.Uint(0))
	for i := range uint32(3) {
		g.set(vb{g.oid("SipEp.Authentication.RowStatus", mib.Uint(i+1)), mib.Int(4)})
	}
	g.see([]string{name, cell(1), cell(3)}, []string{"1.3"})
	if a := g.get(name, place, cell(1), cell(2)); !slices.Equal(a.values, []string{`""`, "noSuchObject", `""`, "noSuchInstance"}) {
		t.Errorf("GET: %v", a)
	}
	want := []string{cell(1), cell(3), name}
	slices.SortFunc(want, func(a, b string) int { return mib.MustOID(a).Compare(mib.MustOID(b)) })
	if got := g.everything(); !slices.Equal(got, want) {
		t.Errorf("walk: %v, want %v", got, want)
	}
	a := g.getBulk(1, 10, "1.3", "1.3", status)
	if !slices.Contains(a.values, "endOfMibView") || slices.Contains(a.names, cell(2)) || slices.Contains(a.names, place) {
		t.Errorf("GETBULK: %v", a)
	}
	if a := g.send(g.packet(message.V1, message.Get, 0, 0, nulls([]string{name, cell(2)})...)); a.status != message.NoSuchName || a.index != 2 {
		t.Errorf("v1: %v", a)
	}
	g.who.Role = access.None // views are what counts for reading
	if a := g.get(name); a.values[0] != `""` {
		t.Errorf("GET without a role: %v", a)
	}
}

// Who has no rights at all is told so, whatever he asks (RFC 3413 §3.2).
func TestDenied(t *testing.T) {
	g := newRig(t)
	g.denied = true
	name := g.oid("Hoc.SystemName")
	for _, typ := range []message.PDUType{message.Get, message.GetNext, message.GetBulk, message.Set} {
		for v, want := range map[message.Version]message.ErrorStatus{message.V2c: message.AuthorizationError, message.V1: message.NoSuchName} {
			if v == message.V1 && typ == message.GetBulk {
				continue
			}
			before := g.st.Current()
			a := g.send(g.packet(v, typ, 0, 0, vb{name, mib.String("x")}))
			if a.status != want || a.index != 0 || !slices.Equal(a.names, []string{name}) {
				t.Errorf("%v %v: %v", v, typ, a)
			}
			if g.st.Current() != before {
				t.Errorf("%v %v: the configuration was changed", v, typ)
			}
		}
	}
	g.denied = false
	if a := g.set(vb{name, mib.String("x")}); a.status != message.NoError {
		t.Errorf("then: %v", a)
	}
	g.who.Role = 200
	if a := g.get(name); a.values[0] != "noSuchObject" {
		t.Errorf("a role that there is not: %v", a)
	}
}
