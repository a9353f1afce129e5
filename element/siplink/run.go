package siplink

import (
	"context"
	"time"

	"mibgate/element/siptls"
	"mibgate/element/siptransport"
)

// run is the goroutine of the link.
func (l *Link) run() {
	defer close(l.done)
	defer l.releasePort()
	// Resolving and dialing end when either kind of stop is asked for.
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	go func() {
		select {
		case <-l.stop:
		case <-ctx.Done():
		}
		cancel()
	}()
	for !l.stopping() {
		l.attempt(ctx)
		timer := time.NewTimer(l.cfg.FailbackInterval)
		select {
		case <-timer.C:
		case <-l.kick:
		case <-l.stop:
		}
		timer.Stop()
	}
}

// attempt tries the targets in order and, when one is reached, returns when that connection is over.
func (l *Link) attempt(ctx context.Context) {
	loc, err := l.cfg.Locate(ctx)
	if err == nil && len(loc.Targets) == 0 {
		err = ErrNoTarget
	}
	for _, target := range loc.Targets {
		status := l.update(func(s *Status) { s.RemoteAddr = target })
		l.emit(Event{Kind: Attempt, Status: status})
		var d *dialed
		if d, err = l.dial(ctx, target, loc.Reference); err == nil {
			l.serve(d)
			return
		}
		if ctx.Err() != nil {
			return
		}
	}
	if ctx.Err() == nil {
		l.fail(err)
	}
}

// fail tells of an attempt that did not bring the link up.
func (l *Link) fail(err error) {
	reason, detail := siptls.Classify(err)
	l.emit(Event{Kind: HandshakeFailed, Status: l.Status(), Reason: reason, Detail: detail, Repeated: reason == l.failure})
	l.failure = reason
	l.set(Down, nil, detail)
}

// serve carries one connection through WaitingUp, Up and WaitingShutdown.
func (l *Link) serve(d *dialed) {
	heard := make(chan struct{}, 1)
	beat := newPulse(l.cfg.KeepAlive, l.cfg.Probe)
	conn := siptransport.NewConn(d.Conn, siptransport.TLS, siptransport.ConnConfig{
		Limits: l.cfg.Limits, Counters: l.cfg.Counters, Receiver: l.cfg.Receiver,
		OnRead: func() {
			if l.cfg.KeepAlive.Method == CRLF {
				beat.alive()
			}
			select {
			case heard <- struct{}{}:
			default:
			}
		},
		OnPong: func() { beat.answered.Store(true) },
	})
	l.established(d)
	l.set(WaitingUp, nil, "")
	conn.Start()
	defer conn.Wait()
	if !l.accepted(d, conn, heard) {
		conn.Close()
		if l.stopping() {
			l.set(Down, nil, "")
			return
		}
		l.fail(conn.Err())
		return
	}
	l.failure = 0
	l.set(Up, conn, "")
	err := l.watch(conn, beat)
	if err == nil {
		l.drain(conn)
	}
	conn.Close()
	l.set(Down, nil, downDetail(err))
}

func (l *Link) established(d *dialed) {
	cs := d.ConnectionState()
	e := Event{Kind: Established, Status: l.Status(), Version: cs.Version, CipherSuite: cs.CipherSuite}
	if len(cs.PeerCertificates) > 0 {
		e.Peer, e.PeerNotAfter = cs.PeerCertificates[0].Subject.String(), cs.PeerCertificates[0].NotAfter
	}
	l.emit(e)
}

// tls13 is where the handshake ends before the server has judged our certificate.
const tls13 = 0x0304

// accepted waits until the peer has shown that it takes us.
func (l *Link) accepted(d *dialed, conn *siptransport.Conn, heard <-chan struct{}) bool {
	if d.ConnectionState().Version < tls13 {
		return true // the server's Finished came after it had judged our certificate
	}
	timer := time.NewTimer(l.cfg.AcceptanceTime)
	defer timer.Stop()
	select {
	case <-d.ticket:
	case <-heard:
	case <-timer.C:
	case <-conn.Done():
		return false
	case <-l.stop:
		return false
	}
	return conn.Err() == nil
}

// watch returns when the connection has ended, with the reason, or nil when a stop was asked for.
func (l *Link) watch(conn *siptransport.Conn, beat *pulse) error {
	defer beat.running.Wait()
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	beat.alive()
	timer := time.NewTimer(beat.wait())
	defer timer.Stop()
	for {
		select {
		case <-conn.Done():
			return conn.Err()
		case <-l.stop:
			return nil
		case err := <-beat.failed:
			return err
		case <-beat.probed:
			beat.probing = false
		case <-timer.C:
			if err := beat.tick(ctx, conn); err != nil {
				return err
			}
		case <-l.kick: // nothing to retry
		}
		timer.Reset(beat.wait())
	}
}

// drain is the graceful end.
func (l *Link) drain(conn *siptransport.Conn) {
	l.mu.Lock()
	ctx := l.shutdown
	l.mu.Unlock()
	if ctx == nil || l.ctx.Err() != nil {
		return // Close, not Shutdown
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)() // Close during Shutdown
	l.set(WaitingShutdown, conn, "")
	if l.cfg.Drain != nil {
		l.cfg.Drain(ctx, conn)
	}
	const farewell = 300 * time.Millisecond
	bye, cancelBye := context.WithTimeout(ctx, farewell)
	defer cancelBye()
	conn.Shutdown(bye)
}

func downDetail(err error) string {
	if err == nil {
		return ""
	}
	_, detail := siptls.Classify(err)
	if detail == "EOF" || detail == "unexpected EOF" {
		return "closed by the peer"
	}
	return detail
}
