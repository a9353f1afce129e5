package sipauth

import (
	"strings"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// maxChallenges bounds how many challenges of one response are looked at.
const maxChallenges = 8

// strength orders the algorithms; 0 is one that is not understood. The keys are upper case.
var strength = map[string]int{
	"MD5": 1, "MD5-SESS": 2, "SHA-256": 3, "SHA-256-SESS": 4, "SHA-512-256": 5, "SHA-512-256-SESS": 6,
}

// challenges lists the usable challenges of one kind of header, one for each realm, the strongest (RFC 8760 §2.4 lets the
// client choose).
func challenges(res *sip.Response, header string) []*digest.Challenge {
	var out []*digest.Challenge
	for i, h := range res.GetHeaders(header) {
		if i >= maxChallenges {
			break
		}
		c, ok := parseChallenge(h.Value())
		if !ok {
			continue
		}
		out = keepStrongest(out, c)
	}
	return out
}

func keepStrongest(list []*digest.Challenge, c *digest.Challenge) []*digest.Challenge {
	for i, other := range list {
		if other.Realm != c.Realm {
			continue
		}
		if strength[algorithm(c)] > strength[algorithm(other)] {
			list[i] = c
		}
		return list
	}
	return append(list, c)
}

// parseChallenge takes a challenge that we can answer: a known algorithm, and qop auth or none.
func parseChallenge(value string) (*digest.Challenge, bool) {
	if strings.ContainsAny(value, "\r\n\x00") {
		return nil, false
	}
	c, err := digest.ParseChallenge(value)
	if err != nil || c.Nonce == "" || strength[algorithm(c)] == 0 {
		return nil, false
	}
	for i, q := range c.QOP {
		c.QOP[i] = strings.ToLower(strings.TrimSpace(q))
	}
	if len(c.QOP) > 0 && !c.SupportsQOP("auth") {
		return nil, false // auth-int alone
	}
	return c, true
}

// algorithm is the name in upper case; none means MD5 (RFC 3261 §22.4 item 8).
func algorithm(c *digest.Challenge) string {
	if c.Algorithm == "" {
		return "MD5"
	}
	return strings.ToUpper(c.Algorithm)
}
