package siplink

import (
	"fmt"
	"net"
	"testing"

	"mibgate/testdata/testwait"
)

func TestPorts(t *testing.T) {
	tests := []struct {
		name                 string
		base, interval, last uint16
		after                uint16
		take                 int
		want                 string
	}{
		{"upward from the base", 16000, 0, 0, 0, 3, "[16000 16001 16002]"},
		{"last does not matter without a cycle", 16000, 0, 16007, 0, 2, "[16000 16001]"},
		{"cycle goes on after the last", 16000, 100, 16098, 0, 4, "[16099 16100 16000 16001]"},
		{"last outside the range", 16000, 100, 9, 0, 2, "[16000 16001]"},
		{"after one that is taken", 16000, 0, 0, 16004, 2, "[16005 16006]"},
		{"end of all ports", 65534, 0, 0, 0, 3, "[65534 65535 0]"},
		{"cycle used up", 16000, 1, 0, 0, 3, "[16000 16001 0]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := NewPorts(tt.base, tt.interval, tt.last)
			var got []uint16
			for range tt.take {
				port, _ := p.reserve(tt.after)
				got = append(got, port)
			}
			if fmt.Sprint(got) != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

func TestTakenPortIsPassedOver(t *testing.T) {
	s := newServer(t, nil)
	ports := newPorts()
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", ports.base))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	f := newLink(t, s, func(c *Config) { c.Ports = ports })
	if e := f.state(Up); e.LocalPort != ports.base+1 {
		t.Errorf("port %d, base %d", e.LocalPort, ports.base)
	}
}

func TestEveryLinkHasItsPort(t *testing.T) {
	s := newServer(t, nil)
	ports := newPorts()
	for i := range uint16(5) {
		f := newLink(t, s, func(c *Config) { c.Ports = ports })
		if e := f.state(Up); e.LocalPort != ports.base+i {
			t.Errorf("link %d has port %d", i, e.LocalPort)
		}
	}
}

func TestCycledPorts(t *testing.T) {
	s := newServer(t, nil)
	base := newPorts().base
	ports := NewPorts(base, 100, base+99)
	f := newLink(t, s, func(c *Config) { c.Ports = ports })
	for _, want := range []uint16{base + 100, base, base + 1, base + 2} {
		e := f.state(Up)
		if e.LocalPort != want || ports.Last() != want {
			t.Errorf("port %d, last %d, want %d", e.LocalPort, ports.Last(), want)
		}
		s.conn().NetConn().Close()
		f.state(Down)
	}
	f.Close()
	testwait.Until(t, patience, "ports free", func() bool { return len(ports.used) == 0 })
}
