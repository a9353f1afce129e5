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
	const others = maxSets - setsOfAdmins
	olga, carol, dave, admin := who("olga", access.Observer), who("carol", access.User), who("dave", access.User), who("admin", access.Admin)
	for w, want := range map[access.Principal]int{olga: setsOfOne, carol: setsOfOne} {
		if n := take(w); n != want {
			t.Errorf("%s has %d places", w.Name, n)
		}
	}
	if n := take(dave); n != others-2*setsOfOne {
		t.Errorf("%d places are left to others", n)
	}
	if n := take(admin); n != setsOfAdmins {
		t.Errorf("an admin has %d places", n)
	}
	p.leave(carol)
	if n := take(dave); n != 0 {
		t.Errorf("%d of the admins' places are taken", n)
	}
	if n := take(admin); n != 1 {
		t.Errorf("the admin has %d more", n)
	}
	for range setsOfOne {
		p.leave(olga)
	}
	if n := take(dave); n == 0 || n > setsOfOne {
		t.Errorf("%d places when others have left", n)
	}
	if len(p.each) != 3 {
		t.Errorf("%d senders are known: %v", len(p.each), p.each)
	}
}
