// Package cert is the certificates: those the unit presents, with their private
// keys, and those it trusts.
//
// It owns the tables of MIBGATE-CERT-MIB: it refuses what cannot be used, stores
// certificates in one normal form, shows what is in them, warns before they
// expire, and gives TLS what a configuration holds (Roots, Intermediates,
// HostCertificates). Who makes a handshake asks with the snapshot in force, so
// that a change serves the next handshake; the answer is kept per configuration
// and costs nothing then. Whether a certificate is valid is judged by the
// element's clock.
//
// It imports mib/cert, element/certfile, element/event and element/store. What
// has been parsed is kept by its text and never changes. All methods may be
// called from any goroutine. Start reading at cert.go, then trust.go.
package cert
