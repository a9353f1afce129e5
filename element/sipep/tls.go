package sipep

import (
	"crypto/tls"

	"mibgate/element/cert"
	"mibgate/element/siptls"
	"mibgate/mib/sipep"
)

// ephemeralAEAD are the suites of cS3: keys of the session alone, and
// authenticated encryption.
var ephemeralAEAD = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// ephemeralCBC are what cS2 adds.
var ephemeralCBC = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
}

// staticRSA are what cS1 adds. RC4 and 3DES are in no set: RFC 7465 forbids the
// one, and the other has blocks too short for a link that stays up (RFC 9325
// §4.1).
var staticRSA = []uint16{
	tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_RSA_WITH_AES_128_CBC_SHA256, tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA,
}

// cipherSuites are the suites of TLS 1.2 and below of a set.
func cipherSuites(set sipep.TransportTlsCipherSuite) []uint16 {
	var out []uint16
	out = append(out, ephemeralAEAD...)
	if set == sipep.TransportTlsCipherSuiteCS2 || set == sipep.TransportTlsCipherSuiteCS1 {
		out = append(out, ephemeralCBC...)
	}
	if set == sipep.TransportTlsCipherSuiteCS1 {
		out = append(out, staticRSA...)
	}
	return out
}

// minVersion is the floor; what is not known is treated as the default.
func minVersion(v sipep.TransportTlsVersion) uint16 {
	switch v {
	case sipep.TransportTlsVersionTLSv1:
		return tls.VersionTLS10
	case sipep.TransportTlsVersionTLSv1_1:
		return tls.VersionTLS11
	case sipep.TransportTlsVersionTLSv1_3:
		return tls.VersionTLS13
	}
	return tls.VersionTLS12
}

// tlsSettings are what the next handshake needs: the level of the run, and the
// certificates in force.
func (r *run) tlsSettings() (siptls.Settings, error) {
	snap := r.o.Store.Current()
	return siptls.Settings{
		Level:                    r.plan.level,
		Roots:                    r.o.Certificates.Roots(snap),
		Intermediates:            r.o.Certificates.Intermediates(snap),
		Certificates:             r.o.Certificates.HostCertificates(snap, cert.ServiceSip),
		MinVersion:               r.plan.minVersion,
		CipherSuites:             r.plan.suites,
		RequireClientCertificate: r.plan.clientAuth,
		Now:                      r.o.Clock.Now,
	}, nil
}

// hasHostCertificate reports whether a secure port could be served.
func (r *run) hasHostCertificate() bool {
	return len(r.o.Certificates.HostCertificates(r.o.Store.Current(), cert.ServiceSip)) > 0
}
