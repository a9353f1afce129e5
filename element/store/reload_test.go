package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/model"
	"mibgate/mib/sipep"
	"mibgate/mib/text"
)

var internal = access.Internal

func parseLine(t testing.TB, s *Store, line string) text.Statement {
	t.Helper()
	st, ok, err := text.ParseLine(s.reg, line)
	if err != nil || !ok {
		t.Fatalf("%s: %v", line, err)
	}
	return st
}

// reload checks that what is in force equals what a reader of the disk finds.
func reload(t testing.TB, s *Store) {
	t.Helper()
	snap, _, err := s.read()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := dump(s, snap), dump(s, s.Current()); got != want {
		t.Errorf("on disk is\n%s\nin force is\n%s", got, want)
	}
}

// TestRunningEqualsReload sets everything that can be set to values of its
// syntax, by chance, and reads it back from the disk after each transaction.
func TestRunningEqualsReload(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	s := openModel(t, dir)
	if err := s.Start(noRuntime{}); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		tx, err := s.Begin(t.Context(), internal)
		if err != nil {
			t.Fatal(err)
		}
		tx.CreateRows = true
		for _, o := range model.Registry.Objects() {
			if o.Source != mib.SourceConfig || rng.IntN(3) > 0 || o.Table != nil && o.Table.RowStatus == nil {
				continue
			}
			var key mib.Key
			if o.Table != nil {
				for i := range o.Table.Index {
					key = append(key, anyValue(rng, o.Table.Index[i].Syntax))
				}
			}
			if err := tx.Set(o, key, anyFor(rng, o)); err != nil {
				t.Fatalf("%s: %v", o.Path(), err)
			}
			fillRow(t, rng, tx, o.Table, key)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		reload(t, s)
	}
	want := dump(s, s.Current())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if again := openModel(t, dir); dump(again, again.Current()) != want {
		t.Error("another process reads another configuration")
	}
}

// anyFor is a value that an operator may give o.
func anyFor(rng *rand.Rand, o *mib.Object) mib.Value {
	if o.Table != nil && o == o.Table.Storage {
		return mib.Int(storageVolatile + rng.Int32N(2))
	}
	return anyValue(rng, o.Syntax)
}

// fillRow gives a row of t what it must have to be active.
func fillRow(t *testing.T, rng *rand.Rand, tx *Tx, table *mib.Table, key mib.Key) {
	t.Helper()
	if table == nil {
		return
	}
	for {
		row, _ := table.Lookup(tx.Config(table.Module), key)
		o := table.Missing(row)
		if o == nil {
			return
		}
		if err := tx.Set(o, key, anyValue(rng, o.Syntax)); err != nil {
			t.Fatalf("%s: %v", o.Path(), err)
		}
	}
}

// anyValue is a value that the syntax allows.
func anyValue(rng *rand.Rand, s *mib.Syntax) mib.Value {
	for {
		v := candidate(rng, s)
		if s.Check(v) == nil {
			return v
		}
	}
}

func candidate(rng *rand.Rand, s *mib.Syntax) mib.Value {
	if len(s.Enum) > 0 {
		return mib.Value{Kind: s.Base, Num: int64(s.Enum[rng.IntN(len(s.Enum))].Number)}
	}
	switch s.Base {
	case mib.OctetString:
		words := []string{"", "a", "host.example", "192.0.2.1", "2001:db8::1", "127.0.0.1:5060", `quote " and \`, "ünï", "# no comment", "a=b", "] .", "\x00\xff\n"}
		return mib.String(words[rng.IntN(len(words))])
	case mib.ObjectIdentifier:
		return mib.Ident(mib.OID{1, 3, 6, uint32(rng.IntN(100))})
	}
	if len(s.Ranges) == 0 {
		return mib.Value{Kind: s.Base, Num: rng.Int64N(1000)}
	}
	r := s.Ranges[rng.IntN(len(s.Ranges))]
	return mib.Value{Kind: s.Base, Num: r.Min + rng.Int64N(min(r.Max-r.Min, 1000)+1)}
}

// TestSecretsAreSealed: no file of the folder, the history included, holds a
// secret in clear.
func TestSecretsAreSealed(t *testing.T) {
	s := startModel(t)
	secrets := []string{"correct horse battery", "staple 1234"}
	mustSet(t, s, `SipEp.Authentication[Index=1].Password="`+secrets[0]+`"`, `Aaa.Users[UserName="u"].Password="`+secrets[1]+`"`)
	mustSet(t, s, `SipEp.Authentication[Index=1].Up=0`, `SipEp.Authentication[Index=2].Password="`+secrets[0]+`"`)
	mustSet(t, s, `SipEp.Authentication[Index=2].Delete=10`)
	sealed := 0
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		b := content(t, path)
		sealed += strings.Count(b, "sealed:")
		for _, secret := range secrets {
			if strings.Contains(b, secret) {
				t.Errorf("%s holds a secret in clear", path)
			}
		}
		return nil
	})
	if err != nil || sealed == 0 {
		t.Errorf("%d sealed values: %v", sealed, err)
	}
	if got := sipep.Of(s.Current()).FindAuthentication(1).Password; got != secrets[0] {
		t.Errorf("in force is %q", got)
	}
	reload(t, s)
}

// TestUnreadable: what is on disk may be broken in any way; the error says where
// and never shows a secret.
func TestUnreadable(t *testing.T) {
	tests := []struct {
		name   string
		spoil  func(t *testing.T, dir string)
		expect string
	}{
		{"syntax", appendLine("SipEp.Gateway[Name="), "line"},
		{"unknown variable", appendLine("SipEp.Nonsense=1"), "Nonsense"},
		{"out of range", appendLine("SipEp.TransportPersistentBasePort=70000"), "TransportPersistentBasePort"},
		{"read-only variable", appendLine(`Hoc.ClockState="Synchronized"`), "not a part of the configuration"},
		{"secret of another folder", func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "key"), make([]byte, keySize), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "SipEp.Authentication[Index=1].Password"},
		{"key cut short", func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "key"), []byte("short"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "key file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := openModel(t, dir)
			if err := s.Start(noRuntime{}); err != nil {
				t.Fatal(err)
			}
			mustSet(t, s, `SipEp.Authentication[Index=1].Password="hush hush"`)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, dir)
			_, err := Open(dir, model.Registry)
			if err == nil || !strings.Contains(err.Error(), tt.expect) || strings.Contains(err.Error(), "hush") {
				t.Fatalf("the error is %v", err)
			}
			if lock, err := lockFolder(dir); err != nil {
				t.Errorf("a failed Open keeps the folder: %v", err)
			} else {
				_ = lock.Close()
			}
		})
	}
}

func appendLine(line string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		path := filepath.Join(dir, "config")
		if err := os.WriteFile(path, []byte(content(t, path)+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRollbackOfAnUnreadableFolder: the way out that the error names works.
func TestRollbackOfAnUnreadableFolder(t *testing.T) {
	dir := t.TempDir()
	s := openModel(t, dir)
	if err := s.Start(noRuntime{}); err != nil {
		t.Fatal(err)
	}
	mustSet(t, s, `Hoc.SystemName="one"`)
	mustSet(t, s, `Hoc.SystemName="two"`)
	if err := Rollback(dir, 1); !errors.Is(err, ErrLocked) {
		t.Errorf("rollback while the unit runs: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	appendLine("rubbish")(t, dir)
	if err := Rollback(dir, 1); err != nil {
		t.Fatal(err)
	}
	if got := hoc.Of(openModel(t, dir).Current()).SystemName; got != "one" {
		t.Errorf("after the rollback the name is %q", got)
	}
}

// TestReset: the folder is new afterwards; only what identifies the unit stays.
func TestReset(t *testing.T) {
	dir := t.TempDir()
	s := openModel(t, dir)
	if err := s.Start(noRuntime{}); err != nil {
		t.Fatal(err)
	}
	mustSet(t, s, `SipEp.Authentication[Index=1].Password="hush"`)
	mustSet(t, s, `Hoc.SystemName="x"`)
	for _, name := range []string{"serial", "clock"} {
		if err := s.State().Save(name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	key, fingerprint := content(t, filepath.Join(dir, "key")), s.Fingerprint("hush")
	if err := Reset(dir, "serial"); !errors.Is(err, ErrLocked) {
		t.Errorf("reset while the unit runs: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Reset(dir, "serial"); err != nil {
		t.Fatal(err)
	}
	s = openModel(t, dir)
	if !s.IsNew() || dump(s, s.Current()) != "" {
		t.Error("the folder is not new")
	}
	if content(t, filepath.Join(dir, "key")) == key || s.Fingerprint("hush") == fingerprint {
		t.Error("the sealing key is the old one")
	}
	for name, want := range map[string]string{"serial": "serial", "clock": ""} {
		if b, err := s.State().Load(name); err != nil || string(b) != want {
			t.Errorf("state %s is %q, %v", name, b, err)
		}
	}
	if err := Reset(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that is not there was reset")
	}
}

// TestState: a value is there whole after it was saved, or not at all.
func TestState(t *testing.T) {
	s := startModel(t)
	st := s.State()
	if b, err := st.Load("none"); b != nil || err != nil {
		t.Errorf("a value that was never saved: %q, %v", b, err)
	}
	for i := range 3 {
		want := fmt.Sprint("boots ", i)
		if err := st.Save("engine", []byte(want)); err != nil {
			t.Fatal(err)
		}
		if b, err := st.Load("engine"); err != nil || string(b) != want {
			t.Errorf("%q, %v, want %q", b, err, want)
		}
	}
}
