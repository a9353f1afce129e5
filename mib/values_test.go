package mib_test

import (
	"testing"
	"time"

	"mibgate/mib"
)

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{
		{"short", 5, "short"}, {"longer", 5, "longe"}, {"", 0, ""}, {"x", 0, ""},
		{"grüße", 3, "gr"}, {"grüße", 4, "grü"}, {"€€", 5, "€"}, {"€", 2, ""}, {"\xff\xfe\xfd", 2, "\xff\xfe"},
	} {
		if got := mib.Clip(tt.s, tt.n); got != tt.want {
			t.Errorf("%q in %d octets is %q, want %q", tt.s, tt.n, got, tt.want)
		}
	}
}

// TestDateAndTime has the example of RFC 2579 and both sides of Greenwich.
func TestDateAndTime(t *testing.T) {
	at := time.Date(1992, 5, 26, 13, 30, 15, 250_000_000, time.FixedZone("EDT", -4*3600))
	if got, want := mib.DateAndTime(at), "\x07\xc8\x05\x1a\x0d\x1e\x0f\x02-\x04\x00"; got != want {
		t.Errorf("%x, want %x", got, want)
	}
	at = at.In(time.FixedZone("IST", 5*3600+1800))
	if got, want := mib.DateAndTime(at), "\x07\xc8\x05\x1a\x17\x00\x0f\x02+\x05\x1e"; got != want {
		t.Errorf("%x, want %x", got, want)
	}
}
