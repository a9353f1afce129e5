package snmp

import (
	"runtime"
	"sync/atomic"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/udp"
)

// batchSize is how many datagrams a reader takes at once.
const batchSize = 32

// longAnswer is how many variable bindings take so long to find that requests
// should not wait for them.
const longAnswer = 256

// stallTime is how long requests wait at most for an object that does not
// answer, twice over.
const stallTime = 50 * time.Millisecond

// lane is one socket and its readers. One of them waits for datagrams; it
// answers them itself, for waking another costs more than an answer. The turn
// to wait passes to the next reader when there is more to do than one batch,
// before an answer that takes long, and when an object stalls.
//
//	reader A  receive ── answer ── receive ── answer a long one ── …
//	reader B                                  └ turn ─ receive ── answer ── …
type lane struct {
	sock *udp.Socket
	turn chan struct{} // holds the turn while no reader does
	// busy is the number of the batch that the reader whose turn it is
	// answers, 0 while it waits. Who sets it back to 0 has the turn.
	busy    atomic.Uint64
	batches uint64 // belongs to the reader whose turn it is
}

func newLane(sock *udp.Socket) *lane {
	l := &lane{sock: sock, turn: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// pass takes the turn from the reader that answers batch, and lets another one
// have it. It reports false when that has happened already.
func (l *lane) pass(batch uint64) bool {
	if batch == 0 || !l.busy.CompareAndSwap(batch, 0) {
		return false
	}
	l.turn <- struct{}{}
	return true
}

// reader is a goroutine that reads a lane.
type reader struct {
	run       *run
	lane      *lane
	exchanges []*exchange
	batch     *udp.Batch
	current   uint64 // the batch being answered
	n         int    // of how many datagrams
}

// serve is the life of a reader.
func (r *run) serve(l *lane) {
	var rd *reader
	for {
		select {
		case <-r.ending:
			return
		case <-l.turn:
		}
		if rd == nil { // most readers are never needed
			rd = r.newReader(l)
		}
		if !rd.read() {
			return
		}
	}
}

func (r *run) newReader(l *lane) *reader {
	rd := &reader{run: r, lane: l, exchanges: make([]*exchange, batchSize)}
	scratch := r.s.responder.NewScratch()
	datagrams := make([]*udp.Datagram, batchSize)
	for i := range rd.exchanges {
		rd.exchanges[i] = newExchange(scratch)
		datagrams[i] = &rd.exchanges[i].Datagram
	}
	rd.batch = udp.NewBatch(datagrams)
	return rd
}

// read receives and answers until the turn is another's; false: the run ends.
func (rd *reader) read() bool {
	r, l := rd.run, rd.lane
	for {
		n, err := l.sock.Receive(rd.batch)
		if err != nil {
			if r.over(err) {
				return false
			}
			continue
		}
		if r.isEnding() {
			return false
		}
		l.batches++
		rd.current, rd.n = l.batches, n
		l.busy.Store(rd.current)
		if n == batchSize && runtime.GOMAXPROCS(0) > 1 {
			rd.release()
		}
		rd.answer()
		if !l.busy.CompareAndSwap(rd.current, 0) {
			return true
		}
	}
}

// answer answers the batch.
func (rd *reader) answer() {
	for i, x := range rd.exchanges[:rd.n] {
		if rd.run.handle(rd, x) {
			rd.handOver(i, x)
		}
	}
	rd.flush()
}

// flush sends the answers that are ready.
func (rd *reader) flush() {
	rd.lane.sock.Answer(rd.batch, rd.n)
	for _, x := range rd.exchanges[:rd.n] {
		x.Answer = nil
	}
}

// release lets another reader receive.
func (rd *reader) release() { rd.lane.pass(rd.current) }

// handOver lets a SET go on by itself with its exchange, and takes another in
// its place.
func (rd *reader) handOver(i int, x *exchange) {
	r, sock := rd.run, rd.lane.sock
	y := newExchange(x.scratch)
	rd.exchanges[i], rd.batch.Datagrams[i] = y, &y.Datagram
	r.wg.Go(func() { r.set(sock, x) })
}

// isLong reports whether a request may take long to answer.
func isLong(p *message.PDU) bool {
	if p.Type != message.GetBulk {
		return len(p.Varbinds) > longAnswer
	}
	return len(p.Varbinds)*min(p.MaxRepetitions(), longAnswer+1) > longAnswer
}

// watch passes the turn on when a reader stalls.
func (r *run) watch() {
	tick := time.NewTicker(stallTime)
	defer tick.Stop()
	seen := make([]uint64, len(r.lanes))
	for {
		select {
		case <-r.ending:
			return
		case <-tick.C:
		}
		for i, l := range r.lanes {
			busy := l.busy.Load()
			if busy != 0 && busy == seen[i] {
				l.pass(busy)
			}
			seen[i] = busy
		}
	}
}
