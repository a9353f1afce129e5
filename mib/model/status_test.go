package model_test

import (
	"errors"
	"slices"
	"testing"

	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/model"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
)

// gateways is a Status that has one table; what else is asked of it panics.
type gateways struct {
	sipep.Status
	rows mib.Sorted[sipep.GatewayStatusRow]
}

func (g gateways) SeekGatewayStatus(key mib.Key, inclusive bool) sipep.GatewayStatusRow {
	row, _ := g.rows.Seek(key, inclusive)
	return row
}

func (gateways) SipMessagesReceived() uint32 { return 1<<32 - 1 }

func newGateways(names ...string) gateways {
	rows := make([]sipep.GatewayStatusRow, len(names))
	for i, name := range names {
		rows[i] = sipep.NewGatewayStatusRow(name, "Lan1", 5060, 5061, "example.org", "Ready")
	}
	sipep.SortGatewayStatus(rows)
	return gateways{rows: mib.NewSorted(rows, sipep.CompareGatewayStatus)}
}

func TestStatusTable(t *testing.T) {
	st, tbl := newGateways("trunk10", "b", "trunk2"), sipep.Tables.GatewayStatus
	var got []string
	for _, key := range walk(tbl, st) {
		got = append(got, key[0].Str)
	}
	if want := []string{"b", "trunk2", "trunk10"}; !slices.Equal(got, want) {
		t.Errorf("walk %v, want %v", got, want)
	}
	row, ok := tbl.Lookup(st, sipep.GatewayStatusKey("trunk2"))
	if !ok {
		t.Fatal("not found")
	}
	b := mib.Binding{Status: st}
	want := []mib.Value{mib.String("trunk2"), mib.String("Lan1"), mib.Uint(5060), mib.Uint(5061), mib.String("example.org"), mib.String("Ready")}
	for i, c := range tbl.Columns {
		if v := c.Get(b, row, nil); !v.Equal(want[i]) {
			t.Errorf("%s is %+v, want %+v", c.Name, v, want[i])
		}
	}
	if v := sipep.Objects.SipMessagesReceived.Get(b, nil, nil); v.Kind != mib.Counter32 || v.Uint64() != 1<<32-1 {
		t.Errorf("counter: %+v", v)
	}
}

func TestStatusDoesNotAllocate(t *testing.T) {
	st, tbl := any(newGateways("a", "b", "c")), sipep.Tables.GatewayStatus
	key, room, b := sipep.GatewayStatusKey("b"), make(mib.Key, 0, 1), mib.Binding{Status: st}
	n := testing.AllocsPerRun(20, func() {
		row, _ := tbl.Seek(st, key, false)
		room = tbl.KeyOf(row, room[:0])
		for _, c := range tbl.Columns {
			c.Get(b, row, nil)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

type certificates struct{ cert.Status }

func (certificates) HostCertificatesInfoDaysToExpiry(row *cert.HostCertificatesInfoRow) int32 {
	return -int32(len(row.FileName))
}

func TestReadOnlyColumnOfAConfigTable(t *testing.T) {
	c := cert.NewConfig()
	c.AddHostCertificatesInfo(1, cert.NewHostCertificatesInfoRow("four"))
	b := mib.Binding{Config: c, Status: certificates{}}
	row := c.FindHostCertificatesInfo("four")
	if v := cert.Objects.HostCertificatesInfoDaysToExpiry.Get(b, row, nil); !v.Equal(mib.Int(-4)) {
		t.Errorf("%+v", v)
	}
	row.PrivateKey = "key"
	fp := func(secret string) string { return secret + "!" }
	if v := cert.Objects.HostCertificatesInfoPrivateKeyFingerprint.Get(b, row, fp); v.Str != "key!" {
		t.Errorf("%+v", v)
	}
}

func TestTypedTableFunctions(t *testing.T) {
	c := sipep.NewConfig()
	c.AddGateway(1, sipep.NewGatewayRow("b"))
	c.AddGateway(1, sipep.NewGatewayRow("a"))
	published := *c
	c.EditGateway(2, c.FindGateway("a")).Port = 5070
	c.RemoveGateway(2, "b")
	if c.FindGateway("a").Port != 5070 || c.FindGateway("b") != nil {
		t.Error("the edits are lost")
	}
	if published.FindGateway("a").Port != 0 || published.FindGateway("b") == nil {
		t.Error("the edits show in the copy")
	}
	if sipep.Of(configs{c}) != c {
		t.Error("Of")
	}
}

type configs struct{ cfg any }

func (c configs) Config(*mib.Module) any { return c.cfg }

// control is Commands that notes what it is told.
type control struct {
	scm.Commands
	told *[]string
}

var errRefused = errors.New("refused")

func (c control) ServiceCommandsStop(string) (func(), error) { return nil, errRefused }

func (c control) ServiceCommandsRestart(name string) (func(), error) {
	return func() { *c.told = append(*c.told, name) }, nil
}

func (c control) RestartRequiredServices() (func(), error) {
	return func() { *c.told = append(*c.told, "all") }, nil
}

func TestCommands(t *testing.T) {
	var told []string
	cmds := control{told: &told}
	row := scm.NewServiceCommandsRow("SipEp")
	for _, o := range []*mib.Object{scm.Objects.ServiceCommandsRestart, scm.Objects.RestartRequiredServices} {
		run, err := o.Act(cmds, row)
		if err != nil {
			t.Fatal(err)
		}
		run()
	}
	if !slices.Equal(told, []string{"SipEp", "all"}) {
		t.Errorf("%v", told)
	}
	if _, err := scm.Objects.ServiceCommandsStop.Act(cmds, row); !errors.Is(err, errRefused) {
		t.Errorf("%v", err)
	}
}

func TestRowCommands(t *testing.T) {
	want := map[*mib.Object]mib.RowEdit{
		sipep.Objects.AuthenticationInsert: mib.EditInsert,
		sipep.Objects.AuthenticationUp:     mib.EditUp,
		sipep.Objects.AuthenticationDown:   mib.EditDown,
		sipep.Objects.AuthenticationDelete: mib.EditDelete,
		sipep.Objects.GatewayDelete:        mib.EditDelete,
	}
	for o, edit := range want {
		if o.Source != mib.SourceEdit || o.Edit != edit {
			t.Errorf("%s: source %d, edit %d", o.Name, o.Source, o.Edit)
		}
	}
}

func TestNotifications(t *testing.T) {
	for _, m := range model.Registry.Modules() {
		for _, n := range m.Notifications {
			if n.Module != m || slices.Contains(n.Objects, nil) {
				t.Errorf("%s is not linked", n.Name)
			}
		}
	}
	for _, tt := range []struct {
		n    mib.Notification
		typ  *mib.NotificationType
		want []string
	}{
		{
			sipep.TlsLinkDown{Index: 3, Gateway: "gw", LocalPort: 16000, RemoteHost: "sip.example.org", State: sipep.TlsPersistentConnectionStatusStateDown},
			sipep.Notifications.TlsLinkDown,
			[]string{
				`SipEp.TlsPersistentConnectionStatus[Index=3].Gateway="gw"`,
				`SipEp.TlsPersistentConnectionStatus[Index=3].LocalPort=16000`,
				`SipEp.TlsPersistentConnectionStatus[Index=3].RemoteHost="sip.example.org"`,
				`SipEp.TlsPersistentConnectionStatus[Index=3].RemoteHostIpAddr=""`,
				`SipEp.TlsPersistentConnectionStatus[Index=3].State="Down"`,
			},
		},
		{
			scm.ServiceStateChange{Name: "SipEp", ExecState: scm.ServicesInfoExecStateStarted},
			scm.Notifications.ServiceStateChange,
			[]string{`Scm.ServicesInfo[Name="SipEp"].Name="SipEp"`, `Scm.ServicesInfo[Name="SipEp"].ExecState="Started"`},
		},
	} {
		if tt.n.Type() != tt.typ {
			t.Errorf("%T: type %v", tt.n, tt.n.Type())
		}
		var got []string
		var objects []*mib.Object
		for _, vb := range tt.n.Varbinds(nil) {
			objects = append(objects, vb.Object)
			got = append(got, vb.Object.Instance(vb.Key)+"="+mib.ValueText(vb.Object.Syntax, vb.Value))
		}
		if !slices.Equal(got, tt.want) || !slices.Equal(objects, tt.typ.Objects) {
			t.Errorf("%T: %q", tt.n, got)
		}
	}
}
