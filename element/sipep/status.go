package sipep

import (
	"net/netip"
	"sort"
	"time"

	"mibgate/mib"
	"mibgate/mib/sipep"
)

var _ sipep.Status = status{}

type status struct{ s *Service }

func (st status) NeedRestartInfo() sipep.NeedRestartInfo {
	if st.s.needRestart() {
		return sipep.NeedRestartInfoYes
	}
	return sipep.NeedRestartInfoNo
}

// SipMessagesReceived counts what could not be parsed, too.
func (st status) SipMessagesReceived() uint32 {
	n := st.s.board.stats()
	return uint32(n.Received + n.Malformed + n.Oversize) //nolint:gosec // a Counter32 wraps
}

func (st status) SipMessagesMalformed() uint32 {
	n := st.s.board.stats()
	return uint32(n.Malformed + n.Oversize) //nolint:gosec // a Counter32 wraps
}

// Operating tells whether a gateway is ready, and since when it is so; zero when
// that has not changed yet.
func (st status) Operating() (ready bool, since time.Time) {
	b := st.s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready, b.readyAt
}

func (st status) SeekGatewayStatus(key mib.Key, inclusive bool) sipep.GatewayStatusRow {
	return st.s.board.seekGateway(key, inclusive)
}

func (b *board) seekGateway(key mib.Key, inclusive bool) sipep.GatewayStatusRow {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, g := range b.gateways {
		row := sipep.NewGatewayStatusRow(g.name, g.iface, uint32(g.port), uint32(g.securePort), g.domain, g.state)
		if c := sipep.CompareGatewayStatus(row, key); c > 0 || inclusive && c == 0 {
			return row
		}
	}
	return nil
}

func (st status) SeekTlsPersistentConnectionStatus(key mib.Key, inclusive bool) sipep.TlsPersistentConnectionStatusRow {
	b := st.s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	i := seekIndex(len(b.links), func(i int) uint32 { return b.links[i].index }, key, inclusive)
	if i < 0 {
		return nil
	}
	l := &b.links[i]
	return sipep.NewTlsPersistentConnectionStatusRow(
		l.index, l.gateway, uint32(l.localPort), l.host, addrText(l.remote), l.state, l.reason, mib.Clip(l.detail, 255),
		l.version, l.suite, b.dateTime(l.expiry), b.upCounts[l.resource], b.dateTime(l.changedAt),
	)
}

func (st status) SeekRegistrationStatus(key mib.Key, inclusive bool) sipep.RegistrationStatusRow {
	b := st.s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	i := seekIndex(len(b.regs), func(i int) uint32 { return b.regs[i].index }, key, inclusive)
	if i < 0 {
		return nil
	}
	r := &b.regs[i]
	return sipep.NewRegistrationStatusRow(r.index, r.gateway, "", r.state, r.registrar, r.user)
}

// seekIndex finds the first of n rows, in the order of their numbers, that is at
// (inclusive) or after key; -1 at the end.
func seekIndex(n int, number func(int) uint32, key mib.Key, inclusive bool) int {
	i := 0
	switch {
	case len(key) == 0 && !inclusive:
		return -1
	case len(key) > 0:
		at := key[0].Uint64()
		i = sort.Search(n, func(i int) bool {
			v := uint64(number(i))
			return v > at || inclusive && v == at
		})
	}
	if i >= n {
		return -1
	}
	return i
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// dateTime is a DateTimeText in the time zone of the unit; "" for the zero time.
func (b *board) dateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return b.clock.Local(t).Format(time.RFC3339)
}
