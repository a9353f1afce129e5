package sipreg

import (
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/sipua"
)

func uri(t *testing.T, s string) sip.Uri {
	t.Helper()
	var u sip.Uri
	if err := sip.ParseUri(s, &u); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestContactMatching(t *testing.T) {
	const ours = "sip:1%30@127.0.0.1:16000;transport=tls"
	tests := []struct {
		theirs               string
		strict, noParam, all bool
	}{
		{"sip:10@127.0.0.1:16000;transport=tls", true, true, true},
		{"sip:10@127.0.0.1:16000;transport=TLS;ob", true, true, true},
		{"sip:10@127.0.0.1:16000", false, true, true},
		{"sip:10@127.0.0.1:16000;transport=tcp", false, true, true},
		{"sip:10@127.0.0.1:16001;transport=tls", false, false, true},
		{"sip:10@127.0.0.2:16000;transport=tls", false, false, false},
		{"sip:11@127.0.0.1:16000;transport=tls", false, false, false},
		{"sips:10@127.0.0.1:16000;transport=tls", false, false, false},
	}
	a := uri(t, ours)
	for _, tt := range tests {
		b := uri(t, tt.theirs)
		for m, want := range map[Matching]bool{Strict: tt.strict, IgnoreURIParams: tt.noParam, IgnoreURIAndPortParams: tt.all} {
			if got := sameURI(&b, &a, m); got != want {
				t.Errorf("%s at %d: %v", tt.theirs, m, got)
			}
		}
	}
}

func TestGrantedExpiry(t *testing.T) {
	ours := []sipua.Contact{{URI: uri(t, "sip:a@127.0.0.1:1")}, {URI: uri(t, "sip:a@127.0.0.1:2")}}
	tests := []struct {
		name     string
		contacts []string
		expires  string
		want     time.Duration // 0 for none
	}{
		{"shortest of ours", []string{"<sip:a@127.0.0.1:1>;expires=50", "<sip:x@y>;expires=5", "<sip:a@127.0.0.1:2>;expires=40"}, "30", 40 * time.Second},
		{"header", []string{"<sip:a@127.0.0.1:1>"}, "30", 30 * time.Second},
		{"bad parameter", []string{"<sip:a@127.0.0.1:1>;expires=x"}, "30", 30 * time.Second},
		{"bad header", []string{"<sip:a@127.0.0.1:1>"}, "-3", time.Hour},
		{"huge", []string{"<sip:a@127.0.0.1:1>;expires=99999999999"}, "", longest},
		{"zero", []string{"<sip:a@127.0.0.1:1>;expires=0"}, "30", 0},
		{"only others", []string{"<sip:x@y>;expires=5"}, "30", 0},
		{"none", nil, "30", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := sip.NewResponse(200, "OK")
			for _, c := range tt.contacts {
				h := &sip.ContactHeader{}
				var err error
				if h.DisplayName, err = sip.ParseAddressValue(c, &h.Address, &h.Params); err != nil {
					t.Fatal(err)
				}
				res.AppendHeader(h)
			}
			if tt.expires != "" {
				res.AppendHeader(sip.NewHeader("Expires", tt.expires))
			}
			got, ok := grantedExpiry(res, ours, Strict, time.Hour)
			if ok != (tt.want > 0) || (ok && got != tt.want) {
				t.Errorf("%v %v, want %v", got, ok, tt.want)
			}
		})
	}
}

func TestStateLabels(t *testing.T) {
	want := []string{"unregistered", "registering", "registered", "refreshing", "unregistering", "unreachable", "authFailed", "rejected", "configError", "invalidResponse", "unknown"}
	for i, w := range want {
		if got := State(100 * (i + 1)).String(); got != w {
			t.Errorf("State(%d) = %q, want %q", 100*(i+1), got, w)
		}
	}
}
