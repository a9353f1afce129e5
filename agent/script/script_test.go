package script_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mibgate/agent/script"
	"mibgate/element"
	"mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/element/scm"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/sipep"
	"mibgate/testdata/testelement"
)

// gateways stands in for the service that has rows of the system: one of
// TransportConfig per gateway.
type gateways struct{ store.NoChange }

func (gateways) Module() *mib.Module                          { return sipep.Module }
func (gateways) Start(context.Context, *store.Snapshot) error { return nil }
func (gateways) Stop(context.Context) error                   { return nil }
func (gateways) NeedRestart(_, _ *store.Snapshot) bool        { return false }
func (gateways) Status() any                                  { return nil }
func (gateways) Commands() any                                { return nil }
func (gateways) Normalize(c *store.Candidate) {
	var want []mib.Key
	for g := range sipep.Of(c).Gateway.All() {
		want = append(want, sipep.TransportConfigKey(g.Name))
	}
	c.Rows(sipep.Tables.TransportConfig, want)
}

func (gateways) Validate(c mib.Configs) error {
	for g := range sipep.Of(c).Gateway.All() {
		if g.Domain == "bad.test" {
			return &mib.Error{Kind: mib.ErrInconsistent, Path: sipep.Objects.GatewayDomain.Instance(sipep.GatewayKey(g.Name)), Detail: "is bad"}
		}
	}
	return nil
}

// unit is an element with accounts, the service controller and gateways.
func unit(t *testing.T) *testelement.Element {
	t.Helper()
	var control *scm.Service
	e := testelement.New(t, element.Options{Supervisor: service.Options{Startup: scm.Startup, OnState: func(i service.Info) { control.OnState(i) }}})
	control = scm.New(e.Bus)
	control.Attach(e.Services)
	e.Store.Factory(func(c *store.Candidate) { aaa.Factory(c, "secret of admin") })
	e.Start(control, aaa.New(), gateways{})
	return e
}

func apply(t *testing.T, e *testelement.Element, text string) error {
	t.Helper()
	s, err := script.Read(e.Registry, "x.cfg", strings.NewReader(text))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), testelement.Patience)
	defer cancel()
	return s.Apply(ctx, e.Store, access.Principal{Name: "test", Role: access.Admin, Via: "script"})
}

func TestRowsOfTheSystem(t *testing.T) {
	const cell = `SipEp.TransportConfig[GatewayName="a"].TlsEnable`
	for name, text := range map[string]string{
		"after their cause":     "SipEp.Gateway[Name=\"a\"].Port=5060\n" + cell + "=Enable\n",
		"before their cause":    cell + "=Enable\nSipEp.Gateway[Name=\"a\"].Port=5060\n",
		"the last one wins":     cell + "=Disable\n" + cell + "=Enable\nSipEp.Gateway[Name=\"a\"].Port=5060\n",
		"also around the cause": cell + "=Disable\nSipEp.Gateway[Name=\"a\"].Port=5060\n" + cell + "=Enable\n",
	} {
		t.Run(name, func(t *testing.T) {
			e := unit(t)
			if err := apply(t, e, text); err != nil {
				t.Fatal(err)
			}
			if got := e.Get(cell); got != "Enable" {
				t.Errorf("%s is %s", cell, got)
			}
		})
	}
}

func TestRefusedScript(t *testing.T) {
	e := unit(t)
	before := e.Store.Current()
	for name, tt := range map[string]struct {
		text  string
		kind  mib.ErrorKind
		words string
	}{
		"line that cannot be read": {"\nScm.MinSeverity=", "", "x.cfg:2: Scm.MinSeverity"},
		"row that never appears":   {"SipEp.Gateway[Name=\"b\"].Port=1\n\nSipEp.TransportConfig[GatewayName=\"a\"].TlsEnable=Enable\nScm.MinSeverity=Info\n", mib.ErrNoCreation, `x.cfg:3: SipEp.TransportConfig[GatewayName="a"].TlsEnable`},
		"Validate names a cell":    {"SipEp.Gateway[Name=\"a\"].Domain=\"bad.test\"\nSipEp.Gateway[Name=\"b\"].Port=1\n", mib.ErrInconsistent, `x.cfg:1: SipEp.Gateway[Name="a"].Domain`},
		"Validate names a column":  {"Scm.MinSeverity=Info\n\nAaa.Users[UserName=\"admin\"].AccessRights=User\nAaa.MinSeverity=Info", mib.ErrInconsistent, "x.cfg:3: Aaa.Users"},
		"command refused":          {"Scm.ServiceCommands[Name=\"SipEp\"].Restart\nScm.ServiceCommands[Name=\"None\"].Restart=10\n", mib.ErrNoCreation, `x.cfg:2: Scm.ServiceCommands[Name="None"].Restart`},
		"sealed":                   {`Aaa.Users[UserName="admin"].Password=sealed:"AAAA"`, mib.ErrWrongEnc, "x.cfg:1: Aaa.Users"},
		"too long a line":          {"# fine\n# " + strings.Repeat("x", 200<<10), "", "x.cfg:2: "},
		"too large":                {strings.Repeat("# "+strings.Repeat("x", 100<<10)+"\n", 50), "", "x.cfg: is larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			err := apply(t, e, tt.text)
			var se *script.Error
			if !errors.As(err, &se) || !strings.HasPrefix(err.Error(), tt.words) {
				t.Fatalf("error is %v, want %s…", err, tt.words)
			}
			if tt.kind != "" && !errors.Is(err, tt.kind) {
				t.Errorf("error %v is not of kind %q", err, tt.kind)
			}
			if !script.AtFault(err) {
				t.Error("the script is not held at fault")
			}
			if e.Store.Current() != before {
				t.Error("the configuration has changed")
			}
		})
	}
}

func TestBusyStoreIsNotTheScriptsFault(t *testing.T) {
	e := unit(t)
	tx, err := e.Store.Begin(context.Background(), access.Internal)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	s, err := script.Assignments(e.Registry, []string{"Scm.MinSeverity=Info"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := s.Apply(ctx, e.Store, access.Internal); !errors.Is(err, mib.ErrUnavailable) || script.AtFault(err) {
		t.Errorf("error is %v", err)
	}
}

func TestRolesApply(t *testing.T) {
	e := unit(t)
	s, err := script.Assignments(e.Registry, []string{"Scm.MinSeverity=Info", `Aaa.Users[UserName="admin"].Password="mine now"`})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []access.Role{access.None, access.Observer, access.User} {
		if err := s.Apply(context.Background(), e.Store, access.Principal{Name: "x", Role: role}); !errors.Is(err, mib.ErrNoAccess) {
			t.Errorf("%v: %v, want no access", role, err)
		}
	}
	if got := e.Get("Scm.MinSeverity"); got != "Warning" {
		t.Errorf("a refused script has set Scm.MinSeverity to %s", got)
	}
}

func TestCommandsRunInOrderAfterTheCommit(t *testing.T) {
	e := unit(t)
	sink := e.Bus.Subscribe("test", 100)
	defer sink.Close()
	if err := apply(t, e, "Scm.ServiceCommands[Name=\"SipEp\"].Stop\nScm.ServiceCommands[Name=\"SipEp\"].Start\nScm.MinSeverity=Info\n"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for len(got) < 4 {
		got = append(got, e.AwaitEvent(sink, scm.MsgStateChange).Text)
	}
	want := []string{"service SipEp is stopping", "service SipEp is stopped", "service SipEp is starting", "service SipEp is started"}
	if !slices.Equal(got, want) {
		t.Errorf("states are %q, want %q", got, want)
	}
}

func TestExportIsAScriptThatChangesNothing(t *testing.T) {
	e := unit(t)
	e.MustSet(`SipEp.Gateway[Name="a \"b\""].Port=5070`, `SipEp.Gateway[Name="idle"].RowStatus=NotInService`,
		`SipEp.TransportConfig[GatewayName="a \"b\""].TlsQValue="0.5"`, `Aaa.Users[UserName="eve"].Password="hush hush"`)
	var b bytes.Buffer
	if err := script.Export(e.Element, access.Internal, &b); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hush", "secret of admin", "sealed"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("export holds %q", secret)
		}
	}
	if !strings.Contains(b.String(), `# secret: Aaa.Users[UserName="eve"].Password=`) {
		t.Errorf("export lacks the place of a secret:\n%s", b.String())
	}
	if err := apply(t, e, b.String()); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	var again bytes.Buffer
	if err := script.Export(e.Element, access.Internal, &again); err != nil || again.String() != b.String() {
		t.Errorf("after applying it the export is\n%s\nbefore\n%s", again.String(), b.String())
	}
	var observer bytes.Buffer
	if err := script.Export(e.Element, access.Principal{Role: access.Observer}, &observer); err != nil || strings.Contains(observer.String(), "Aaa.") {
		t.Errorf("an observer's export shows accounts:\n%s", observer.String())
	}
}

func ExampleAssignments() {
	_, err := script.Assignments(mib.NewRegistry(), []string{"SipEp.NoSuchThing=1"})
	fmt.Println(err)
	// Output: SipEp.NoSuchThing: there is no service "SipEp"
}

// TestFirstLight: the script of the README works as it stands.
func TestFirstLight(t *testing.T) {
	text, err := os.ReadFile("testdata/first-light.cfg")
	if err != nil {
		t.Fatal(err)
	}
	e := unit(t)
	e.MustSet(`SipEp.Gateway[Name="default"].RowStatus=Active`)
	if err := apply(t, e, string(text)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Hoc.ClockSource": "Host",
		`SipEp.TransportConfig[GatewayName="default"].TlsQValue`: "0.7",
		`SipEp.UnitRegistrations[Index=1].GatewayName`:           "default",
		`SipEp.Authentication[Index=1].Username`:                 "100",
		`SipEp.Authentication[Index=1].Password`:                 "",
		"SipEp.InteropTlsCertificateValidation":                  "TrustedCertificate",
		"Snmp.CommunityRole":                                     "Admin",
	} {
		if got := e.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestErrorsKeepSecrets: what a line with a secret is at fault for does not
// repeat it.
func TestErrorsKeepSecrets(t *testing.T) {
	long := `="` + strings.Repeat("hush ", 60) + `"`
	for _, name := range []string{"Snmp.Community", "Snmp.PrivPassword", `Aaa.Users[UserName="x"].Password`} {
		_, inFile := script.Read(model.Registry, "file", strings.NewReader(name+long))
		_, typed := script.Assignments(model.Registry, []string{name + long})
		for _, err := range []error{inFile, typed} {
			if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
