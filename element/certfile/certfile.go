package certfile

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

const (
	// MaxFile bounds an imported file, in octets.
	MaxFile = 64 << 10
	// MaxPEM bounds its certificates in the form they are stored (PemText of the MIB), in octets.
	MaxPEM = 16 << 10
	// MaxCertificates bounds the certificates of one file.
	MaxCertificates = 16

	blockCertificate = "CERTIFICATE"
	blockTrusted     = "TRUSTED CERTIFICATE" // openssl's, with its own data behind the certificate
	blockKey         = "PRIVATE KEY"
)

// File is what one or two imported files hold.
type File struct {
	// Certificates are those of the file, without repetitions. The leaf comes first when there is a key;
	// otherwise they are in the order of the file.
	Certificates []*x509.Certificate
	// Key is the private key of Certificates[0]; nil when the file has none.
	Key crypto.Signer
}

// Parse reads a file of certificates in PEM or DER, in PEM with or without the private key of one of
// them. There is at least one certificate; a key belongs to one of them.
func Parse(data []byte) (*File, error) {
	f, err := read(data)
	if err != nil {
		return nil, err
	}
	if len(f.Certificates) == 0 {
		return nil, ErrNoCertificate
	}
	return f, f.arrange()
}

// ParsePair reads certificates from one file and their private key from another, as the CERT
// tables store them. A key among the certificates must not contradict it.
func ParsePair(certificates, key []byte) (*File, error) {
	f, err := read(certificates)
	if err != nil {
		return nil, err
	}
	if len(f.Certificates) == 0 {
		return nil, ErrNoCertificate
	}
	signer, err := ParseKey(key)
	if err != nil {
		return nil, err
	}
	if f.Key != nil && !samePublic(f.Key.Public(), signer.Public()) {
		return nil, ErrSeveralKeys
	}
	f.Key = signer
	return f, f.arrange()
}

// read takes a file apart without judging what it is good for.
func read(data []byte) (*File, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%w: %d octets of at most %d", ErrTooLarge, len(data), MaxFile)
	}
	if !bytes.Contains(data, []byte("-----BEGIN ")) {
		return readDER(data)
	}
	f := &File{}
	for number := 1; ; number++ {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		if err := f.addBlock(block); err != nil {
			return nil, fmt.Errorf("PEM block %d: %w", number, err)
		}
	}
	if len(f.Certificates) == 0 && f.Key == nil {
		return nil, ErrFormat
	}
	return f, nil
}

// addBlock takes a PEM block; kinds that are neither certificate nor key (parameters, requests) are
// passed over.
func (f *File) addBlock(block *pem.Block) error {
	switch {
	case block.Type == blockCertificate || block.Type == "X509 "+blockCertificate:
		return f.addCertificate(block.Bytes)
	case block.Type == blockTrusted:
		return fmt.Errorf("%w: %s", ErrFormat, blockTrusted)
	case isKeyBlock(block):
		if f.Key != nil {
			return ErrSeveralKeys
		}
		key, err := keyOfBlock(block)
		f.Key = key
		return err
	}
	return nil
}

func (f *File) addCertificate(der []byte) error {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	if err := checkPublic(cert.PublicKey); err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	for _, c := range f.Certificates {
		if c.Equal(cert) {
			return nil
		}
	}
	if len(f.Certificates) == MaxCertificates {
		return fmt.Errorf("%w: at most %d", ErrTooMany, MaxCertificates)
	}
	f.Certificates = append(f.Certificates, cert)
	return nil
}

// readDER reads one certificate, or one private key, in DER.
func readDER(data []byte) (*File, error) {
	f := &File{}
	err := f.addCertificate(data)
	if err == nil {
		return f, nil
	}
	if key, keyErr := keyOfDER(data); keyErr == nil {
		return &File{Key: key}, nil
	} else if why := foreignDER(data); why != nil {
		return nil, why
	}
	return nil, fmt.Errorf("%w (%w)", ErrFormat, err)
}

// arrange puts the certificate of the key first and checks the size of what will be stored.
func (f *File) arrange() error {
	if f.Key != nil {
		leaf := -1
		for i, c := range f.Certificates {
			if samePublic(c.PublicKey, f.Key.Public()) && (leaf < 0 || f.Certificates[leaf].IsCA && !c.IsCA) {
				leaf = i
			}
		}
		if leaf < 0 {
			return ErrKeyMismatch
		}
		first := f.Certificates[leaf]
		copy(f.Certificates[1:leaf+1], f.Certificates[:leaf])
		f.Certificates[0] = first
	}
	if n := len(f.CertificatesPEM()); n > MaxPEM {
		return fmt.Errorf("%w: the certificates take %d octets in PEM of at most %d", ErrTooLarge, n, MaxPEM)
	}
	return nil
}

// Leaf is the certificate of the key, or the first one of a file without key.
func (f *File) Leaf() *x509.Certificate { return f.Certificates[0] }

// Chain is the leaf and the certificates of the file that lead from it towards its root, each signed
// by the next; the root itself is left out, since a peer trusts its own copy or none.
func (f *File) Chain() []*x509.Certificate {
	chain := f.Certificates[:1:1]
	for len(chain) < len(f.Certificates) {
		next := issuer(chain[len(chain)-1], f.Certificates[1:])
		if next == nil || selfIssued(next) || contains(chain, next) {
			break
		}
		chain = append(chain, next)
	}
	return chain
}

func issuer(cert *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, c := range among {
		if bytes.Equal(c.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	return nil
}

func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

func contains(list []*x509.Certificate, cert *x509.Certificate) bool {
	for _, c := range list {
		if c.Equal(cert) {
			return true
		}
	}
	return false
}

// CertificatesPEM is the normal form of all certificates of the file.
func (f *File) CertificatesPEM() []byte {
	var out bytes.Buffer
	for _, c := range f.Certificates {
		if err := pem.Encode(&out, &pem.Block{Type: blockCertificate, Bytes: c.Raw}); err != nil {
			return nil // a Buffer takes everything
		}
	}
	return out.Bytes()
}

// KeyPEM is the normal form of the key (PKCS #8); nil when the file has none.
func (f *File) KeyPEM() []byte {
	if f.Key == nil {
		return nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(f.Key)
	if err != nil {
		return nil // every kind that Parse takes can be marshalled
	}
	return pem.EncodeToMemory(&pem.Block{Type: blockKey, Bytes: der})
}

// TLS is the key with its chain as crypto/tls presents them. The error is ErrNoKey.
func (f *File) TLS() (tls.Certificate, error) {
	if f.Key == nil {
		return tls.Certificate{}, ErrNoKey
	}
	out := tls.Certificate{PrivateKey: f.Key, Leaf: f.Leaf()}
	for _, c := range f.Chain() {
		out.Certificate = append(out.Certificate, c.Raw)
	}
	return out, nil
}
