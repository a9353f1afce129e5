package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/element/scm"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// panicky is an account service whose Validate panics on demand.
type panicky struct {
	*aaa.Service
	armed bool
}

func (p *panicky) Prepare(_, _ *store.Snapshot) (store.Change, error) {
	if p.armed {
		panic("boom")
	}
	return nil, nil
}

type fixture struct {
	*testelement.Element
	accounts *panicky
	server   *Server
	client   Client
}

func serve(t *testing.T) *fixture {
	t.Helper()
	var control *scm.Service
	e := testelement.New(t, element.Options{Supervisor: service.Options{Startup: scm.Startup, OnState: func(i service.Info) { control.OnState(i) }}})
	control = scm.New(e.Bus)
	control.Attach(e.Services)
	e.Store.Factory(func(c *store.Candidate) { aaa.Factory(c, "secret of admin") })
	f := &fixture{Element: e, accounts: &panicky{Service: aaa.New()}, client: Client{Dir: e.Store.Dir()}}
	e.Start(control, f.accounts)
	var err error
	if f.server, err = Serve(e.Element, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.server.Close)
	return f
}

func (f *fixture) do(t *testing.T, req Request) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testelement.Patience)
	defer cancel()
	var out bytes.Buffer
	err := f.client.Do(ctx, req, &out)
	return out.String(), err
}

func TestVerbs(t *testing.T) {
	f := serve(t)
	for _, tt := range []struct {
		name  string
		req   Request
		out   string // a part of the output
		err   string // a part of the error
		fault bool
	}{
		{"get", Request{Verb: VerbGet, Args: []string{"Scm.MinSeverity", "Aaa.MinSeverity"}}, "Scm.MinSeverity=\"Warning\"\nAaa.MinSeverity=\"Warning\"\n", "", false},
		{"get of a table", Request{Verb: VerbGet, Args: []string{"Scm.MinSeverity", "Aaa.Users"}}, "", "Aaa.Users is a table", true},
		{"get of what no service answers", Request{Verb: VerbGet, Args: []string{"Dcm.SoftwareVersion"}}, "", "Dcm.SoftwareVersion", false},
		{"set", Request{Verb: VerbSet, Args: []string{"Scm.MinSeverity=Info"}}, "", "", false},
		{"bad set", Request{Verb: VerbSet, Args: []string{"Scm.MinSeverity=Loud"}}, "", `Scm.MinSeverity: value "Loud"`, true},
		{"show", Request{Verb: VerbShow, Args: []string{"Scm"}, Format: Tables}, "ServicesInfo\n", "", false},
		{"show of no rows", Request{Verb: VerbShow, Args: []string{"snmpTargetAddrTable"}, Format: Tables}, "snmpTargetAddrTable has no rows\n", "", false},
		{"walk", Request{Verb: VerbWalk, Args: []string{"Scm"}}, "Scm.MinSeverity=\"Info\"\n", "", false},
		{"walk of two", Request{Verb: VerbWalk, Args: []string{"Scm", "Aaa"}}, "", "takes one name", true},
		{"unknown format", Request{Verb: VerbWalk, Format: "xml"}, "", "xml", true},
		{"script", Request{Verb: VerbScript, File: "f", Script: []byte("Scm.MinSeverity=Debug\n")}, "", "", false},
		{"bad script", Request{Verb: VerbScript, File: "f", Script: []byte("\nScm.MinSeverity=\xff\n")}, "", "f:2: Scm.MinSeverity", true},
		{"export", Request{Verb: VerbExport}, "Scm.MinSeverity=\"Debug\"\n", "", false},
		{"unknown verb", Request{Verb: "dance"}, "", `"dance"`, true},
		{"argument that is no text", Request{Verb: VerbGet, Args: []string{"\xff"}}, "", "UTF-8", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := f.do(t, tt.req)
			if !strings.Contains(out, tt.out) || tt.out == "" && out != "" {
				t.Errorf("output is %q, want %q", out, tt.out)
			}
			var refused *RequestError
			if tt.err == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.err) || refused.Fault != tt.fault {
				t.Errorf("error is %+v, want %q, fault %v", err, tt.err, tt.fault)
			}
		})
	}
}

// TestPanicDoesNotBlockTheStore: a fault in a service fails one request; the
// next one works.
func TestPanicDoesNotBlockTheStore(t *testing.T) {
	f := serve(t)
	f.accounts.armed = true
	if _, err := f.do(t, Request{Verb: VerbSet, Args: []string{"Scm.MinSeverity=Info"}}); err == nil || !strings.Contains(err.Error(), "internal error") {
		t.Errorf("error is %v", err)
	}
	f.accounts.armed = false
	if _, err := f.do(t, Request{Verb: VerbSet, Args: []string{"Scm.MinSeverity=Error"}}); err != nil {
		t.Error(err)
	}
	if got := f.Get("Scm.MinSeverity"); got != "Error" {
		t.Errorf("Scm.MinSeverity is %s", got)
	}
}

func TestGarbageIsAnswered(t *testing.T) {
	f := serve(t)
	for name, sent := range map[string]string{"no JSON": "get Scm.MinSeverity\n", "wrong types": `{"verb":7}`, "binary": "\x00\x01\x02\n", "half": `{"verb":`} {
		t.Run(name, func(t *testing.T) {
			c, err := dial(f.client.Dir)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = io.WriteString(c, sent)
			_ = c.CloseWrite()
			_ = c.SetReadDeadline(time.Now().Add(testelement.Patience))
			var r Reply
			if err := json.NewDecoder(c).Decode(&r); err != nil || !r.End || r.Error == "" {
				t.Errorf("reply is %+v (%v)", r, err)
			}
		})
	}
}

func TestRequestThatIsTooLarge(t *testing.T) {
	f := serve(t)
	_, err := f.do(t, Request{Verb: VerbScript, File: "f", Script: bytes.Repeat([]byte("x"), maxRequest)})
	if err == nil {
		t.Fatal("it was taken")
	}
	if out, err := f.do(t, Request{Verb: VerbGet, Args: []string{"Scm.MinSeverity"}, Format: Values}); err != nil || out != "Warning\n" {
		t.Errorf("afterwards: %q %v", out, err)
	}
}

// TestManyAtOnce: more clients than places are served in turn, and changes do
// not get lost.
func TestManyAtOnce(t *testing.T) {
	const many = 30 // accounts, of at most 32
	f := serve(t)
	var wg sync.WaitGroup
	for i := range 4 * maxConnections {
		wg.Go(func() {
			line := fmt.Sprintf(`Aaa.Users[UserName="u%d"].AccessRights=User`, i%many)
			if i >= many {
				line = fmt.Sprintf(`Cert.OthersCertificatesInfo[FileName="c%d"].RowStatus=NotInService`, i)
			}
			if _, err := f.do(t, Request{Verb: VerbSet, Args: []string{line}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := len(f.Column("Aaa.Users.AccessRights")) + len(f.Column("Cert.OthersCertificatesInfo.RowStatus"))
	if got != 4*maxConnections+1 {
		t.Errorf("there are %d rows, want %d", got, 4*maxConnections+1)
	}
}

// TestIdlePeersDoNotHoldUpTheEnd: Close does not wait for peers that say
// nothing, and takes the socket away.
func TestIdlePeersDoNotHoldUpTheEnd(t *testing.T) {
	f := serve(t)
	for range 2 * maxConnections {
		c, err := dial(f.client.Dir)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	testwait.Until(t, testelement.Patience, "every place is taken", func() bool {
		f.server.mu.Lock()
		defer f.server.mu.Unlock()
		return len(f.server.conns) == maxConnections
	})
	began := time.Now()
	f.server.Close()
	if d := time.Since(began); d > readTimeout/2 {
		t.Errorf("Close took %v", d)
	}
	if _, err := os.Lstat(filepath.Join(f.client.Dir, SocketName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there (%v)", err)
	}
	if _, err := f.do(t, Request{Verb: VerbExport}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after Close a client gets %v", err)
	}
}

func TestClientEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	l, err := listen(dir) // nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Client{Dir: dir}.Do(ctx, Request{Verb: VerbExport}, io.Discard) }()
	cancel()
	if err := testwait.Recv(t, testelement.Patience, "the client ends", done); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestUnitThatEndsMidway(t *testing.T) {
	dir := t.TempDir()
	l, err := listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.AcceptUnix()
		if err == nil {
			_ = json.NewDecoder(c).Decode(&Request{})
			_ = json.NewEncoder(c).Encode(Reply{Out: []byte("half")})
			_ = c.Close()
		}
	}()
	var out bytes.Buffer
	err = Client{Dir: dir}.Do(context.Background(), Request{Verb: VerbExport}, &out)
	if err == nil || out.String() != "half" || !strings.Contains(err.Error(), "ended before") {
		t.Errorf("output %q, error %v", out.String(), err)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		t.Errorf("error %v tells of the socket, not of the unit", err)
	}
}

func TestOperatorIsAdmin(t *testing.T) {
	if Operator.Role != access.Admin {
		t.Errorf("the console acts as %v", Operator.Role)
	}
}
