package store

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/sipep"
	"mibgate/mib/text"
)

// openModel opens a folder with the real model; clean-up closes it.
func openModel(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, model.Registry)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.lock.Close() }) // a test may have closed the store
	return s
}

func startModel(t testing.TB, ps ...Participant) *Store {
	t.Helper()
	s := openModel(t, t.TempDir())
	if err := s.Start(noRuntime{}, ps...); err != nil {
		t.Fatal(err)
	}
	return s
}

// assign makes assignments in script syntax in one transaction, as a script
// does when create is set. It returns the first error, also of Commit.
func assign(t testing.TB, s *Store, who access.Principal, create bool, lines ...string) error {
	t.Helper()
	tx, err := s.Begin(context.Background(), who)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	tx.CreateRows = create
	for i, line := range lines {
		st, ok, err := text.ParseLine(s.reg, line)
		if err != nil || !ok {
			t.Fatalf("%s: %v", line, err)
		}
		tx.At(i)
		if err := tx.Set(st.Object, st.Key, st.Value); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func set(t testing.TB, s *Store, lines ...string) error {
	t.Helper()
	return assign(t, s, access.Internal, true, lines...)
}

func mustSet(t testing.TB, s *Store, lines ...string) {
	t.Helper()
	if err := set(t, s, lines...); err != nil {
		t.Fatalf("%q: %v", lines, err)
	}
}

// dump is a configuration as assignments, secrets in clear.
func dump(s *Store, snap *Snapshot) string {
	var b strings.Builder
	Statements(s.reg, snap, func(o *mib.Object, key mib.Key, v mib.Value) {
		b.WriteString(o.Instance(key) + "=" + mib.ValueText(o.Syntax, v) + "\n")
	})
	return b.String()
}

// recorder is a participant that notes its calls and fails where it is told to.
type recorder struct {
	name     string
	calls    *[]string
	validate error
	prepare  error
}

func (r *recorder) note(what string) { *r.calls = append(*r.calls, r.name+" "+what) }

func (r *recorder) Normalize(*Candidate) {}

func (r *recorder) Validate(mib.Configs) error {
	r.note("validate")
	return r.validate
}

func (r *recorder) Prepare(_, _ *Snapshot) (Change, error) {
	r.note("prepare")
	if r.prepare != nil {
		return nil, r.prepare
	}
	return recorded{r}, nil
}

type recorded struct{ r *recorder }

func (c recorded) Commit() { c.r.note("commit") }
func (c recorded) Abort()  { c.r.note("abort") }

// TestRefusedAssignments: each kind of refusal, with what the error says.
func TestRefusedAssignments(t *testing.T) {
	s := startModel(t)
	mustSet(t, s, `SipEp.Gateway[Name="gw"].Port=5060`)
	user, observer := access.Principal{Role: access.User}, access.Principal{Role: access.Observer}
	o := sipep.Objects
	tests := []struct {
		name   string
		who    access.Principal
		object *mib.Object
		key    mib.Key
		value  mib.Value
		want   mib.ErrorKind
	}{
		{"observer", observer, o.TransportPersistentBasePort, nil, mib.Uint(16000), mib.ErrNoAccess},
		{"user in accounts", user, model.Registry.Object("Aaa.Users.Password"), mib.Key{mib.String("x")}, mib.String("password"), mib.ErrNoAccess},
		{"read-only", access.Internal, model.Registry.Object("SipEp.NeedRestartInfo"), nil, mib.Int(0), mib.ErrNotWritable},
		{"index", access.Internal, model.Registry.Object("SipEp.Gateway.Name"), sipep.GatewayKey("gw"), mib.String("x"), mib.ErrNotWritable},
		{"type", access.Internal, o.TransportPersistentBasePort, nil, mib.String("16000"), mib.ErrWrongType},
		{"range", access.Internal, o.TransportPersistentBasePort, nil, mib.Uint(70000), mib.ErrWrongValue},
		{"label", access.Internal, o.TransportTlsVersion, nil, mib.Int(401), mib.ErrWrongValue},
		{"length", access.Internal, o.AuthenticationRealm, sipep.AuthenticationKey(1), mib.String(strings.Repeat("x", 129)), mib.ErrWrongLength},
		{"encoding", access.Internal, o.AuthenticationRealm, sipep.AuthenticationKey(1), mib.String("\xff"), mib.ErrWrongValue},
		{"row that is not there", access.Internal, o.AuthenticationRealm, sipep.AuthenticationKey(1), mib.String("x"), mib.ErrNoRow},
		{"key that cannot be", access.Internal, o.AuthenticationRealm, sipep.AuthenticationKey(0), mib.String("x"), mib.ErrNoCreation},
		{"key too short", access.Internal, o.AuthenticationRealm, nil, mib.String("x"), mib.ErrNoCreation},
		{"row of the system", access.Internal, o.TransportConfigTlsEnable, sipep.TransportConfigKey("none"), mib.Int(1), mib.ErrNoCreation},
		{"command without service", access.Internal, model.Registry.Object("Scm.RestartRequiredServices"), nil, mib.Int(10), mib.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, text := s.Current(), s.written
			tx, err := s.Begin(context.Background(), tt.who)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Abort()
			tx.At(3)
			if err = tx.Set(tt.object, tt.key, tt.value); err == nil {
				err = tx.Commit()
			}
			var e *mib.Error
			if !errors.As(err, &e) || e.Kind != tt.want {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if e.Position != 3 || !strings.HasPrefix(e.Path, tt.object.Module.Service+".") {
				t.Errorf("the error stands at %d for %q", e.Position, e.Path)
			}
			tx.Abort()
			if s.Current() != before || string(s.written) != string(text) {
				t.Error("a refused assignment changed something")
			}
		})
	}
}

// TestFailedAssignmentLeavesTheTransaction: what failed has changed nothing, and
// the rest can still be committed.
func TestFailedAssignmentLeavesTheTransaction(t *testing.T) {
	s := startModel(t)
	tx, err := s.Begin(context.Background(), access.Internal)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	if err := tx.Set(sipep.Objects.TransportPersistentBasePort, nil, mib.Uint(20000)); err != nil {
		t.Fatal(err)
	}
	if err := tx.Set(sipep.Objects.TransportPersistentBasePort, nil, mib.Uint(70000)); err == nil {
		t.Fatal("70000 was taken")
	}
	if got := sipep.Of(tx).TransportPersistentBasePort; got != 20000 {
		t.Errorf("the candidate has %d", got)
	}
	if sipep.Of(s.Current()).TransportPersistentBasePort == 20000 {
		t.Error("what is not committed is in force")
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := sipep.Of(s.Current()).TransportPersistentBasePort; got != 20000 {
		t.Errorf("in force is %d", got)
	}
	if err := tx.Commit(); !errors.Is(err, mib.ErrUnavailable) {
		t.Errorf("a second commit: %v", err)
	}
}

// TestOneWriter: a second one waits for the first, and not longer than it wants.
func TestOneWriter(t *testing.T) {
	s := startModel(t)
	first, err := s.Begin(context.Background(), access.Internal)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Begin(ctx, access.Internal); !errors.Is(err, mib.ErrUnavailable) {
		t.Errorf("a second writer: %v", err)
	}
	got := make(chan error)
	go func() {
		second, err := s.Begin(context.Background(), access.Internal)
		if err == nil {
			second.Abort()
		}
		got <- err
	}()
	first.Abort()
	first.Abort() // harmless
	if err := <-got; err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

func TestWatch(t *testing.T) {
	s := startModel(t)
	var seen []string
	s.Watch(func(old, next *Snapshot) {
		if old.Changed(next, sipep.Module) && s.Current() == next {
			seen = append(seen, "changed")
		}
	})
	mustSet(t, s, `SipEp.TransportPersistentBasePort=17000`)
	mustSet(t, s)
	_ = set(t, s, `SipEp.TransportPersistentBasePort=18000`, `SipEp.Gateway[Name="x"].RowStatus=1`, `SipEp.Gateway[Name="x"].RowStatus=4`)
	if len(seen) != 1 {
		t.Errorf("told %d times, want once", len(seen))
	}
}
