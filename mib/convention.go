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
// or an address.
func checkHost(s string) string {
	if s == "" {
		return ""
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return ""
	}
	for _, label := range strings.Split(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label || strings.ContainsFunc(label, notHost) {
			return "is not a host name or address"
		}
	}
	return ""
}

func notHost(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

func checkHostPort(s string) string {
	if s == "" || checkHost(s) == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
			return checkAddress(s[1 : len(s)-1])
		}
		return "is not host or host:port"
	}
	if msg := checkHost(host); msg != "" || host == "" {
		return "is not host or host:port"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return "has a port that is not 0..65535"
	}
	return ""
}
