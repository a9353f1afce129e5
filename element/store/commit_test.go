package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/hoc"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
)

// refusing is a runtime whose commands are refused when err is set.
type refusing struct {
	err *error
	ran *[]string
}

func (r refusing) Status(*mib.Module) any   { return nil }
func (r refusing) Commands(*mib.Module) any { return r }

func (r refusing) RestartRequiredServices() (func(), error) {
	if *r.err != nil {
		return nil, *r.err
	}
	return func() { *r.ran = append(*r.ran, "restart") }, nil
}

func (r refusing) ServiceCommandsRestart(string) (func(), error) { return nil, *r.err }
func (r refusing) ServiceCommandsStop(string) (func(), error)    { return nil, *r.err }
func (r refusing) ServiceCommandsStart(string) (func(), error)   { return nil, *r.err }

var _ scm.Commands = refusing{}

// TestFailedSetChangesNothing: whichever phase fails, the snapshot, the disk and
// the participants are as before, and the next change succeeds.
func TestFailedSetChangesNothing(t *testing.T) {
	boom := errors.New("boom")
	at := &mib.Error{Kind: mib.ErrInconsistent, Path: "SipEp.TransportPersistentBasePort", Detail: "boom"}
	const good = "a validate, b validate, c validate, a prepare, b prepare, c prepare, a commit, b commit, c commit"
	tests := []struct {
		name  string
		kind  mib.ErrorKind
		calls string
		ready func(a, b, c *recorder, act *error, s *Store)
	}{
		{"set", mib.ErrWrongValue, "", nil},
		{"validate", mib.ErrInconsistent, "a validate, b validate", func(_, b, _ *recorder, _ *error, _ *Store) { b.validate = at }},
		{"act", mib.ErrInconsistent, "a validate, b validate, c validate", func(_, _, _ *recorder, act *error, _ *Store) { *act = boom }},
		{
			"prepare", mib.ErrUnavailable, "a validate, b validate, c validate, a prepare, b prepare, c prepare, b abort, a abort",
			func(_, _, c *recorder, _ *error, _ *Store) { c.prepare = boom },
		},
	}
	for _, at := range []step{stepCreate, stepWrite, stepSync, stepHistory, stepRename, stepDirSync} {
		tests = append(tests, struct {
			name  string
			kind  mib.ErrorKind
			calls string
			ready func(a, b, c *recorder, act *error, s *Store)
		}{
			"persist at " + string(at), mib.ErrCommit,
			"a validate, b validate, c validate, a prepare, b prepare, c prepare, c abort, b abort, a abort",
			func(_, _, _ *recorder, _ *error, s *Store) { s.disk.fault = failAt(at) },
		})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var calls, ran []string
			var act error
			a, b, c := &recorder{name: "a", calls: &calls}, &recorder{name: "b", calls: &calls}, &recorder{name: "c", calls: &calls}
			s := openModel(t, t.TempDir())
			if err := s.Start(refusing{&act, &ran}, a, b, c); err != nil {
				t.Fatal(err)
			}
			mustSet(t, s, `SipEp.TransportPersistentBasePort=17000`)
			before, text, old := s.Current(), content(t, s.disk.config()), dump(s, s.Current())
			lines := []string{`Hoc.SystemName="new"`, "Scm.RestartRequiredServices=10", "SipEp.TransportPersistentBasePort=18000", `Nlm.MinSeverity="Debug"`}
			calls = nil
			if tt.ready == nil {
				lines[2] = "SipEp.TransportPersistentBasePort=99999"
				if err := setRaw(t, s, lines[:2], sipep.Objects.TransportPersistentBasePort, mib.Uint(99999)); !errors.Is(err, tt.kind) {
					t.Fatalf("%v, want %v", err, tt.kind)
				}
			} else {
				tt.ready(a, b, c, &act, s)
				var e *mib.Error
				if err := set(t, s, lines...); !errors.As(err, &e) || e.Kind != tt.kind {
					t.Fatalf("%v, want %v", err, tt.kind)
				}
				if want := map[string]int{"validate": 2, "act": 1}[tt.name]; want != 0 && e.Position != want {
					t.Errorf("the error stands at %d, want %d", e.Position, want)
				}
			}
			if got := strings.Join(calls, ", "); got != tt.calls {
				t.Errorf("called: %s\nwant    %s", got, tt.calls)
			}
			if s.Current() != before || dump(s, s.Current()) != old {
				t.Error("the configuration in force changed")
			}
			if content(t, s.disk.config()) != text {
				t.Error("the configuration on disk changed")
			}
			if len(ran) != 0 {
				t.Error("a command ran")
			}
			b.validate, c.prepare, act, s.disk.fault, calls = nil, nil, nil, nil, nil
			lines[2] = "SipEp.TransportPersistentBasePort=18000"
			mustSet(t, s, lines...)
			if got := strings.Join(calls, ", "); got != good || len(ran) != 1 {
				t.Errorf("afterwards called: %s, ran %q", got, ran)
			}
			reload(t, s)
		})
	}
}

func failAt(at ...step) func(step) error {
	return func(s step) error {
		for _, a := range at {
			if s == a {
				return errors.New("disk trouble")
			}
		}
		return nil
	}
}

// setRaw makes assignments and then one that no script could write.
func setRaw(t *testing.T, s *Store, lines []string, o *mib.Object, v mib.Value) error {
	t.Helper()
	tx, err := s.Begin(t.Context(), internal)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	for _, l := range lines {
		st := parseLine(t, s, l)
		if err := tx.Set(st.Object, st.Key, st.Value); err != nil {
			t.Fatal(err)
		}
	}
	return tx.Set(o, nil, v)
}

// TestUndoFailedIsRepaired: after the disk has refused twice nobody knows what is
// on it; the next commit writes, even one that changes nothing.
func TestUndoFailedIsRepaired(t *testing.T) {
	s := startModel(t)
	mustSet(t, s, `Hoc.SystemName="old"`)
	var told []bool
	s.OnTrouble(func(err error) { told = append(told, err != nil) })
	s.disk.fault = failAt(stepSync)
	if err := set(t, s, `Hoc.SystemName="new"`); !errors.Is(err, mib.ErrCommit) || len(told) != 0 {
		t.Fatalf("%v, told %v", err, told)
	}
	s.disk.fault = failAt(stepDirSync, stepUndo)
	if err := set(t, s, `Hoc.SystemName="new"`); !errors.Is(err, mib.ErrUndo) {
		t.Fatalf("%v, want ErrUndo", err)
	}
	if got := hoc.Of(s.Current()).SystemName; got != "old" {
		t.Errorf("in force is %q", got)
	}
	s.disk.fault = nil
	mustSet(t, s, `Hoc.SystemName="old"`)
	reload(t, s)
	mustSet(t, s, `Hoc.SystemName="newer"`)
	if len(told) != 2 || !told[0] || told[1] {
		t.Errorf("told %v, want the trouble and its end", told)
	}
}

// TestCommandsRunAfterTheCommit, in the order of the transaction, and without a
// change of configuration too.
func TestCommandsRunAfterTheCommit(t *testing.T) {
	var act error
	var ran []string
	s := openModel(t, t.TempDir())
	if err := s.Start(refusing{&act, &ran}); err != nil {
		t.Fatal(err)
	}
	seq := s.Current().Seq
	mustSet(t, s, "Scm.RestartRequiredServices=10", "Scm.RestartRequiredServices=0", "Scm.RestartRequiredServices=10")
	if len(ran) != 2 || s.Current().Seq != seq {
		t.Errorf("ran %q, snapshot %d after %d", ran, s.Current().Seq, seq)
	}
}

// TestConcurrentReaders: a reader sees all of a transaction or nothing of it,
// and never waits for the writer. For the race detector, too.
func TestConcurrentReaders(t *testing.T) {
	s := startModel(t)
	mustSet(t, s, `SipEp.Authentication[Index=1].Realm="0"`, `Hoc.SystemName="0"`)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				snap := s.Current()
				name := hoc.Of(snap).SystemName
				if row := sipep.Of(snap).FindAuthentication(1); row == nil || row.Realm != name {
					t.Errorf("realm and name differ in one snapshot: %+v, %q", row, name)
					return
				}
				if n := sipep.Of(snap).Authentication.Len(); n < 1 || n > 3 {
					t.Errorf("%d rows", n)
					return
				}
			}
		})
	}
	for i := range 60 {
		n := fmt.Sprint(i)
		mustSet(t, s, fmt.Sprintf(`SipEp.Authentication[Index=1].Realm=%q`, n), "SipEp.Authentication[Index=1].Insert=10",
			"SipEp.Authentication[Index=1].Delete=10", fmt.Sprintf(`Hoc.SystemName=%q`, n))
	}
	close(done)
	wg.Wait()
}

// TestStartValidates: a configuration that the services refuse does not start,
// and the error says how to get out.
func TestStartValidates(t *testing.T) {
	var calls []string
	dir := t.TempDir()
	s := openModel(t, dir)
	if err := s.Start(noRuntime{}); err != nil {
		t.Fatal(err)
	}
	mustSet(t, s, `Cert.MinSeverity="Debug"`)
	text := content(t, s.disk.config())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openModel(t, dir)
	bad := &recorder{name: "bad", calls: &calls, validate: &mib.Error{Kind: mib.ErrInconsistent, Path: cert.Objects.MinSeverity.Path(), Detail: "is too low"}}
	err := s.Start(noRuntime{}, bad)
	if err == nil || !strings.Contains(err.Error(), "Cert.MinSeverity") || !strings.Contains(err.Error(), "rollback") {
		t.Errorf("the error is %v", err)
	}
	if content(t, s.disk.config()) != text {
		t.Error("a start that failed changed the disk")
	}
	if s.IsNew() {
		t.Error("the folder counts as new")
	}
	if _, err := os.Stat(s.disk.config() + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Error("a temporary file is left")
	}
}
