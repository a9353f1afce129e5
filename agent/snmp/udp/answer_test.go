package udp

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// exchange has every peer send as many datagrams as it has sizes, answers each
// with that many octets, and checks what comes back.
func exchange(t *testing.T, s *Socket, to netip.AddrPort, sizes [][]int) {
	t.Helper()
	count, peers := 0, make([]*net.UDPConn, len(sizes))
	for i := range peers {
		peers[i] = dial(t, to)
		count += len(sizes[i])
	}
	for round := range slices.Max([]int{len(sizes[0]), count}) { // in turn, so that the peers are mixed
		for i, c := range peers {
			if round < len(sizes[i]) {
				send(t, c, []byte{byte(i), byte(round)})
			}
		}
	}
	b := batch(count, 100)
	n := receive(t, s, b)
	if n != count {
		t.Fatalf("%d datagrams, want %d", n, count)
	}
	for _, d := range b.Datagrams {
		d.Answer = answerOf(d.Buffer[0], d.Buffer[1], sizes)
	}
	s.Answer(b, n)
	for i, c := range peers {
		var got, want []string
		buf := make([]byte, MaxDatagram)
		for round := range sizes[i] {
			n, err := c.Read(buf)
			if err != nil {
				t.Fatalf("peer %d: %v after %d answers", i, err, round)
			}
			got = append(got, string(buf[:n]))
			want = append(want, string(answerOf(byte(i), byte(round), sizes))) //nolint:gosec // few
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("peer %d has other answers than those to its requests", i)
		}
	}
}

// answerOf is an answer that tells whose it is, as long as it is to be.
func answerOf(peer, round byte, sizes [][]int) []byte {
	out := make([]byte, sizes[peer][round])
	for i := range out {
		out[i] = peer<<4 + round + byte(i)
	}
	return out
}

func TestAnswersToManyPeers(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sizes [][]int
	}{
		{"alike", [][]int{{100, 100, 100, 100}}},
		{"all different", [][]int{{100, 300, 200, 50}}},
		{"one and another", [][]int{{70, 59, 70, 59, 70}}},
		{"empty ones", [][]int{{0, 10, 0, 10}}},
		{"longer than a segment", [][]int{{maxSegment, 3000, maxSegment + 1, maxSegment, 65507, 10}}},
		{"three peers", [][]int{{100, 100, 90}, {100, 100}, {100, 7, 7}}},
		{"more than one run holds", [][]int{slices.Repeat([]int{maxSegment}, 80)}},
		{"many small ones", [][]int{slices.Repeat([]int{1}, 70)}},
	} {
		for _, addr := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"} {
			t.Run(tt.name+" at "+addr, func(t *testing.T) {
				s := open(t, addr)
				exchange(t, s, netip.AddrPortFrom(loopback(s), s.Addr().Port()), tt.sizes)
				if s.single.Load() {
					t.Error("this host does not take runs, so the test shows nothing")
				}
			})
		}
	}
}

// A host that refuses runs is sent the answers one by one, from then on at
// once. Without checksums the kernel refuses them.
func TestRunsThatAreRefused(t *testing.T) {
	s := open(t, "127.0.0.1:0")
	if err := unix.SetsockoptInt(int(s.fd), unix.SOL_SOCKET, unix.SO_NO_CHECK, 1); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		exchange(t, s, s.Addr(), [][]int{{100, 100, 90}, {5, 6, 7}})
		if !s.single.Load() {
			t.Errorf("round %d: runs are still tried", i)
		}
	}
}

// Answers to a wildcard socket go together only when the same address was
// asked.
func TestRunsFromTheAddressesAsked(t *testing.T) {
	s, b := open(t, "0.0.0.0:0"), batch(9, 100)
	// One port of the peer asks three addresses.
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	asked := map[string]int{}
	for i := range 9 {
		to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(1 + i%3)}), s.Addr().Port())
		asked[to.String()]++
		if _, err := c.WriteToUDPAddrPort([]byte("x"), to); err != nil {
			t.Fatal(err)
		}
	}
	n := receive(t, s, b)
	for _, d := range b.Datagrams[:n] {
		d.Answer = []byte("answer")
	}
	s.Answer(b, n)
	answered, buf := map[string]int{}, make([]byte, 100)
	for range n {
		_, from, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			t.Fatal(err)
		}
		answered[from.String()]++
	}
	if got, want := fmt.Sprint(answered), fmt.Sprint(asked); got != want || n != 9 {
		t.Errorf("%d answers came from %s, want %s", n, got, want)
	}
}
