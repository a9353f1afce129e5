package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"mibgate/element/siptransport"
	"mibgate/testdata/sipfuzz"
)

// TestSIPMutation: 12,000 mutants in `make test`.
func TestSIPMutation(t *testing.T) { sipMutation(t, 12_000, 0) }

// TestSoakSIPMutation: a hundred thousand, and more for as long as the soak
// lasts.
func TestSoakSIPMutation(t *testing.T) {
	d := soakTime(t)
	sipMutation(t, 100_000, d)
}

// sipMutation sends a third of the mutants over each transport. TLS needs a
// unit of its own: where it is enabled the others are not used.
func sipMutation(t *testing.T, n int, d time.Duration) {
	const lines = `Hoc.ClockSource="Host"
SipEp.Gateway[Name="default"].NetworkInterface="Loop"
SipEp.InteropSipOptionsMethodSupport="AlwaysOk"
Nlm.SyslogRemoteHost=""
`
	enable := func(transport string) string {
		return fmt.Sprintf("SipEp.TransportConfig[GatewayName=\"default\"].%sEnable=\"Enable\"\n", transport)
	}
	t.Run("UDP and TCP", func(t *testing.T) {
		port := linkPort(t)
		script := lines + enable("Udp") + enable("Tcp") + fmt.Sprintf("SipEp.Gateway[Name=\"default\"].Port=%d\n", port)
		p := start(t, folder(t), "--script", file(t, "sip.cfg", script))
		gateway := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port)))
		dial := func(network string) func() (net.Conn, error) {
			return func() (net.Conn, error) { return net.Dial(network, gateway) }
		}
		bombard(t, p, n-n/3, d*2/3, newSIPPeer(t, siptransport.UDP, dial("udp4")), newSIPPeer(t, siptransport.TCP, dial("tcp4")))
		if lost := udpDrops(t, port); lost != 0 {
			t.Errorf("%d datagrams were lost in a full buffer", lost)
		}
	})
	t.Run("TLS", func(t *testing.T) {
		port := linkPort(t)
		script := lines + enable("Tls") + fmt.Sprintf("SipEp.Gateway[Name=\"default\"].SecurePort=%d\n", port)
		p := start(t, folder(t), "--script", file(t, "sip.cfg", script))
		ca, pair := made(t, "gateway.test")
		must(t, "cert", "import", "--data", p.dir, "--type", "host", file(t, "host.pem", string(pair.CertPEM)+string(pair.KeyPEM)))
		cfg := &tls.Config{RootCAs: ca.Pool(), ServerName: "gateway.test", ClientSessionCache: tls.NewLRUClientSessionCache(4)}
		dial := func() (net.Conn, error) {
			return tls.Dial("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))), cfg)
		}
		bombard(t, p, n/3, d/3, newSIPPeer(t, siptransport.TLS, dial))
	})
}

// bombard sends mutants over all peers in turn, with proper OPTIONS between.
func bombard(t *testing.T, p *process, n int, d time.Duration, peers ...*sipPeer) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(5, 5060))
	seeds := sipfuzz.Seeds()
	number := 0
	b := barrage{p: p, n: n, d: d, window: 16, octets: 48 << 10}
	b.send = func() int {
		if rnd.IntN(2) == 0 {
			number++ // else this one may be a CANCEL, an ACK or a repetition of one before
		}
		seed := strings.NewReplacer("bKseed1", fmt.Sprint("bK", number), "seed@", fmt.Sprint(number%64, "@")).Replace(seeds[rnd.IntN(len(seeds))])
		msg := sipfuzz.Mutate(rnd, seed)
		peer := peers[rnd.IntN(len(peers))]
		if peer.transport == siptransport.UDP {
			msg = msg[:min(len(msg), maxDatagram)]
		}
		peer.send(msg, rnd)
		return len(msg) + 512
	}
	probes := 0
	b.probe = func() error {
		probes++
		return peers[probes%len(peers)].probe(probes)
	}
	for _, peer := range peers {
		peer.ready(t)
	}
	o := b.run(t)
	t.Logf("%v", o)
	for _, peer := range peers {
		peer.hangUp()
		t.Logf("%s: %d connections, %d octets of answers", peer.transport, peer.conns, peer.answers)
		if peer.answers < 1000 {
			t.Errorf("%s: %d octets of answers to mutants are no answers", peer.transport, peer.answers)
		}
		peer.prober.Close()
		peer.prober = nil
	}
	b.restart(t)
	for _, peer := range peers {
		peer.ready(t)
	}
}

// sipPeer is a SIP client that sends what it likes on one connection and what
// is proper on another.
type sipPeer struct {
	t         *testing.T
	transport siptransport.Transport
	dial      func() (net.Conn, error)

	conn    net.Conn // for mutants
	left    int      // messages until the next connection
	read    chan int64
	conns   int
	answers int64 // octets

	prober net.Conn
	in     *bufio.Reader
}

// perConn is how many mutants a connection carries: one that breaks the framing
// is the last that the gateway looks at.
const perConn = 4

func newSIPPeer(t *testing.T, transport siptransport.Transport, dial func() (net.Conn, error)) *sipPeer {
	p := &sipPeer{t: t, transport: transport, dial: dial}
	t.Cleanup(func() {
		for _, c := range []net.Conn{p.conn, p.prober} {
			if c != nil {
				c.Close()
			}
		}
	})
	return p
}

// ready waits until the gateway answers.
func (p *sipPeer) ready(t *testing.T) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(generous); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if err = p.probe(0); err == nil {
			return
		}
		if p.prober != nil {
			p.prober.Close()
			p.prober = nil
		}
	}
	t.Fatalf("%s: the gateway does not answer: %v", p.transport, err)
}

// send sends one mutant, on a new connection when the old one has had its
// share or is broken.
func (p *sipPeer) send(msg []byte, rnd *rand.Rand) {
	for try := 0; ; try++ {
		if p.conn == nil || p.left == 0 {
			p.hangUp()
			p.call()
		}
		p.left--
		at := len(msg)
		if p.transport != siptransport.UDP && rnd.IntN(4) == 0 {
			at = rnd.IntN(len(msg) + 1) // in two segments
		}
		_ = p.conn.SetWriteDeadline(time.Now().Add(generous))
		_, err := p.conn.Write(msg[:at])
		if err == nil && at < len(msg) {
			_, err = p.conn.Write(msg[at:])
		}
		if err == nil || p.transport == siptransport.UDP {
			return
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			p.t.Fatalf("%s: the gateway does not read: %v", p.transport, err)
		}
		if try == perConn {
			return // this mutant and no other ends every connection, which is an answer
		}
		p.left = 0
	}
}

// call opens a connection and reads whatever comes on it.
func (p *sipPeer) call() {
	p.t.Helper()
	var err error
	if p.conn, err = p.dial(); err != nil {
		p.t.Fatalf("%s: %v", p.transport, err)
	}
	p.left = perConn
	if p.transport == siptransport.UDP {
		p.left = -1
	}
	p.conns++
	conn, read := p.conn, make(chan int64, 1)
	p.read = read
	go func() {
		if p.transport != siptransport.UDP {
			n, _ := io.Copy(io.Discard, conn)
			read <- n
			return
		}
		total, buf := int64(0), make([]byte, maxDatagram)
		for {
			n, err := conn.Read(buf)
			if errors.Is(err, net.ErrClosed) {
				read <- total
				return
			}
			total += int64(n)
		}
	}()
}

// hangUp tells the gateway that nothing more comes, and waits until it has
// taken everything and closed its side, too.
func (p *sipPeer) hangUp() {
	p.t.Helper()
	if p.conn == nil {
		return
	}
	if c, ok := p.conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite() // fails when the gateway was first
		if c, ok := p.conn.(*tls.Conn); ok {
			_ = c.NetConn().(*net.TCPConn).CloseWrite()
		}
	} else {
		p.conn.Close()
	}
	select {
	case n := <-p.read:
		p.answers += n
	case <-time.After(generous):
		p.t.Fatalf("%s: the gateway does not end a connection that its peer has ended", p.transport)
	}
	p.conn.Close()
	p.conn = nil
}

// probe sends a proper OPTIONS and waits for the 200.
func (p *sipPeer) probe(number int) error {
	if p.prober == nil {
		c, err := p.dial()
		if err != nil {
			return err
		}
		p.prober, p.in = c, bufio.NewReaderSize(c, 1<<16)
	}
	branch := fmt.Sprintf("z9hG4bKprobe%d.%d", number, time.Now().UnixNano())
	request := "OPTIONS sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/" + strings.ToUpper(string(p.transport)) + " " + p.prober.LocalAddr().String() +
		";rport;branch=" + branch + "\r\nMax-Forwards: 70\r\nFrom: <sip:probe@127.0.0.1>;tag=p\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: " + branch +
		"\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
	if err := p.prober.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(p.prober, request); err != nil {
		return err
	}
	var head bytes.Buffer
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return fmt.Errorf("%s: OPTIONS: %w after %q", p.transport, err, head.String())
		}
		head.WriteString(line)
		if line == "\r\n" {
			break
		}
	}
	if answer := head.String(); !strings.HasPrefix(answer, "SIP/2.0 200 ") || !strings.Contains(answer, branch) {
		return fmt.Errorf("%s: OPTIONS are answered %q", p.transport, answer)
	}
	return nil
}
