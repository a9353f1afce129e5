// Package certfile reads the certificates and private keys that an operator imports.
//
// It owns the formats (PEM and DER; X.509 certificates; private keys in PKCS #1, SEC 1 and
// PKCS #8), the bounds on them, the normal form they are stored in (PEM, leaf first, key in PKCS #8),
// and Describe, what the tables of the CERT service show of a certificate. It imports nothing of
// ours and touches no disk and no clock: whether a certificate is valid now, and for whom, is the
// business of who uses it.
//
// Errors never hold any part of a key. All functions may be called from any goroutine; a File is
// immutable.
//
// crypto/x509 and encoding/pem do the work. What is added is what tls.X509KeyPair leaves out: DER,
// bounds, a leaf that need not come first, and errors that tell an operator what he imported.
//
// Start reading at certfile.go, then key.go and describe.go.
package certfile
