package snmp

import (
	"testing"

	"mibgate/element/access"
)

// TestPlacesOfSets: a sender has so many, and others leave some to admins.
func TestPlacesOfSets(t *testing.T) {
	p := newPlaces()
	who := func(name string, role access.Role) access.Principal {
		return access.Principal{Name: name, Role: role}
	}
	take := func(w access.Principal) (n int) {
		for p.take(w) {
			n++
		}
		return n
	}
	olga, carol, dave, erin := who("olga", access.Observer), who("carol", access.User), who("dave", access.User), who("erin", access.User)
	for _, w := range []access.Principal{olga, carol, dave} {
		if n := take(w); n != setsOfOne {
			t.Errorf("%s has %d places", w.Name, n)
		}
	}
	if n := take(erin); n != 0 {
		t.Errorf("%d places of admins are taken", n)
	}
	if n := take(who("admin", access.Admin)); n != setsOfAdmins {
		t.Errorf("an admin has %d places", n)
	}
	p.leave(carol)
	if n := take(erin); n != 0 { // it is an admin's now
		t.Errorf("%d more", n)
	}
	for range setsOfOne {
		p.leave(olga)
		p.leave(dave)
	}
	if n := take(erin); n != setsOfOne {
		t.Errorf("%d places when others have left", n)
	}
	if len(p.each) != 3 {
		t.Errorf("%d senders are known: %v", len(p.each), p.each)
	}
}
