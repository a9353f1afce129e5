package sipua

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// URI makes a SIP URI; user and port may be empty and 0. The user part is escaped.
func URI(user, host string, port uint16) sip.Uri {
	return sip.Uri{Scheme: "sip", User: EscapeUser(user), Host: bracket(host), Port: int(port)}
}

// ServerURI makes the URI of a server from "host" or "host:port"; port 0 stands for none.
func ServerURI(hostPort string) sip.Uri {
	if h, p, err := net.SplitHostPort(hostPort); err == nil {
		port, err := strconv.ParseUint(p, 10, 16)
		if err == nil {
			return URI("", h, uint16(port))
		}
	}
	return URI("", hostPort, 0)
}

// Loose makes a route to a loose router (RFC 3261 §19.1.1 lr) reached by a transport; UDP is not named, as it is the
// default.
func Loose(hostPort string, t siptransport.Transport) sip.Uri {
	u := ServerURI(hostPort)
	u.UriParams = sip.NewParams()
	if t != siptransport.UDP && t != "" {
		u.UriParams.Add("transport", strings.ToLower(string(t)))
	}
	u.UriParams.Add("lr", "")
	return u
}

func bracket(host string) string {
	host = strings.Trim(host, "[]")
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		return "[" + host + "]"
	}
	return host
}

// EscapeUser escapes what may not stand in the user part of a URI (RFC 3261 §25.1: user).
func EscapeUser(user string) string {
	const plain = "-_.!~*'()&=+$,;?/"
	var b strings.Builder
	for i := range len(user) {
		c := user[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(plain, c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteString(strings.ToUpper(strconv.FormatUint(uint64(c)+0x100, 16)[1:]))
		}
	}
	return b.String()
}

// UnescapeUser undoes EscapeUser; a broken escape stays as it is.
func UnescapeUser(user string) string {
	var b strings.Builder
	for i := 0; i < len(user); i++ {
		if user[i] == '%' && i+2 < len(user) {
			if v, err := strconv.ParseUint(user[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(v))
				i += 2
				continue
			}
		}
		b.WriteByte(user[i])
	}
	return b.String()
}

// Contact is one address under which we want to be reached.
type Contact struct {
	URI sip.Uri
	// Q is the preference as text, such as "0.7"; empty leaves it out.
	Q string
}

// NewContact makes the contact of a user on a flow: the flow's own address and port, which for a persistent link are
// the link's. transportParam adds ;transport= (RegistrationEnable in REGISTER, ContactEnable elsewhere).
func NewContact(user string, flow siptransport.Flow, transportParam bool, q string) Contact {
	return ContactAt(user, flow.Local(), flow.Transport(), transportParam, q)
}

// ContactAt is NewContact for an address of ours, such as that of a listener.
func ContactAt(user string, local netip.AddrPort, t siptransport.Transport, transportParam bool, q string) Contact {
	u := URI(user, local.Addr().String(), local.Port())
	if transportParam {
		u.UriParams = sip.NewParams()
		u.UriParams.Add("transport", strings.ToLower(string(t)))
	}
	return Contact{URI: u, Q: q}
}

func (c Contact) header() *sip.ContactHeader {
	h := &sip.ContactHeader{Address: *c.URI.Clone()}
	if c.Q != "" {
		h.Params.Add("q", c.Q)
	}
	return h
}
