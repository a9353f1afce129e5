package snmp

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// walkOnce walks the whole tree over the network by GETBULK.
func (u *unit) walkOnce(c *client, p *peer) (count int) {
	at := mib.OID{0, 0}
	for {
		m := p.decode(p.ask(c.community(message.V2c, message.GetBulk, 0, 20, at)))
		if m.PDU.ErrorStatus() != message.NoError || len(m.PDU.Varbinds) == 0 {
			u.t.Errorf("after %s: %v", at, m.PDU.ErrorStatus())
			return count
		}
		for _, vb := range m.PDU.Varbinds {
			if vb.Value.Tag.IsException() {
				return count
			}
			if vb.Name.Compare(at) <= 0 {
				u.t.Errorf("%s comes after %s", vb.Name, at)
				return count
			}
			at = slices.Clone(vb.Name)
			count++
		}
	}
}

// While rows come and go and values change, every walk is in order and
// without an error, and every SET is carried out.
func TestWalkInAStorm(t *testing.T) {
	u := newUnit(t, openSettings...)
	var stop atomic.Bool
	var wg sync.WaitGroup
	for writer := range 3 {
		c, p := &client{t: t, id: int32(writer) << 20}, u.dial()
		wg.Go(func() {
			row := mib.MustOID(u.oid("SipEp.Authentication.RowStatus", mib.Uint(uint32(10+writer))))
			name := mib.MustOID(u.oid("Hoc.SystemName"))
			for i := 0; !stop.Load(); i++ {
				packets := [][]byte{c.set(message.V2c, row, mib.Int(4)), c.set(message.V2c, name, mib.String(fmt.Sprint(i))), c.set(message.V2c, row, mib.Int(6))}
				for _, packet := range packets {
					if m := p.decode(p.ask(packet)); m.PDU.ErrorStatus() != message.NoError {
						t.Errorf("SET: %v", m.PDU.ErrorStatus())
						return
					}
				}
			}
		})
	}
	c, p := &client{t: t, id: 1 << 30}, u.dial()
	walks := 0
	for end := time.Now().Add(time.Second); time.Now().Before(end); walks++ {
		if n := u.walkOnce(c, p); n < 100 {
			t.Errorf("a walk has %d instances", n)
		}
	}
	stop.Store(true)
	wg.Wait()
	t.Logf("%d walks", walks)
}

// Restarts under load lose packets at most; nothing panics and nothing hangs.
func TestRestartsUnderLoad(t *testing.T) {
	u := newUnit(t, openSettings...)
	u.svc.o.Listen = u.svc.Addrs()
	var stop atomic.Bool
	var wg sync.WaitGroup
	for i := range 3 {
		c, p := &client{t: t, id: int32(i) << 20}, u.dial()
		name := mib.MustOID(u.oid("Hoc.SystemName"))
		wg.Go(func() {
			for !stop.Load() {
				_, _ = p.conn.Write(c.community(message.V2c, message.GetBulk, 0, 10, name))
				_, _ = p.conn.Write(c.set(message.V2c, name, mib.String("x")))
				p.receive(10 * time.Millisecond)
			}
		})
	}
	for range 10 {
		run, err := u.el.Services.PrepareRestart("Snmp")
		if err != nil {
			t.Fatal(err)
		}
		before := u.currentRun()
		run()
		until(t, "restarted", func() bool { r := u.currentRun(); return r != nil && r != before })
	}
	stop.Store(true)
	wg.Wait()
	if out := u.dial().ask((&client{t: t}).community(message.V2c, message.Get, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0"))); out == nil {
		t.Error("no answer any more")
	}
}

func (u *unit) currentRun() *run {
	u.svc.mu.Lock()
	defer u.svc.mu.Unlock()
	return u.svc.run
}

// A v3 manager seals a retransmission anew, with another message number; the
// SET is carried out once all the same.
func TestRetransmittedSetInV3(t *testing.T) {
	u := newUnit(t)
	c, p := &client{t: t}, u.dial()
	row := mib.MustOID(u.oid("SipEp.Authentication.RowStatus", mib.Uint(9)))
	create := func(msgID int32) []byte {
		e := c.envelope(u, message.Set)
		e.RequestID, e.MsgID = 77, msgID
		c.b.Begin(e, maxMessage)
		if err := c.b.Append(row, mib.Int(4)); err != nil {
			t.Fatal(err)
		}
		out, err := c.b.Finish(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Clone(out)
	}
	var replies []int32
	for id := range int32(3) {
		m := p.decode(p.ask(create(1000 + id)))
		replies = append(replies, m.Header.MsgID)
		var plain message.Message
		if err := u.open(m, &plain); err != nil || plain.PDU.ErrorStatus() != message.NoError {
			t.Errorf("retransmission %d: %v %v", id, err, plain.PDU.ErrorStatus())
		}
	}
	if !slices.Equal(replies, []int32{1000, 1001, 1002}) {
		t.Errorf("the answers are numbered %v", replies)
	}
}
