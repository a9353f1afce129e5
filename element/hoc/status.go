package hoc

import (
	"errors"
	"fmt"
	"math"
	"time"

	"mibgate/element/clock"
	"mibgate/mib"
	"mibgate/mib/hoc"
)

var _ hoc.Status = status{}

type status struct{ s *Service }

func (st status) NeedRestartInfo() hoc.NeedRestartInfo { return hoc.NeedRestartInfoNo }

func (st status) SystemTime() string { return st.s.Local(st.s.Now()).Format(time.RFC3339) }

func (st status) SystemUptime() string { return uptime(time.Since(st.s.started)) }

func uptime(d time.Duration) string {
	sec := int64(d / time.Second)
	return fmt.Sprintf("%d days, %d hours, %d minutes, %d seconds", sec/86400, sec/3600%24, sec/60%60, sec%60)
}

func (st status) SntpCurrentSource() string { return st.s.client.Status().Source }

func (st status) SntpLastError() string {
	err := st.s.client.Status().LastError
	if err == nil || errors.Is(err, clock.ErrNoServer) {
		return ""
	}
	return mib.Clip(oneLine(err), 255)
}

func (st status) ClockState() hoc.ClockState { return clockState(st.s.clock.State()) }

func clockState(s clock.State) hoc.ClockState {
	switch s {
	case clock.Synchronized:
		return hoc.ClockStateSynchronized
	case clock.LastKnown:
		return hoc.ClockStateLastKnown
	}
	return hoc.ClockStateNotSynchronized
}

func (st status) ClockOffset() int32 {
	ms := st.s.client.Status().HostOffset.Milliseconds()
	return int32(max(math.MinInt32, min(math.MaxInt32, ms)))
}

// SeekSntpServersInfo counts the servers that are asked; with ClockSource host
// there are none.
func (st status) SeekSntpServersInfo(key mib.Key, inclusive bool) hoc.SntpServersInfoRow {
	cfg := hoc.Of(st.s.store.Current())
	if mode(cfg) == clock.ModeHost {
		return nil
	}
	servers := sntpServers(cfg)
	if i := place(key, inclusive); i < len(servers) {
		return hoc.NewSntpServersInfoRow(uint32(i+1), servers[i])
	}
	return nil
}

func (st status) SeekDnsServersInfo(key mib.Key, inclusive bool) hoc.DnsServersInfoRow {
	servers := st.s.DNSServers()
	if i := place(key, inclusive); i < len(servers) {
		return hoc.NewDnsServersInfoRow(uint32(i+1), servers[i].String())
	}
	return nil
}

// place is the index, from 0, of the first row at or after key in a table whose
// rows are numbered from 1.
func place(key mib.Key, inclusive bool) int {
	if len(key) == 0 {
		if inclusive {
			return 0
		}
		return math.MaxInt
	}
	n := int(key[0].Num)
	if inclusive {
		n--
	}
	return max(0, n)
}
