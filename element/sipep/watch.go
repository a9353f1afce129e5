package sipep

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/event"
	"mibgate/element/siplink"
)

// requestOf is the request by which a method asks.
func requestOf(m siplink.Method) sip.RequestMethod {
	if m == siplink.Ping {
		return "PING"
	}
	return sip.OPTIONS
}

// watch asks a server that is reached over UDP or TCP for signs of life. Links
// watch theirs themselves.
type watch struct {
	core  *core
	host  string
	probe siplink.Probe
	dead  atomic.Bool
}

// watchServers begins to watch the servers of a gateway, when the keep-alive
// method is a request.
func (c *core) watchServers() {
	if c.run.plan.tls || !c.run.plan.asks {
		return
	}
	for _, s := range c.g.plan.servers {
		w := &watch{core: c, host: s.host, probe: c.probe(s.host)}
		c.watches = append(c.watches, w)
		c.wg.Go(func() { w.run(c.ctx) })
	}
}

func (w *watch) run(ctx context.Context) {
	k := w.core.run.plan.keepAlive
	timer := time.NewTimer(0)
	defer timer.Stop()
	missed := 0
	for turn := uint32(0); ; turn++ {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(k.Interval)
		err := w.ask(ctx, k.Interval, turn)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			missed = 0
			turn-- // the same server again
			w.set(false)
		default:
			if missed++; missed > k.Retry {
				w.set(true)
			}
		}
	}
}

func (w *watch) ask(ctx context.Context, limit time.Duration, turn uint32) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	flow, err := w.core.flow(ctx, w.host, turn)
	if err != nil {
		return err
	}
	method := w.core.run.plan.keepAlive.Method
	return w.probe(ctx, flow, requestOf(method))
}

func (w *watch) set(dead bool) {
	if w.dead.Swap(dead) == dead {
		return
	}
	e := event.Event{
		ID: MsgServerState, Severity: event.Info,
		Text: fmt.Sprintf("gateway %s: server %s answers again", w.core.g.plan.name, w.host),
	}
	if dead {
		e.Severity, e.Text = event.Warning, fmt.Sprintf("gateway %s: server %s does not answer", w.core.g.plan.name, w.host)
	}
	w.core.run.emit(e)
	w.core.run.wake()
}
