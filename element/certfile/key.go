package certfile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"strings"
)

// RSA keys that crypto/tls works with.
const (
	minRSABits = 1024
	maxRSABits = 8192
)

// ParseKey reads one private key in PEM or DER: PKCS #1, SEC 1 or PKCS #8, not encrypted. Certificates
// beside it are ignored.
func ParseKey(data []byte) (crypto.Signer, error) {
	f, err := read(data)
	if err != nil {
		return nil, err
	}
	if f.Key == nil {
		return nil, ErrNoKey
	}
	return f.Key, nil
}

func isKeyBlock(b *pem.Block) bool {
	return b.Type == blockKey || strings.HasSuffix(b.Type, " "+blockKey)
}

func keyOfBlock(b *pem.Block) (crypto.Signer, error) {
	// RFC 1421 encryption of the old formats, and PKCS #8's own.
	if strings.Contains(b.Headers["Proc-Type"], "ENCRYPTED") || strings.HasPrefix(b.Type, "ENCRYPTED ") {
		return nil, ErrEncryptedKey
	}
	if strings.HasPrefix(b.Type, "OPENSSH ") {
		return nil, fmt.Errorf("%w: an OpenSSH key is not used with certificates", ErrFormat)
	}
	return keyOfDER(b.Bytes)
}

// keyOfDER tries the three formats. Its errors say nothing of the content.
func keyOfDER(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return checkKey(key)
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return checkKey(key)
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return checkKey(key)
	}
	return nil, fmt.Errorf("%w: the private key cannot be read", ErrFormat)
}

func checkKey(key any) (crypto.Signer, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, ErrUnsupportedKey // X25519 and the like do not sign
	}
	return signer, checkPublic(signer.Public())
}

// checkPublic lets pass what crypto/tls can present and verify.
func checkPublic(public any) error {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < minRSABits || n > maxRSABits {
			return fmt.Errorf("%w: RSA of %d bits", ErrUnsupportedKey, n)
		}
		return nil
	case *ecdsa.PublicKey:
		if k.Curve.Params().BitSize < 256 {
			return fmt.Errorf("%w: curve %s", ErrUnsupportedKey, k.Curve.Params().Name)
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return ErrUnsupportedKey
}

func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// foreignDER recognises what operators take for a certificate or key in DER: an encrypted key in
// PKCS #8 (RFC 5958 §3) and PKCS #12 (RFC 7292 §4). nil when it is neither.
func foreignDER(der []byte) error {
	var encrypted struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	if rest, err := asn1.Unmarshal(der, &encrypted); err == nil && len(rest) == 0 {
		return ErrEncryptedKey
	}
	var pfx struct {
		Version  int
		AuthSafe asn1.RawValue
		MAC      asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &pfx); err == nil && pfx.Version == 3 {
		return ErrPKCS12
	}
	return nil
}
