package posixtz

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for a machine without
)

func TestConversion(t *testing.T) {
	const us = "EST5EDT4,M3.2.0/02:00:00,M11.1.0/02:00:00" // the default of Hoc.StaticTimeZone
	tests := []struct {
		name, tz, utc, want string
	}{
		{"empty", "", "2026-07-01 12:00:00", "2026-07-01 12:00:00 UTC +0000"},
		{"winter", us, "2026-01-01 12:00:00", "2026-01-01 07:00:00 EST -0500"},
		{"summer", us, "2026-07-01 12:00:00", "2026-07-01 08:00:00 EDT -0400"},
		{"last second of winter", us, "2026-03-08 06:59:59", "2026-03-08 01:59:59 EST -0500"},
		{"first second of summer", us, "2026-03-08 07:00:00", "2026-03-08 03:00:00 EDT -0400"},
		{"last second of summer", us, "2026-11-01 05:59:59", "2026-11-01 01:59:59 EDT -0400"},
		{"hour that comes twice", us, "2026-11-01 06:00:00", "2026-11-01 01:00:00 EST -0500"},
		{"default dst offset and rules", "EST5EDT", "2026-07-01 12:00:00", "2026-07-01 08:00:00 EDT -0400"},
		{"no summer", "JST-9", "2026-07-01 12:00:00", "2026-07-01 21:00:00 JST +0900"},
		{"quoted", "<+0545>-5:45", "2026-07-01 12:00:00", "2026-07-01 17:45:00 +0545 +0545"},
		{"southern", "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01 12:00:00", "2026-01-01 23:00:00 AEDT +1100"},
		{"half hour of summer", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-01 12:00:00", "2026-01-01 23:00:00 +11 +1100"},
		{"negative rule time", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29 01:00:00", "2026-03-29 00:00:00 -01 -0100"},
		{"rule time over a day", "IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27 00:00:00", "2026-03-27 03:00:00 IDT +0300"},
		{"J60 is the first of March", "STD0DST,J60/0,J300", "2028-03-01 00:00:00", "2028-03-01 01:00:00 DST +0100"},
		{"J60 is never the leap day", "STD0DST,J60/0,J300", "2028-02-29 23:59:59", "2028-02-29 23:59:59 STD +0000"},
		{"59 is the leap day", "STD0DST,59/0,299", "2028-02-29 00:00:00", "2028-02-29 01:00:00 DST +0100"},
		{"seconds", "LMT-0:09:21", "2026-07-01 12:00:00", "2026-07-01 12:09:21 LMT +0009"},
		{"dateline", "<+14>-14", "2026-07-01 12:00:00", "2026-07-02 02:00:00 +14 +1400"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			loc, err := Parse(tt.tz)
			if err != nil {
				t.Fatal(err)
			}
			utc, err := time.Parse(time.DateTime, tt.utc)
			if err != nil {
				t.Fatal(err)
			}
			if got := utc.In(loc).Format("2006-01-02 15:04:05 MST -0700"); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestSyntaxErrors(t *testing.T) {
	tests := []struct {
		tz  string
		pos int
		why string
	}{
		{"Europe/Paris", 6, "hours"},
		{":EST5", 0, "name"},
		{"ES5", 2, "name"},
		{"EST", 3, "hours"},
		{"EST25", 3, "hours"},
		{"EST24:01", 3, "out of range"},
		{"EST+", 4, "hours"},
		{"EST5:60", 5, "minutes"},
		{"EST5:00:", 8, "seconds"},
		{"EST5 EDT", 4, "name"},
		{"EST5ED", 6, "name"},
		{"<EST5", 5, "'>'"},
		{"<E>5", 2, "name"},
		{"<+0\x001>5", 3, "name"},
		{"EST5,M3.2.0,M11.1.0", 4, "name"},
		{"EST5EDT,M3.2.0", 14, "','"},
		{"EST5EDT,M13.2.0,M11.1.0", 9, "month"},
		{"EST5EDT,M3.6.0,M11.1.0", 11, "week"},
		{"EST5EDT,M3.2.7,M11.1.0", 13, "weekday"},
		{"EST5EDT,M3.2,M11.1.0", 12, "'.'"},
		{"EST5EDT,J0,J365", 9, "day"},
		{"EST5EDT,J366,J1", 9, "day"},
		{"EST5EDT,366,1", 8, "Mm.w.d"},
		{"EST5EDT,M3.2.0/168,M11.1.0", 15, "hours"},
		{"EST5EDT;M3.2.0,M11.1.0", 7, "hours"},
		{"EST5EDT,M3.2.0,M11.1.0 ", 22, "end"},
		{"EST5EDT,M3.2.0,M11.1.0,M1.1.0", 22, "end"},
		{"EST5\n", 4, "name"},
		{strings.Repeat("A", 16) + "5", 16, "name"},
		{"EST5" + strings.Repeat("E", 252), 0, "too long"},
	}
	for _, tt := range tests {
		loc, err := Parse(tt.tz)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: location %v, error %v", tt.tz, loc, err)
			continue
		}
		if syntax.Pos != tt.pos || !strings.Contains(syntax.Why, tt.why) {
			t.Errorf("%q: error at %d %q, want at %d %q", tt.tz, syntax.Pos, syntax.Why, tt.pos, tt.why)
		}
	}
}

// zones pairs IANA zones with the TZ strings that describe them today.
var zones = map[string]string{
	"America/New_York":    "EST5EDT,M3.2.0,M11.1.0",
	"Europe/Berlin":       "CET-1CEST,M3.5.0,M10.5.0/3",
	"Europe/London":       "GMT0BST,M3.5.0/1,M10.5.0",
	"Europe/Dublin":       "GMT0IST,M3.5.0/1,M10.5.0",
	"Australia/Sydney":    "AEST-10AEDT,M10.1.0,M4.1.0/3",
	"Australia/Lord_Howe": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
	"Pacific/Auckland":    "NZST-12NZDT,M9.5.0,M4.1.0/3",
	"Pacific/Chatham":     "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
	"Asia/Jerusalem":      "IST-2IDT,M3.4.4/26,M10.5.0",
	"Asia/Kolkata":        "IST-5:30",
	"America/St_Johns":    "NST3:30NDT,M3.2.0,M11.1.0",
	"America/Santiago":    "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
}

// Every three hours of twenty years, in each zone, as the time zone database has it.
func TestAgainstTimeZoneDatabase(t *testing.T) {
	for name, tz := range zones {
		t.Run(name, func(t *testing.T) {
			want, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			loc, err := Parse(tz)
			if err != nil {
				t.Fatal(err)
			}
			const layout = "2006-01-02 15:04:05 -0700"
			end := time.Date(2044, 1, 1, 0, 0, 0, 0, time.UTC)
			for at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); at = at.Add(3 * time.Hour) {
				if got, want := at.In(loc).Format(layout), at.In(want).Format(layout); got != want {
					t.Fatalf("%s: %s, want %s", at, got, want)
				}
			}
		})
	}
}

// The C library reads the same strings; `date` prints what it makes of them.
func TestAgainstDate(t *testing.T) {
	all := []string{"EST5EDT4,M3.2.0/02:00:00,M11.1.0/02:00:00", "STD0DST,J60/0,J300", "STD0DST,59/0,299/23:30:15",
		"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "LMT-0:09:21", "AAA+12BBB+11:30,M6.1.1/0,M8.5.6/24", "EST5EDT"}
	for _, tz := range zones {
		all = append(all, tz)
	}
	for _, tz := range all {
		t.Run(tz, func(t *testing.T) {
			loc, err := Parse(tz)
			if err != nil {
				t.Fatal(err)
			}
			var input, want bytes.Buffer
			for at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() < 2034; at = at.Add(5*time.Hour + 7*time.Minute) {
				fmt.Fprintf(&input, "@%d\n", at.Unix())
				fmt.Fprintln(&want, at.In(loc).Format("2006-01-02 15:04:05 MST"))
			}
			cmd := exec.Command("date", "-f", "-", "+%Y-%m-%d %H:%M:%S %Z")
			cmd.Env = append(os.Environ(), "TZ="+tz, "LC_ALL=C")
			cmd.Stdin = &input
			got, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			compareLines(t, got, want.Bytes())
		})
	}
}

func compareLines(t *testing.T, date, ours []byte) {
	t.Helper()
	a, b := bytes.Split(date, []byte{'\n'}), bytes.Split(ours, []byte{'\n'})
	if len(a) != len(b) {
		t.Fatalf("date printed %d lines of %d", len(a), len(b))
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			t.Fatalf("line %d: date has %s, we have %s", i+1, a[i], b[i])
		}
	}
}

// Whatever the grammar lets through must be understood by the time package, with an offset
// and a name out of the string; nothing else than a SyntaxError comes back otherwise.
func FuzzParse(f *testing.F) {
	for _, tz := range zones {
		f.Add(tz)
	}
	for _, tz := range []string{"", "EST5EDT", "EST24EDT-24,0/0,J365/23", "<+1-2>-167", "AAA0BBB,M1.1.0/-167,M12.5.6/167:00:00", "EST5EDT,"} {
		f.Add(tz)
	}
	f.Fuzz(func(t *testing.T, tz string) {
		loc, err := Parse(tz)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Why == "not understood" || syntax.Pos > len(tz) {
				t.Fatalf("%q: %v", tz, err)
			}
			return
		}
		for _, year := range []int{1970, 2024, 2026, 2040, 9999} {
			for _, day := range []int{1, 60, 182, 305, 365} {
				name, offset := time.Date(year, 1, day, 1, 2, 3, 0, time.UTC).In(loc).Zone()
				if tz != "" && !strings.Contains(tz, name) || offset < -25*3600 || offset > 25*3600 {
					t.Fatalf("%q: zone %q, offset %d in %d", tz, name, offset, year)
				}
			}
		}
	})
}
