package snmp

import (
	"sync"

	"mibgate/element/access"
)

// How many SETs may be under way at once; each waits for its turn at the store.
// One more is answered with resourceUnavailable. Nobody has all of them: a sender
// has so many, and the last ones are for admins, who put right what others do.
const (
	maxSets      = 64
	setsOfOne    = 24
	setsOfAdmins = 16
)

// places are for SETs that are under way.
type places struct {
	mu   sync.Mutex
	all  int
	each map[access.Principal]int
}

func newPlaces() *places { return &places{each: map[access.Principal]int{}} }

// take reports whether there is a place for one more SET of who.
func (p *places) take(who access.Principal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	most := maxSets
	if who.Role < access.Admin {
		most -= setsOfAdmins
	}
	if p.all >= most || p.each[who] >= setsOfOne {
		return false
	}
	p.all++
	p.each[who]++
	return true
}

// leave gives a place back.
func (p *places) leave(who access.Principal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all--
	if p.each[who]--; p.each[who] == 0 {
		delete(p.each, who)
	}
}
