package mib

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// conventions checks what a textual convention promises beyond its base type.
// The key is the convention's name; "" from the check means fine.
var conventions = map[string]func(s string) string{
	"DisplayText":     checkText,
	"SnmpAdminString": checkText,
	"IpHostName":      checkHost,
	"IpHostNamePort":  checkHostPort,
	"IpAddressText":   checkAddress,
}

func checkText(s string) string {
	if !utf8.ValidString(s) {
		return "is not UTF-8 text"
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "has control characters"
	}
	return ""
}

func checkAddress(s string) string {
	if s == "" {
		return ""
	}
	if _, err := netip.ParseAddr(s); err != nil {
		return "is not an IPv4 or IPv6 address"
	}
	return ""
}

// checkHost takes a domain name (letters, digits, hyphens, underscores, dots)
// or an address. The last label of a name is no number (RFC 3696 §2): what
// looks like an address must be one.
func checkHost(s string) string {
	if s == "" {
		return ""
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return ""
	}
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label || strings.ContainsFunc(label, notHost) {
			return "is not a host name or address"
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "is not a host name or address"
	}
	return ""
}

func notHost(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

func checkHostPort(s string) string {
	const wrong = "is not host or host:port"
	if s == "" || checkHost(s) == "" {
		return ""
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s += ":0"
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" || checkHost(host) != "" {
		return wrong
	}
	if addr, err := netip.ParseAddr(host); strings.HasPrefix(s, "[") && (err != nil || addr.Is4()) {
		return wrong
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "has a port that is not 0..65535"
	}
	return ""
}
