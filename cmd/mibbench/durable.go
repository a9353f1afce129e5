package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mibgate/agent/snmp/message"
)

// durable compares a SET of our agent with what its durability alone costs.
type durable struct {
	size    int           // octets of the configuration on disk
	replace time.Duration // median, to replace a file of that size and sync file and folder
	set     time.Duration // median, from request to answer, one SET at a time
	cpu     float64       // microseconds
}

// measureDurable lets SETs and replacements alternate on the same disk.
func (b *bench) measureDurable(a *agent, sec security) error {
	config := filepath.Join(a.dir, "data", "config")
	text, err := os.ReadFile(config) //nolint:gosec // of the agent that was started
	if err != nil {
		return err
	}
	op := operations[len(operations)-1]
	if op.typ != message.Set {
		return errors.New("the last operation is not SET")
	}
	t := newTurns(b, a, sec, op, true)
	defer t.g.close()
	var replaced []time.Duration
	for range b.passes {
		t.take(b)
		for began := time.Now(); time.Since(began) < b.turn/4; {
			took, err := replaceFile(filepath.Join(a.dir, "data"), text)
			if err != nil {
				return err
			}
			replaced = append(replaced, took)
		}
	}
	if t.figure.err != nil {
		return t.figure.err
	}
	slices.Sort(replaced)
	m := t.figure.middle()
	b.durable = durable{size: len(text), replace: replaced[len(replaced)/2], set: m.percentile(50), cpu: m.micros()}
	return nil
}

// replaceFile does what a durable commit cannot do without.
func replaceFile(dir string, text []byte) (time.Duration, error) {
	began := time.Now()
	path := filepath.Join(dir, "mibbench")
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // our own file
	if err != nil {
		return 0, err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close(), os.Rename(path+".new", path)); err != nil {
		return 0, err
	}
	d, err := os.Open(dir) //nolint:gosec // of the agent
	if err != nil {
		return 0, err
	}
	err = errors.Join(d.Sync(), d.Close())
	return time.Since(began), err
}
