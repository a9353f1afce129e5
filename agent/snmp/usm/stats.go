package usm

import "sync/atomic"

// Stats are the counters usmStats of SNMP-USER-BASED-SM-MIB.
type Stats struct {
	counters [len(failures)]atomic.Uint32
}

// Count is the value of f's counter.
func (s *Stats) Count(f *Failure) uint32 { return s.counters[f.object].Load() }

func (s *Stats) add(f *Failure) { s.counters[f.object].Add(1) }
