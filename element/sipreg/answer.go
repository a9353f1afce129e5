package sipreg

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/sipua"
)

// Matching says which part of our contact must come back in the answer. The numbers are those of
// InteropRegistrationContactMatching.
type Matching int

// Ways of matching.
const (
	Strict                 Matching = 100 // RFC 3261 §19.1.4
	IgnoreURIParams        Matching = 200
	IgnoreURIAndPortParams Matching = 300
)

// longest bounds what a registrar can make us wait, or ask for.
const longest = 7 * 24 * time.Hour

// grantedExpiry finds how long our bindings last: the shortest of the matching contacts' expires parameters, else the
// Expires header, else the configured value (§10.2.4). ok is false when none of our contacts is in the answer, or when
// one is bound for no time at all.
func grantedExpiry(res *sip.Response, ours []sipua.Contact, m Matching, fallback time.Duration) (granted time.Duration, ok bool) {
	general := fallback
	if h := res.GetHeader("Expires"); h != nil {
		if d, ok := seconds(h.Value()); ok {
			general = d
		}
	}
	for _, h := range res.GetHeaders("Contact") {
		c, isContact := h.(*sip.ContactHeader)
		if !isContact || !matchesAny(c, ours, m) {
			continue
		}
		d := general
		if v, has := param(c.Params, "expires"); has {
			if p, valid := seconds(v); valid {
				d = p
			}
		}
		if !ok || d < granted {
			granted = d
		}
		ok = true
	}
	return granted, ok && granted > 0
}

func matchesAny(c *sip.ContactHeader, ours []sipua.Contact, m Matching) bool {
	for i := range ours {
		if sameURI(&c.Address, &ours[i].URI, m) {
			return true
		}
	}
	return false
}

// sameURI compares as RFC 3261 §19.1.4 says, as far as a Contact of ours can differ.
func sameURI(a, b *sip.Uri, m Matching) bool {
	if !strings.EqualFold(scheme(a), scheme(b)) || sipua.UnescapeUser(a.User) != sipua.UnescapeUser(b.User) {
		return false
	}
	if !strings.EqualFold(strings.Trim(a.Host, "[]"), strings.Trim(b.Host, "[]")) {
		return false
	}
	if m == IgnoreURIAndPortParams {
		return true
	}
	if a.Port != b.Port {
		return false
	}
	return m == IgnoreURIParams || (sameParams(a.UriParams, b.UriParams) && sameParams(b.UriParams, a.UriParams))
}

func scheme(u *sip.Uri) string {
	if u.Scheme == "" {
		return "sip"
	}
	return u.Scheme
}

// sameParams: parameters in both must be equal; transport, user, ttl, method and maddr in one must be in the other.
func sameParams(a, b sip.HeaderParams) bool {
	for _, p := range a {
		v, has := param(b, p.K)
		switch {
		case has && !strings.EqualFold(v, p.V):
			return false
		case has:
		case isOneOf(p.K, "transport", "user", "ttl", "method", "maddr"):
			return false
		}
	}
	return true
}

func isOneOf(s string, list ...string) bool {
	for _, l := range list {
		if strings.EqualFold(s, l) {
			return true
		}
	}
	return false
}

// param looks a parameter up whatever its letter case, which sipgo does not.
func param(p sip.HeaderParams, name string) (string, bool) {
	for _, kv := range p {
		if strings.EqualFold(strings.TrimSpace(kv.K), name) {
			return strings.TrimSpace(kv.V), true
		}
	}
	return "", false
}

// seconds reads delta-seconds; too large a number is the longest time we take.
func seconds(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return longest, true
	}
	return min(time.Duration(n)*time.Second, longest), true
}

func minExpires(res *sip.Response) (time.Duration, bool) {
	h := res.GetHeader("Min-Expires")
	if h == nil {
		return 0, false
	}
	d, ok := seconds(h.Value())
	return d, ok && d > 0
}

// retryAfter is how long the peer asks us to stay away (RFC 3261 §20.33), an hour at most.
func retryAfter(res *sip.Response) time.Duration {
	if res == nil {
		return 0
	}
	h := res.GetHeader("Retry-After")
	if h == nil {
		return 0
	}
	digits := h.Value()
	if i := strings.IndexAny(digits, " \t;("); i >= 0 {
		digits = digits[:i]
	}
	d, _ := seconds(digits)
	return min(d, time.Hour)
}

// expiresHeader is nil for 0, which proposes nothing; negative removes the binding.
func expiresHeader(d time.Duration) sip.Header {
	switch {
	case d == 0:
		return nil
	case d < 0:
		d = 0
	}
	h := sip.ExpiresHeader(uint32(d / time.Second))
	return &h
}
