package certfile

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxName bounds a name as a table shows it, in octets.
const maxName = 255

// Info is what the CERT tables show of a certificate. Texts are printable and bounded, whatever the
// certificate holds.
type Info struct {
	IssuedTo    string    // common name, or else the first alternative name, or else the whole subject
	IssuedBy    string    // common name of the issuer, or else its whole name
	NotBefore   time.Time // UTC
	NotAfter    time.Time // UTC
	Usage       string    // "TlsClient, TlsServer", one of them, or ""
	Serial      string    // hexadecimal, at most 64 digits
	KeyType     string    // "RSA 2048", "ECDSA P-256", "Ed25519"
	Fingerprint string    // SHA-256 of the certificate, "0A:1B:…"
	IsCA        bool
}

// Describe gives what is shown of a certificate.
func Describe(c *x509.Certificate) Info {
	sum := sha256.Sum256(c.Raw)
	serial := fmt.Sprintf("%x", c.SerialNumber)
	return Info{
		IssuedTo:    issuedTo(c),
		IssuedBy:    printable(nameOf(c.Issuer)),
		NotBefore:   c.NotBefore.UTC(),
		NotAfter:    c.NotAfter.UTC(),
		Usage:       usage(c),
		Serial:      serial[:min(len(serial), 64)],
		KeyType:     keyType(c.PublicKey),
		Fingerprint: strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":"),
		IsCA:        c.BasicConstraintsValid && c.IsCA,
	}
}

// Days is the number of whole days from now to the end of validity; negative when it is over.
func (i Info) Days(now time.Time) int {
	left := i.NotAfter.Sub(now)
	days := int(left / (24 * time.Hour))
	if left < 0 {
		days--
	}
	return days
}

func issuedTo(c *x509.Certificate) string {
	switch {
	case c.Subject.CommonName != "":
		return printable(c.Subject.CommonName)
	case len(c.DNSNames) > 0:
		return printable(c.DNSNames[0])
	case len(c.IPAddresses) > 0:
		return c.IPAddresses[0].String()
	case len(c.URIs) > 0:
		return printable(c.URIs[0].String())
	}
	return printable(c.Subject.String())
}

func nameOf(n pkix.Name) string {
	if n.CommonName != "" {
		return n.CommonName
	}
	return n.String()
}

// usage tells what extended key usage allows (RFC 5280 §4.2.1.12); without it both uses are allowed.
func usage(c *x509.Certificate) string {
	client := len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0
	server := client
	for _, u := range c.ExtKeyUsage {
		client = client || u == x509.ExtKeyUsageClientAuth || u == x509.ExtKeyUsageAny
		server = server || u == x509.ExtKeyUsageServerAuth || u == x509.ExtKeyUsageAny
	}
	var uses []string
	if client {
		uses = append(uses, "TlsClient")
	}
	if server {
		uses = append(uses, "TlsServer")
	}
	return strings.Join(uses, ", ")
}

func keyType(public any) string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown"
}

// printable replaces what is not a graphic character by '?' and bounds the length.
func printable(s string) string {
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(clean) <= maxName {
		return clean
	}
	end := maxName
	for !utf8.RuneStart(clean[end]) {
		end--
	}
	return clean[:end]
}
