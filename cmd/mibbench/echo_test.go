package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestEcho: every way sends back what came; the servers last as long as the
// test's process.
func TestEcho(t *testing.T) {
	packets, err := echoPackets(2)
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range echoWays {
		t.Run(way, func(t *testing.T) {
			port, err := freePort()
			if err != nil {
				t.Fatal(err)
			}
			failed := make(chan error, 1)
			go func() { failed <- serveEcho(way, fmt.Sprintf("127.0.0.1:%d", port)) }()
			g, err := newGenerator(port, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer g.close()
			for began := time.Now(); time.Since(began) < startTime; {
				answer, err := g.ask(packets[0])
				if err == nil {
					if !bytes.Equal(answer, packets[0]) {
						t.Errorf("%x came back as %x", packets[0], answer)
					}
					return
				}
				select {
				case err := <-failed:
					t.Fatal(err)
				case <-time.After(10 * time.Millisecond):
				}
			}
			t.Fatal("it does not answer")
		})
	}
	if err := serveEcho(echoNet, "nowhere"); err == nil {
		t.Error("an address that is none was taken")
	}
}

// TestEchoReport: the ratio is that of the medians, at the same number under
// way.
func TestEchoReport(t *testing.T) {
	cost := func(way string, outstanding int, micros ...int) echo {
		e := echo{way: way, outstanding: outstanding}
		for _, m := range micros {
			e.passes = append(e.passes, sample{answered: 1000, cpu: time.Duration(m) * time.Millisecond, wall: time.Second})
		}
		return e
	}
	b := &bench{echoes: []echo{cost(echoNet, 16, 9, 12, 10), cost(echoBatch, 16, 6, 5, 4)}}
	var s strings.Builder
	b.echoReport(&s)
	for _, want := range []string{"| 16 | package net | 10.00 | 9.00–12.00 | 1000 | **1.0** |", "| 16 | as we do | 5.00 | 4.00–6.00 | 1000 | **2.0** |"} {
		if !strings.Contains(s.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, s.String())
		}
	}
}
