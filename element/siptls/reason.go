package siptls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Reason is why a link could not be established. The numbers are those of sipEpTlsHandshakeFailed.
type Reason int

// Reasons of a failed connection attempt.
const (
	ReasonUntrusted       Reason = 100 // no chain to the trust store
	ReasonExpired         Reason = 200
	ReasonNotYetValid     Reason = 300
	ReasonNameMismatch    Reason = 400
	ReasonProtocolVersion Reason = 500 // the peer is below our floor, or we are below its
	ReasonTimeout         Reason = 600
	ReasonRefused         Reason = 700 // TCP refused or reset, or the peer refused our certificate
	ReasonOther           Reason = 800
)

// String is the label of the reason as the MIB has it.
func (r Reason) String() string {
	switch r {
	case ReasonUntrusted:
		return "untrusted"
	case ReasonExpired:
		return "expired"
	case ReasonNotYetValid:
		return "notYetValid"
	case ReasonNameMismatch:
		return "nameMismatch"
	case ReasonProtocolVersion:
		return "protocolVersion"
	case ReasonTimeout:
		return "timeout"
	case ReasonRefused:
		return "refused"
	}
	return "other"
}

// maxDetail bounds the text that a hostile certificate can bring into a trap or a log line.
const maxDetail = 200

// Classify sorts the error of a dial, a handshake, or of a connection that ended before the peer had accepted us. The
// detail is a short printable text without secrets: names, dates and alert texts only.
func Classify(err error) (Reason, string) {
	r := classify(err)
	return r, detail(err)
}

func classify(err error) Reason {
	var (
		name      *NameError
		date      *DateError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		algorithm x509.InsecureAlgorithmError
		netErr    net.Error
	)
	switch {
	case errors.As(err, &name):
		return ReasonNameMismatch
	case errors.As(err, &date):
		if date.Early {
			return ReasonNotYetValid
		}
		return ReasonExpired
	case errors.As(err, &authority), errors.As(err, &invalid), errors.As(err, &algorithm), errors.Is(err, ErrNoPeerCertificate):
		return ReasonUntrusted
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return ReasonTimeout
	case errors.As(err, &netErr) && netErr.Timeout():
		return ReasonTimeout
	}
	if r, ok := classifyText(err); ok {
		return r
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ReasonRefused
	}
	return ReasonOther
}

// classifyText looks at the text of an error, as crypto/tls has no exported type for a peer's alert on a plain
// connection nor for a version below the floor. The texts are pinned by tests against real handshakes.
func classifyText(err error) (Reason, bool) {
	var header tls.RecordHeaderError
	if err == nil || errors.As(err, &header) {
		return ReasonOther, false
	}
	text := err.Error()
	for _, t := range []struct {
		part   string
		reason Reason
	}{
		{"protocol version not supported", ReasonProtocolVersion},
		{"unsupported protocol version", ReasonProtocolVersion},
		{"remote error: tls: bad certificate", ReasonRefused},
		{"remote error: tls: unsupported certificate", ReasonRefused},
		{"remote error: tls: revoked certificate", ReasonRefused},
		{"remote error: tls: expired certificate", ReasonRefused},
		{"remote error: tls: unknown certificate", ReasonRefused}, // also "… authority"
		{"remote error: tls: certificate required", ReasonRefused},
		{"remote error: tls: access denied", ReasonRefused},
	} {
		if strings.Contains(text, t.part) {
			return t.reason, true
		}
	}
	return ReasonOther, false
}

func detail(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	var header tls.RecordHeaderError
	if errors.As(err, &header) {
		text = "the peer does not speak TLS" // the library's text shows bytes of the peer
	}
	text = strings.TrimPrefix(text, "siptls: ")
	text = strings.TrimPrefix(text, "tls: failed to verify certificate: ")
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, text)
	if len(clean) > maxDetail {
		clean = clean[:maxDetail]
	}
	return clean
}
