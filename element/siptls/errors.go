package siptls

import (
	"errors"
	"fmt"
	"time"
)

// Errors of this package. ErrNoCertificate is about us, ErrNoPeerCertificate about the peer.
var (
	ErrNoCertificate     = errors.New("siptls: no host certificate is configured")
	ErrNoPeerCertificate = errors.New("siptls: the peer sent no certificate")
)

// NameError says that a trusted certificate names another host.
type NameError struct {
	Host string // whom we meant to reach
}

// Error implements error.
func (e *NameError) Error() string {
	return fmt.Sprintf("siptls: the certificate does not name %s", e.Host)
}

// DateError says that a certificate of the chain is outside its validity by the element's clock.
type DateError struct {
	NotBefore, NotAfter time.Time
	// Early is set when the validity has not begun, clear when it is over.
	Early bool
}

// Error implements error.
func (e *DateError) Error() string {
	if e.Early {
		return "siptls: a certificate is not valid before " + e.NotBefore.UTC().Format(time.RFC3339)
	}
	return "siptls: a certificate expired at " + e.NotAfter.UTC().Format(time.RFC3339)
}
