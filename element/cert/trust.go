package cert

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"sync/atomic"

	"mibgate/mib"
	"mibgate/mib/cert"
)

// ServiceSip is the service whose column in HostCertificateAssociation is Sip.
const ServiceSip = "Sip"

// view is what one configuration gives TLS. It never changes.
type view struct {
	of            *cert.Config
	roots         *x509.CertPool
	intermediates []*x509.Certificate
	sip           []*parsed
}

// viewCache keeps the view of the configuration that was asked for last.
type viewCache struct{ last atomic.Pointer[view] }

// Roots are the trust anchors of c: the self-issued certificates of the active
// rows of OthersCertificatesInfo. The pool must not be changed.
func (s *Service) Roots(c mib.Configs) *x509.CertPool { return s.view(c).roots }

// Intermediates are the other certificates of these rows: they help to build
// chains of peers that leave some out. The slice must not be changed.
func (s *Service) Intermediates(c mib.Configs) []*x509.Certificate { return s.view(c).intermediates }

// HostCertificates are the host certificates that a service may present, by
// name, those that are valid now before the others; only active rows count.
// ServiceSip is the one service there is.
func (s *Service) HostCertificates(c mib.Configs, service string) []tls.Certificate {
	if service != ServiceSip {
		return nil
	}
	now := s.clock.Now()
	hosts := s.view(c).sip
	valid, rest := make([]tls.Certificate, 0, len(hosts)), []tls.Certificate(nil)
	for _, p := range hosts {
		if now.Before(p.info.NotBefore) || now.After(p.info.NotAfter) {
			rest = append(rest, p.tls)
		} else {
			valid = append(valid, p.tls)
		}
	}
	return append(valid, rest...)
}

// view is made once per configuration: c must be a snapshot, not a candidate.
func (s *Service) view(c mib.Configs) *view {
	cfg := cert.Of(c)
	if v := s.views.last.Load(); v != nil && v.of == cfg {
		return v
	}
	v := &view{of: cfg, roots: x509.NewCertPool()}
	for row := range cfg.OthersCertificatesInfo.Active() {
		for _, x := range s.parsed.other(row.Certificate).certs {
			if bytes.Equal(x.RawSubject, x.RawIssuer) {
				v.roots.AddCert(x)
			} else {
				v.intermediates = append(v.intermediates, x)
			}
		}
	}
	for row := range cfg.HostCertificatesInfo.Active() {
		association := cfg.HostCertificateAssociation.Find(cert.HostCertificateAssociationKey(row.FileName))
		if p := s.parsed.host(row.Certificate, row.PrivateKey); p.usable() && (association == nil || association.Sip) {
			v.sip = append(v.sip, p)
		}
	}
	s.views.last.Store(v)
	return v
}
