package service_test

import (
	"testing"

	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib/cert"
	"mibgate/mib/hoc"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// InForce implements service.Holder for every fake that is asked: what is held is
// the threshold of Cert.
func (f *fake) InForce(running, _ *store.Snapshot, c *service.Configs) {
	if f.module != cert.Module {
		return
	}
	cfg := *cert.Of(c)
	cfg.MinSeverity = cert.Of(running).MinSeverity
	c.Put(cert.Module, &cfg)
}

// TestInForce: what waits for a restart is as it was, everything else as it is
// stored; nothing is made twice.
func TestInForce(t *testing.T) {
	f := newFixture(t)
	f.Run()
	inForce := func(severity cert.MinSeverity, location string) {
		t.Helper()
		c := f.Services.InForce()
		if got := cert.Of(c).MinSeverity; got != severity {
			t.Errorf("Cert.MinSeverity in force is %v, want %v", got, severity)
		}
		if got := hoc.Of(c).SystemLocation; got != location {
			t.Errorf("Hoc.SystemLocation in force is %q, want %q", got, location)
		}
		if f.Services.InForce() != c {
			t.Error("the same is made twice")
		}
	}
	inForce(cert.MinSeverityWarning, "")
	if f.Services.InForce() != f.Store.Current() {
		t.Error("what is stored is not in force")
	}
	f.MustSet("Cert.MinSeverity=Debug", `Hoc.SystemLocation="Bern"`)
	inForce(cert.MinSeverityWarning, "Bern")
	f.MustSet(`Hoc.SystemLocation="Thun"`)
	inForce(cert.MinSeverityWarning, "Thun")
	restart, err := f.Services.PrepareRestart("Cert")
	if err != nil {
		t.Fatal(err)
	}
	restart()
	testwait.Until(t, testelement.Patience, "the restart is done", func() bool { return !f.Services.NeedRestart(cert.Module) })
	inForce(cert.MinSeverityDebug, "Thun")
	f.MustSet("Cert.MinSeverity=Warning")
	inForce(cert.MinSeverityDebug, "Thun")
	f.MustSet("Cert.MinSeverity=Debug") // taken back
	inForce(cert.MinSeverityDebug, "Thun")
}
