package certfile

import "errors"

// Why a file is not taken. All are wrapped with what was found.
var (
	ErrTooLarge       = errors.New("file too large")
	ErrTooMany        = errors.New("too many certificates in one file")
	ErrNoCertificate  = errors.New("no certificate in the file")
	ErrNoKey          = errors.New("no private key in the file")
	ErrSeveralKeys    = errors.New("several private keys in one file")
	ErrEncryptedKey   = errors.New("the private key is encrypted; remove its passphrase (openssl pkey -in FILE)")
	ErrPKCS12         = errors.New("PKCS #12 files are not supported; convert to PEM (openssl pkcs12 -nodes -in FILE)")
	ErrFormat         = errors.New("neither PEM nor DER of a certificate or private key")
	ErrUnsupportedKey = errors.New("kind or size of key not supported")
	ErrKeyMismatch    = errors.New("the private key belongs to none of the certificates")
)
