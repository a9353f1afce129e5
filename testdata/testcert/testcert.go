package testcert

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// KeyKind chooses the kind of key of a certificate.
type KeyKind int

// Kinds of keys. ECDSA is P-256 and takes microseconds to make; RSA has 2048 bits.
const (
	ECDSA KeyKind = iota
	RSA
)

// CA is a certificate authority that signs leaves.
type CA struct {
	Cert *x509.Certificate
	Key  crypto.Signer
	// CertPEM is the CA certificate as it is imported into a trust store.
	CertPEM []byte
}

// Pair is a certificate with its key, PEM encoded.
type Pair struct {
	Cert    *x509.Certificate
	CertPEM []byte
	KeyPEM  []byte
}

// Leaf says what a leaf certificate shall hold. The zero value is a valid certificate for 127.0.0.1 and ::1.
type Leaf struct {
	Key        KeyKind
	CommonName string
	// DNS, IPs and URIs fill subjectAltName. When all three are empty the loopback addresses are taken.
	DNS  []string
	IPs  []string
	URIs []string
	// NoSAN leaves subjectAltName out, so that only CommonName names the peer.
	NoSAN bool
	// NotBefore and NotAfter default to an hour ago and a day from now.
	NotBefore, NotAfter time.Time
	// Usage defaults to serverAuth and clientAuth.
	Usage []x509.ExtKeyUsage
}

// NewCA makes a self-signed authority named cn, valid for ten years around now so that a test may move its clock.
func NewCA(cn string, kind KeyKind) (*CA, error) {
	key, err := newKey(kind)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: cn},
		NotBefore:             now.AddDate(-5, 0, 0),
		NotAfter:              now.AddDate(5, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("testcert: create CA: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("testcert: parse CA: %w", err)
	}
	return &CA{Cert: cert, Key: key, CertPEM: pemCert(der)}, nil
}

// Issue signs a leaf certificate.
func (ca *CA) Issue(l Leaf) (*Pair, error) {
	key, err := newKey(l.Key)
	if err != nil {
		return nil, err
	}
	tmpl, err := l.template()
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, ca.Cert, key.Public(), ca.Key)
	if err != nil {
		return nil, fmt.Errorf("testcert: create leaf: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("testcert: parse leaf: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("testcert: encode key: %w", err)
	}
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	return &Pair{Cert: cert, CertPEM: pemCert(der), KeyPEM: keyPEM}, nil
}

// Expired is the leaf l with a validity that ended an hour ago.
func Expired(l Leaf) Leaf {
	l.NotBefore, l.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-time.Hour)
	return l
}

// NotYetValid is the leaf l with a validity that begins in an hour.
func NotYetValid(l Leaf) Leaf {
	l.NotBefore, l.NotAfter = time.Now().Add(time.Hour), time.Now().Add(48*time.Hour)
	return l
}

// Pool is a trust store that holds the authority alone.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.Cert)
	return pool
}

// TLS is the pair in the form that crypto/tls takes.
func (p *Pair) TLS() (tls.Certificate, error) {
	return tls.X509KeyPair(p.CertPEM, p.KeyPEM)
}

func (l Leaf) template() (*x509.Certificate, error) {
	tmpl := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: l.CommonName},
		NotBefore:    l.NotBefore,
		NotAfter:     l.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  l.Usage,
	}
	if tmpl.NotBefore.IsZero() {
		tmpl.NotBefore = time.Now().Add(-time.Hour)
	}
	if tmpl.NotAfter.IsZero() {
		tmpl.NotAfter = time.Now().Add(24 * time.Hour)
	}
	if tmpl.ExtKeyUsage == nil {
		tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	}
	if l.NoSAN {
		return tmpl, nil
	}
	ips := l.IPs
	if len(l.DNS)+len(l.IPs)+len(l.URIs) == 0 {
		ips = []string{"127.0.0.1", "::1"}
	}
	tmpl.DNSNames = l.DNS
	for _, s := range ips {
		ip := net.ParseIP(s)
		if ip == nil {
			return nil, fmt.Errorf("testcert: %q is no IP address", s)
		}
		tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
	}
	for _, s := range l.URIs {
		u, err := url.Parse(s)
		if err != nil {
			return nil, fmt.Errorf("testcert: URI name: %w", err)
		}
		tmpl.URIs = append(tmpl.URIs, u)
	}
	return tmpl, nil
}

func newKey(kind KeyKind) (crypto.Signer, error) {
	if kind == RSA {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return big.NewInt(time.Now().UnixNano())
	}
	return n
}

func pemCert(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
