package siptls

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"strings"
	"time"
)

// Level says how much of a server's certificate is checked. The numbers are those of InteropTlsCertificateValidation.
type Level int

// Validation levels. Every level needs the peer to send a certificate.
const (
	NoValidation       Level = 100 // any certificate
	TrustedCertificate Level = 200 // chain and dates
	DNSSRVResponse     Level = 300 // chain, dates, and the name is the configured host or one that SRV gave
	HostName           Level = 400 // chain, dates, and the name is the configured host
)

// Settings is what one handshake needs of the configuration.
type Settings struct {
	// Level is used by clients only; a server judges client certificates at TrustedCertificate.
	Level Level
	// Roots is the trust store. A nil pool trusts nobody (never the host's own store).
	Roots *x509.CertPool
	// Intermediates help to build the chain of a peer that leaves some out; they are not trusted themselves.
	Intermediates []*x509.Certificate
	// Certificates are our own, the first that suits the peer is sent; a client may have none.
	Certificates []tls.Certificate
	// MinVersion is the floor, tls.VersionTLS10 and up; 0 means TLS 1.2. The ceiling is always TLS 1.3.
	MinVersion uint16
	// CipherSuites are those of TLS 1.2 and below; nil means the library's own choice.
	CipherSuites []uint16
	// RequireClientCertificate makes a server ask for a certificate and refuse clients without a trusted one.
	RequireClientCertificate bool
	// Now is the element's clock, by which dates are judged; nil means the host's.
	Now func() time.Time
}

// Reference is whom a client means to reach (RFC 5922 §7.1).
type Reference struct {
	// Host is the configured host name or IP literal, without port.
	Host string
	// SRVNames are the names that RFC 3263 location found behind Host.
	SRVNames []string
}

// Client builds the configuration of one client handshake. onTicket, when not nil, is called for each session ticket
// that the server sends: under TLS 1.3 it is the first sign that our certificate was accepted. It may be called
// within Handshake or Read.
func (s Settings) Client(ref Reference, onTicket func()) *tls.Config {
	cfg := &tls.Config{
		MinVersion:   s.minVersion(),
		MaxVersion:   tls.VersionTLS13,
		CipherSuites: s.CipherSuites,
		Certificates: s.Certificates,
		Time:         s.Now,
		ServerName:   serverName(ref.Host),
		// The library's check is replaced, not left out: see verifyServer.
		InsecureSkipVerify: true,
		VerifyConnection:   func(cs tls.ConnectionState) error { return s.verifyServer(cs, ref) },
	}
	if onTicket != nil {
		cfg.ClientSessionCache = ticketSignal(onTicket)
	}
	return cfg
}

// Server builds a configuration for a listener. provide is called for every handshake; when it fails, or gives no
// certificate, the handshake fails.
func Server(provide func() (Settings, error)) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS10, // the real floor is set per handshake, below
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			s, err := provide()
			if err != nil {
				return nil, err
			}
			if len(s.Certificates) == 0 {
				return nil, ErrNoCertificate
			}
			return s.server(), nil
		},
	}
}

func (s Settings) server() *tls.Config {
	cfg := &tls.Config{
		MinVersion:             s.minVersion(),
		MaxVersion:             tls.VersionTLS13,
		CipherSuites:           s.CipherSuites,
		Certificates:           s.Certificates,
		Time:                   s.Now,
		SessionTicketsDisabled: true, // a resumed session would skip the check against a changed trust store
	}
	if s.RequireClientCertificate {
		cfg.ClientAuth = tls.RequireAnyClientCert
		cfg.VerifyConnection = s.verifyClient
	}
	return cfg
}

func (s Settings) minVersion() uint16 {
	if s.MinVersion == 0 {
		return tls.VersionTLS12
	}
	return s.MinVersion
}

func (s Settings) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// serverName is the value for SNI; RFC 6066 §3 allows names only, not addresses.
func serverName(host string) string {
	host = strings.TrimSuffix(host, ".")
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	return host
}

// ticketSignal tells of session tickets and never keeps one: a resumed session would not present a new certificate.
type ticketSignal func()

func (f ticketSignal) Get(string) (*tls.ClientSessionState, bool) { return nil, false }

func (f ticketSignal) Put(_ string, s *tls.ClientSessionState) {
	if s != nil {
		f()
	}
}
