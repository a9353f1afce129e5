package siptls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
)

// verifyServer is the whole check of a server's certificate, called within the handshake.
func (s Settings) verifyServer(cs tls.ConnectionState, ref Reference) error {
	if len(cs.PeerCertificates) == 0 {
		return ErrNoPeerCertificate
	}
	if s.Level == NoValidation {
		return nil
	}
	if err := s.verifyChain(cs.PeerCertificates, x509.ExtKeyUsageServerAuth); err != nil {
		return err
	}
	leaf := cs.PeerCertificates[0]
	switch s.Level {
	case TrustedCertificate:
		return nil
	case DNSSRVResponse:
		for _, name := range ref.SRVNames {
			if names(leaf, name) {
				return nil
			}
		}
	}
	// An unknown level is treated as the strictest one.
	if names(leaf, ref.Host) {
		return nil
	}
	return &NameError{Host: ref.Host}
}

func (s Settings) verifyClient(cs tls.ConnectionState) error {
	if len(cs.PeerCertificates) == 0 {
		return ErrNoPeerCertificate
	}
	return s.verifyChain(cs.PeerCertificates, x509.ExtKeyUsageClientAuth)
}

func (s Settings) verifyChain(certs []*x509.Certificate, usage x509.ExtKeyUsage) error {
	roots := s.Roots
	if roots == nil {
		roots = x509.NewCertPool() // nil would mean the host's store
	}
	inter := x509.NewCertPool()
	for _, c := range certs[1:] {
		inter.AddCert(c)
	}
	for _, c := range s.Intermediates {
		inter.AddCert(c)
	}
	now := s.now()
	_, err := certs[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: inter, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		// x509 reports one reason for both ends of the validity; the operator needs to know which.
		c := invalid.Cert
		return &DateError{NotBefore: c.NotBefore, NotAfter: c.NotAfter, Early: now.Before(c.NotBefore)}
	}
	return err
}

// names tells whether the certificate was issued for host: equality with one subjectAltName, letter case aside.
// RFC 5922 §7.1 takes "sip" URIs without a user part and dNSNames; §7.2 forbids wildcards. The common name is ignored.
func names(cert *x509.Certificate, host string) bool {
	host = strings.TrimSuffix(host, ".")
	if host == "" {
		return false
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); ip != nil {
		for _, san := range cert.IPAddresses {
			if san.Equal(ip) {
				return true
			}
		}
		return false
	}
	for _, san := range cert.DNSNames {
		if strings.EqualFold(strings.TrimSuffix(san, "."), host) {
			return true
		}
	}
	for _, u := range cert.URIs {
		if strings.EqualFold(u.Scheme, "sip") && strings.EqualFold(u.Opaque, host) {
			return true
		}
	}
	return false
}
