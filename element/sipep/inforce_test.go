package sipep

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"mibgate/mib"
	"mibgate/mib/sipep"
)

// alone is the configuration of one module.
type alone struct{ cfg any }

func (a alone) Config(*mib.Module) any { return a.cfg }

// heldConfigs have a row in every table that a plan reads, so that each of their
// columns makes a difference to a plan: with TLS, and without.
var heldConfigs = []func() *sipep.Config{func() *sipep.Config { return heldConfig(true) }, func() *sipep.Config { return heldConfig(false) }}

func heldConfig(tls bool) *sipep.Config {
	cfg := sipep.NewConfig()
	cfg.DefaultStaticProxyHomeDomainHost, cfg.DefaultStaticProxyOutboundHost = "home.test", "out.test"
	cfg.DefaultStaticRegistrarServerHost = "registrar.test"
	cfg.AddGateway(0, sipep.NewGatewayRow("other"))
	cfg.AddGateway(0, sipep.NewGatewayRow("own"))
	transports := sipep.NewTransportConfigRow("own")
	transports.TcpEnable, transports.TlsEnable = true, tls
	cfg.AddTransportConfig(0, transports)
	proxy := sipep.NewGwSpecificProxyRow("own")
	proxy.EnableConfig, proxy.HomeDomainHost = true, "own.test"
	cfg.AddGwSpecificProxy(0, proxy)
	registration := sipep.NewGwSpecificRegistrationRow("own")
	registration.EnableConfig, registration.ServerHost = true, "own-registrar.test"
	cfg.AddGwSpecificRegistration(0, registration)
	return cfg
}

// TestInForceIsWhatThePlanReads changes every variable and column by itself: the
// configuration in force has the old value when the plan reads it, and the new
// one when it does not.
func TestInForceIsWhatThePlanReads(t *testing.T) {
	planOf := func(cfg *sipep.Config) plan { return newPlan(alone{cfg}) }
	held := 0
	check := func(name string, change func(*sipep.Config), value func(*sipep.Config) any) {
		isRead := slices.ContainsFunc(heldConfigs, func(make func() *sipep.Config) bool {
			stored := make()
			change(stored)
			return !reflect.DeepEqual(planOf(stored), planOf(make()))
		})
		if isRead {
			held++
		}
		for _, make := range heldConfigs {
			was, stored := make(), make()
			change(stored)
			now := *stored
			hold(&now, was)
			if got, want := planOf(&now), planOf(was); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: the plan of what is in force is another:\n%+v\n%+v", name, got, want)
			}
			want := value(stored)
			if isRead {
				want = value(was)
			}
			if got := value(&now); !reflect.DeepEqual(got, want) {
				t.Errorf("%s in force: %v, want %v", name, got, want)
			}
		}
	}
	scalars := reflect.TypeFor[sipep.Config]()
	for i := range scalars.NumField() {
		f := scalars.Field(i)
		if f.Type.Kind() == reflect.Struct {
			continue
		}
		field := func(c *sipep.Config) reflect.Value { return reflect.ValueOf(c).Elem().Field(i) }
		check(f.Name, func(c *sipep.Config) { another(t, f.Name, field(c)) }, func(c *sipep.Config) any { return field(c).Interface() })
	}
	rows := map[string]func(*sipep.Config) any{
		"Gateway":                func(c *sipep.Config) any { return c.FindGateway("own") },
		"TransportConfig":        func(c *sipep.Config) any { return c.FindTransportConfig("own") },
		"GwSpecificProxy":        func(c *sipep.Config) any { return c.FindGwSpecificProxy("own") },
		"GwSpecificRegistration": func(c *sipep.Config) any { return c.FindGwSpecificRegistration("own") },
	}
	for table, row := range rows {
		columns := reflect.TypeOf(row(heldConfig(true))).Elem()
		for i := 2; i < columns.NumField(); i++ { // behind RowMeta and the index
			name := table + "." + columns.Field(i).Name
			field := func(c *sipep.Config) reflect.Value { return reflect.ValueOf(row(c)).Elem().Field(i) }
			check(name, func(c *sipep.Config) { another(t, name, field(c)) }, func(c *sipep.Config) any { return field(c).Interface() })
		}
	}
	if held < 25 {
		t.Errorf("the plan reads %d variables: the test has lost its bite", held)
	}
}

// TestInForceOfRows: a row that was added since is not in force, and one that is
// gone still is.
func TestInForceOfRows(t *testing.T) {
	was, stored := heldConfig(true), heldConfig(true)
	stored.AddGateway(0, sipep.NewGatewayRow("new"))
	stored.RemoveGwSpecificRegistration(0, "own")
	now := *stored
	hold(&now, was)
	if now.FindGateway("new") != nil || now.FindGwSpecificRegistration("own") == nil {
		t.Errorf("in force: %v and %v", now.FindGateway("new"), now.FindGwSpecificRegistration("own"))
	}
	if stored.FindGateway("new") == nil || stored.FindGwSpecificRegistration("own") != nil {
		t.Error("what is stored has changed")
	}
}

// another gives a variable a value that makes a difference.
func another(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	switch name {
	case "TransportTlsCipherSuite":
		v.Set(reflect.ValueOf(sipep.TransportTlsCipherSuiteCS1))
		return
	case "TransportTlsVersion":
		v.Set(reflect.ValueOf(sipep.TransportTlsVersionTLSv1_3))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("another.test")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 100)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(v.Uint() + 1)
	default:
		t.Fatal(fmt.Sprint(name, " is a ", v.Kind()))
	}
}
