package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
)

// perGateway keeps one row of TransportConfig per gateway.
type perGateway struct{ store.NoChange }

func (perGateway) Normalize(c *store.Candidate) {
	var want []mib.Key
	for g := range sipep.Of(c).Gateway.All() {
		want = append(want, sipep.TransportConfigKey(g.Name))
	}
	c.Rows(sipep.Tables.TransportConfig, want)
}

type noServices struct{}

func (noServices) Status(*mib.Module) any   { return nil }
func (noServices) Commands(*mib.Module) any { return nil }

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(dir, model.Registry)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func begin(t *testing.T, st *store.Store) *store.Tx {
	t.Helper()
	tx, err := st.Begin(context.Background(), access.Internal)
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func setSeverity(t *testing.T, st *store.Store, v scm.MinSeverity) {
	t.Helper()
	tx := begin(t, st)
	if err := tx.Set(scm.Objects.MinSeverity, nil, mib.Int(int32(v))); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// TestHold: between Hold and Flush nothing reaches the disk, so that whoever
// dies there leaves a folder that is as new as before; Flush writes it all.
func TestHold(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	st := open(t, dir)
	st.Hold()
	if err := st.Start(noServices{}, perGateway{}); err != nil {
		t.Fatal(err)
	}
	setSeverity(t, st, scm.MinSeverityInfo)
	if _, err := os.Stat(config); err == nil {
		t.Error("a held commit is on disk")
	}
	if got := scm.Of(st.Current()).MinSeverity; got != scm.MinSeverityInfo {
		t.Errorf("a held commit is not in force: %v", got)
	}
	_ = st.Close()

	st = open(t, dir)
	if !st.IsNew() {
		t.Fatal("the folder is no longer new")
	}
	st.Hold()
	if err := st.Start(noServices{}, perGateway{}); err != nil {
		t.Fatal(err)
	}
	setSeverity(t, st, scm.MinSeverityError)
	if err := st.Flush(); err != nil {
		t.Fatal(err)
	}
	setSeverity(t, st, scm.MinSeverityCritical)
	b, err := os.ReadFile(config)
	if err != nil || !strings.Contains(string(b), `Scm.MinSeverity="Critical"`) {
		t.Errorf("after Flush commits do not reach the disk: %v\n%s", err, b)
	}
	history, err := os.ReadDir(filepath.Join(dir, "history"))
	if err != nil || len(history) != 1 {
		t.Errorf("history has %d texts (%v), want the flushed one", len(history), err)
	}
	_ = st.Close()
}

// TestSystemRowsAppearWithinATransaction: a row that follows from an earlier
// assignment can be set in the same transaction, also without CreateRows.
func TestSystemRowsAppearWithinATransaction(t *testing.T) {
	st := open(t, t.TempDir())
	defer st.Close()
	if err := st.Start(noServices{}, perGateway{}); err != nil {
		t.Fatal(err)
	}
	tx := begin(t, st)
	defer tx.Abort()
	cell, key := sipep.Objects.TransportConfigTlsEnable, sipep.TransportConfigKey("a")
	if err := tx.Set(cell, key, mib.Int(1)); err == nil {
		t.Error("a row of the system was created by assigning to it")
	}
	if err := tx.Set(sipep.Objects.GatewayRowStatus, sipep.GatewayKey("a"), mib.Int(int32(mib.RowCreateAndGo))); err != nil {
		t.Fatal(err)
	}
	if err := tx.Set(cell, key, mib.Int(1)); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if row := sipep.Of(st.Current()).FindTransportConfig("a"); row == nil || !row.TlsEnable {
		t.Errorf("the row is %+v", row)
	}
}
