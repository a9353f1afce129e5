package notifier

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/testdata/snmptrapd"
)

// hosts is a resolver.
type hosts map[string][]string

func (h hosts) resolve(_ context.Context, host string) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, a := range h[host] {
		out = append(out, netip.MustParseAddr(a))
	}
	if out == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, Server: "192.0.2.53:53", IsNotFound: true}
	}
	return out, nil
}

// An inform that nobody acknowledges goes out Retries+1 times, under one
// request-id, from one port, ever more seldom, and is given up.
func TestInformIsRepeated(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, r.addr()))
	s := newSender(t, quick(), nil, c)
	begin := time.Now()
	s.emitUp(1)
	s.emitUp(2)
	first := r.must()
	from := r.from
	waited, wait := time.Duration(0), c.Timeout
	for i := range c.Retries {
		m := r.must()
		waited, wait = waited+wait, 2*wait
		if d := time.Since(begin); d < waited {
			t.Errorf("repetition %d came after %v, too early by %v", i+1, d, waited-d)
		}
		if m.PDU.RequestID != first.PDU.RequestID || r.from != from {
			t.Errorf("request-id %d from %s, then %d from %s", first.PDU.RequestID, from, m.PDU.RequestID, r.from)
		}
	}
	second := r.must()
	if second.PDU.RequestID == first.PDU.RequestID || r.from != from {
		t.Errorf("the second inform has request-id %d from %s", second.PDU.RequestID, r.from)
	}
	d := s.await(1, "the first is given up", func(d snmp.TargetStatus) bool { return d.Dropped == 1 && d.Sent == 2 })
	if d.Acked != 0 || d.LastError != "not acknowledged" {
		t.Errorf("status %+v", d)
	}
	r.answer(second, second.PDU.RequestID, message.NoError)
	s.await(1, "the second is acknowledged", func(d snmp.TargetStatus) bool { return d.Acked == 1 && d.LastError == "" })
}

func TestWaitsDouble(t *testing.T) {
	for _, c := range []struct {
		name  string
		first time.Duration
		want  []time.Duration
	}{
		{"up to a minute", 5 * time.Second, []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, time.Minute}},
		{"longer than a minute from the start", 90 * time.Second, []time.Duration{90 * time.Second, 90 * time.Second}},
		{"as long as snmpTargetAddrTimeout may be", (1<<31 - 1) * 10 * time.Millisecond, []time.Duration{(1<<31 - 1) * 10 * time.Millisecond, (1<<31 - 1) * 10 * time.Millisecond}},
		{"none", 0, []time.Duration{minTimeout, 2 * minTimeout}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wait := newSettings(snmp.Target{Timeout: c.first}, &tally{}).Timeout
			for i, want := range c.want {
				if wait != want {
					t.Errorf("wait %d is %v, want %v", i+1, wait, want)
				}
				wait = longer(wait)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		status message.ErrorStatus
		acked  uint32
		want   string
	}{
		{"noError", message.NoError, 1, ""},
		{"tooBig", message.TooBig, 1, ""},
		{"genErr", message.GenErr, 0, "the receiver answered genErr"},
		{"authorizationError", message.AuthorizationError, 0, "the receiver answered authorizationError"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newReceiver(t, "127.0.0.1:0")
			cfg := informs(config(t, r.addr()))
			cfg.Timeout = patience
			s := newSender(t, quick(), nil, cfg)
			s.emitUp(1)
			m := r.must()
			r.answer(m, m.PDU.RequestID, c.status)
			if d := s.awaitCounts(1, 1, 1-c.acked, c.acked); d.LastError != c.want {
				t.Errorf("last error %q, want %q", d.LastError, c.want)
			}
		})
	}
}

// Nothing acknowledges an inform but the response to it.
func TestStrangeAnswers(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, r.addr()))
	c.Timeout = 300 * time.Millisecond
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	m := r.must()
	r.answer(m, m.PDU.RequestID+1, message.NoError)
	for _, junk := range [][]byte{nil, {0}, m.Raw, []byte("0\x82\xff\xff")} {
		if _, err := r.conn.WriteToUDPAddrPort(junk, r.from); err != nil {
			t.Fatal(err)
		}
	}
	other, err := net.Dial("udp", r.from.String())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	response := append([]byte(nil), m.Raw...)
	response[bytes.Index(response, m.Community)+len(m.Community)] = byte(message.Response)
	if d := new(message.Message); message.Decode(response, d) != nil || d.PDU.Type != message.Response {
		t.Fatal("this test makes no response")
	}
	if _, err := other.Write(response); err != nil {
		t.Fatal(err)
	}
	again := r.must()
	if again.PDU.RequestID != m.PDU.RequestID {
		t.Error("something else acknowledged it")
	}
	if d, _ := s.target(1); d.Acked != 0 {
		t.Errorf("status %+v", d)
	}
	// A late answer to the first try is one.
	if _, err := r.conn.WriteToUDPAddrPort(response, r.from); err != nil {
		t.Fatal(err)
	}
	s.awaitCounts(1, 1, 0, 1)
}

// Repetitions in v3 are messages of their own (RFC 3412 §6.2).
func TestV3RepetitionsHaveNewMsgIDs(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	s := newSender(t, quick(), nil, informs(asAdmin(t, config(t, r.addr()))))
	s.emitUp(1)
	seen := map[int32]bool{}
	for range 4 {
		m := r.must()
		if seen[m.Header.MsgID] || m.Header.Flags != message.FlagReportable {
			t.Errorf("msgID %d, flags %d", m.Header.MsgID, m.Header.Flags)
		}
		seen[m.Header.MsgID] = true
	}
	if d := s.awaitCounts(1, 0, 1, 0); d.LastError != "not acknowledged" {
		t.Errorf("status %+v: a question for the engine ID is no notification", d)
	}
}

// manager is an inform receiver with an engine that a test can replace.
type manager struct {
	r      *receiver
	engine atomic.Pointer[usm.Engine]
}

func newManager(t *testing.T) *manager {
	m := &manager{r: newReceiver(t, "127.0.0.1:0")}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.serve()
	}()
	t.Cleanup(func() {
		m.r.conn.Close()
		<-ended
	})
	return m
}

// become makes the manager an engine that has started boots times.
func (m *manager) become(t *testing.T, boots uint32) {
	t.Helper()
	id := []byte{0x80, 0, 0, 0, 4, 'n', 'm', 's'}
	e, err := usm.NewEngine(usm.Config{ID: id, Boots: boots, MinLevel: message.AuthPriv})
	if err != nil {
		t.Fatal(err)
	}
	user, err := credentials(t, usm.SHA256, usm.AES128, password).Localize(id)
	if err != nil {
		t.Fatal(err)
	}
	e.SetUsers(usm.NewUserTable(user))
	m.engine.Store(e)
}

func (m *manager) serve() {
	var (
		in       message.Message
		security usm.Context
		b        message.Builder
		buf      = make([]byte, maxDatagram)
	)
	for {
		n, from, err := m.r.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if message.Decode(buf[:n], &in) != nil {
			continue
		}
		e := m.engine.Load()
		var out []byte
		if err := e.Incoming(&in, &security); err != nil {
			out = e.Report(&b, &in, &security, err)
		} else {
			b.Begin(message.Reply(&in, &security, maxDatagram), maxDatagram)
			if b.Echo(&in.PDU) == nil {
				out, _ = b.Finish(message.NoError, 0)
			}
		}
		_, _ = m.r.conn.WriteToUDPAddrPort(out, from)
	}
}

// A receiver that lost count of its boots is met anew, within one try.
func TestReceiverHasFewerBoots(t *testing.T) {
	m := newManager(t)
	m.become(t, 5)
	c := informs(asAdmin(t, config(t, m.r.addr())))
	c.Timeout, c.Retries = patience, 0
	s := newSender(t, quick(), nil, c)
	for i, boots := range []uint32{5, 2, 7} {
		m.become(t, boots)
		s.emitUp(uint32(i))
		s.awaitCounts(1, uint32(i)+1, 0, uint32(i)+1)
	}
}

// A trap that was refused is told; the next one goes out, from the same port.
func TestTrapAfterRefusal(t *testing.T) {
	addr := snmptrapd.FreeAddr(t).String()
	s := newSender(t, quick(), nil, config(t, addr))
	s.emitUp(1)
	if d := s.awaitCounts(1, 1, 1, 0); d.LastError != addr+": connection refused" {
		t.Errorf("last error %q", d.LastError)
	}
	r := newReceiver(t, addr)
	s.emitUp(2)
	r.take(t, 2)
	from := r.from
	s.await(1, "all is well", func(d snmp.TargetStatus) bool { return d.Sent == 2 && d.Dropped == 1 && d.LastError == "" })
	s.emitUp(3)
	r.take(t, 3)
	if r.from != from {
		t.Errorf("from %s, then %s", from, r.from)
	}
}

func TestNoUser(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := asAdmin(t, config(t, r.addr()))
	c.User = nil
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	if d := s.awaitCounts(1, 0, 1, 0); d.LastError != errNoUser.Error() {
		t.Errorf("last error %q", d.LastError)
	}
	c.User = credentials(t, usm.SHA256, usm.NoPriv, password)
	for _, inform := range []bool{false, true} {
		c.Inform = inform
		s.configure(c)
		before, _ := s.target(1)
		s.emitUp(2)
		s.await(1, "what has no keys for the level is lost", func(d snmp.TargetStatus) bool {
			return d.Dropped == before.Dropped+1 && d.Sent == 0 && d.LastError != errNoUser.Error()
		})
	}
	if m := r.next(10 * time.Millisecond); m != nil {
		t.Error("something was sent below the level")
	}
}

// A host name is looked up again when its address may be old or wrong, and the
// source port stays.
func TestHostNameIsLookedUpAgain(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	port := netip.MustParseAddrPort(r.addr()).Port()
	names := make(chan hosts, 1)
	names <- hosts{"nms.example.test": {"::1", "127.0.0.2"}}
	o := quick()
	o.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		h := <-names
		defer func() { names <- h }()
		return h.resolve(ctx, host)
	}
	c := informs(config(t, fmt.Sprintf("nms.example.test:%d", port)))
	c.Retries = 100
	s := newSender(t, o, nil, c)
	s.emitUp(1)
	s.await(1, "it is sent to the old address", func(d snmp.TargetStatus) bool { return d.Sent == 1 })
	<-names
	names <- hosts{"nms.example.test": {"127.0.0.1"}}
	m := r.must()
	r.answer(m, m.PDU.RequestID, message.NoError)
	s.awaitCounts(1, 1, 0, 1)
	from := r.from
	<-names
	names <- hosts{} // the address of before is better than none
	for i := range uint32(2) {
		s.emitUp(i)
		m = r.must()
		r.answer(m, m.PDU.RequestID, message.NoError)
		s.awaitCounts(1, 2+i, 0, 2+i)
		if r.from != from {
			t.Errorf("from %s, then %s", from, r.from)
		}
	}
}

func TestAddressExpires(t *testing.T) {
	first, second := newReceiver(t, "127.0.0.1:0"), (*receiver)(nil)
	port := netip.MustParseAddrPort(first.addr()).Port()
	second = newReceiver(t, fmt.Sprintf("127.0.0.3:%d", port))
	names := make(chan string, 4)
	o := quick()
	o.addressLife = 0
	o.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		return hosts{host: {<-names}}.resolve(ctx, host)
	}
	s := newSender(t, o, nil, config(t, fmt.Sprintf("nms.example.test:%d", port)))
	names <- "127.0.0.1"
	s.emitUp(1)
	first.must()
	names <- "127.0.0.3"
	s.emitUp(2)
	second.must()
	if first.from.Port() != second.from.Port() {
		t.Errorf("from port %d, then %d", first.from.Port(), second.from.Port())
	}
}

func TestIPv6(t *testing.T) {
	if _, err := net.ListenPacket("udp", "[::1]:0"); err != nil {
		t.Skip("no IPv6 on loopback")
	}
	r := newReceiver(t, "[::1]:0")
	c := config(t, r.addr())
	c.Version = message.V1
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	if m := r.must(); m.PDU.Trap.AgentAddr != [4]byte{} {
		t.Errorf("agent-addr %v", m.PDU.Trap.AgentAddr)
	}
	c.Version = message.V2c
	s.configure(informs(c))
	s.emitUp(2)
	m := r.must()
	r.answer(m, m.PDU.RequestID, message.NoError)
	s.awaitCounts(1, 2, 0, 1)
}
