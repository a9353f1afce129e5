package certfile

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"

	"mibgate/testdata/testcert"
)

// material is a root, an intermediate made by hand, and leaves.
type material struct {
	root, other *testcert.CA
	leaf, rsa   *testcert.Pair
}

func newMaterial(t testing.TB) material {
	t.Helper()
	var m material
	var err error
	must := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	m.root, err = testcert.NewCA("Root", testcert.ECDSA)
	must()
	m.other, err = testcert.NewCA("Other", testcert.ECDSA)
	must()
	m.leaf, err = m.root.Issue(testcert.Leaf{CommonName: "leaf"})
	must()
	m.rsa, err = m.root.Issue(testcert.Leaf{CommonName: "rsa", Key: testcert.RSA})
	must()
	return m
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func names(certs []*x509.Certificate) []string {
	var out []string
	for _, c := range certs {
		out = append(out, c.Subject.CommonName)
	}
	return out
}

func TestParse(t *testing.T) {
	m := newMaterial(t)
	text := []byte("Bag Attributes\n    friendlyName: leaf\n")
	tests := []struct {
		name  string
		data  []byte
		certs []string
		key   bool
	}{
		{"one certificate", m.leaf.CertPEM, []string{"leaf"}, false},
		{"DER", m.leaf.Cert.Raw, []string{"leaf"}, false},
		{"CRLF line ends", bytes.ReplaceAll(m.leaf.CertPEM, []byte("\n"), []byte("\r\n")), []string{"leaf"}, false},
		{"text around", join(text, m.leaf.CertPEM, text), []string{"leaf"}, false},
		{"chain, root first", join(m.root.CertPEM, m.leaf.CertPEM), []string{"Root", "leaf"}, false},
		{"several anchors", join(m.root.CertPEM, m.other.CertPEM), []string{"Root", "Other"}, false},
		{"repeated", join(m.root.CertPEM, m.root.CertPEM), []string{"Root"}, false},
		{"with key", join(m.leaf.CertPEM, m.leaf.KeyPEM), []string{"leaf"}, true},
		{"key first, leaf last", join(m.leaf.KeyPEM, m.root.CertPEM, m.other.CertPEM, m.leaf.CertPEM), []string{"leaf", "Root", "Other"}, true},
		{"RSA", join(m.rsa.CertPEM, m.rsa.KeyPEM), []string{"rsa"}, true},
		{"other blocks", join(pemOf("EC PARAMETERS", []byte{1}), m.leaf.CertPEM), []string{"leaf"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse(tt.data)
			if err != nil {
				t.Fatal(err)
			}
			if got := names(f.Certificates); !slices.Equal(got, tt.certs) {
				t.Errorf("certificates %q, want %q", got, tt.certs)
			}
			if (f.Key != nil) != tt.key || (f.KeyPEM() != nil) != tt.key {
				t.Errorf("key %v, want %v", f.Key != nil, tt.key)
			}
			again, err := Parse(join(f.CertificatesPEM(), f.KeyPEM()))
			if err != nil || !slices.Equal(names(again.Certificates), tt.certs) {
				t.Errorf("normal form reads as %q, %v", names(again.Certificates), err)
			}
		})
	}
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestParseErrors(t *testing.T) {
	m := newMaterial(t)
	var many [][]byte
	for range MaxCertificates + 1 {
		p, err := m.root.Issue(testcert.Leaf{})
		if err != nil {
			t.Fatal(err)
		}
		many = append(many, p.CertPEM)
	}
	long := strings.Repeat("x", 900)
	var big [][]byte
	for range MaxCertificates {
		p, err := m.root.Issue(testcert.Leaf{CommonName: long})
		if err != nil {
			t.Fatal(err)
		}
		big = append(big, p.CertPEM)
	}
	tests := []struct {
		name string
		data []byte
		err  error
	}{
		{"empty", nil, ErrFormat},
		{"text", []byte("hello"), ErrFormat},
		{"only a key", m.leaf.KeyPEM, ErrNoCertificate},
		{"key of another certificate", join(m.leaf.CertPEM, m.rsa.KeyPEM), ErrKeyMismatch},
		{"two keys", join(m.leaf.CertPEM, m.leaf.KeyPEM, m.rsa.KeyPEM), ErrSeveralKeys},
		{"large file", bytes.Repeat([]byte{' '}, MaxFile+1), ErrTooLarge},
		{"large in PEM", join(big...), ErrTooLarge},
		{"many certificates", join(many...), ErrTooMany},
		{"no block of ours", pemOf("CERTIFICATE REQUEST", []byte{1}), ErrFormat},
		{"openssl's trusted form", pemOf("TRUSTED CERTIFICATE", m.leaf.Cert.Raw), ErrFormat},
		{"truncated PEM", m.leaf.CertPEM[:len(m.leaf.CertPEM)-40], ErrFormat},
		{"broken key", join(m.leaf.CertPEM, pemOf("PRIVATE KEY", []byte("x"))), ErrFormat},
		{"OpenSSH key", join(m.leaf.CertPEM, pemOf("OPENSSH PRIVATE KEY", []byte("x"))), ErrFormat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse(tt.data); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
		})
	}
}

func TestBrokenCertificateIsNamed(t *testing.T) {
	m := newMaterial(t)
	_, err := Parse(join(m.root.CertPEM, pemOf("CERTIFICATE", []byte("junk"))))
	if err == nil || !strings.Contains(err.Error(), "PEM block 2") {
		t.Errorf("error %v does not say which block", err)
	}
}

func TestParsePair(t *testing.T) {
	m := newMaterial(t)
	f, err := ParsePair(join(m.root.CertPEM, m.leaf.CertPEM), m.leaf.KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	if f.Leaf().Subject.CommonName != "leaf" || f.Key == nil {
		t.Errorf("leaf %s, key %v", f.Leaf().Subject, f.Key != nil)
	}
	if _, err = ParsePair(join(m.leaf.CertPEM, m.leaf.KeyPEM), m.leaf.KeyPEM); err != nil {
		t.Errorf("the same key twice: %v", err)
	}
	for name, tt := range map[string]struct {
		cert, key []byte
		err       error
	}{
		"mismatch":         {m.leaf.CertPEM, m.rsa.KeyPEM, ErrKeyMismatch},
		"no certificate":   {m.leaf.KeyPEM, m.leaf.KeyPEM, ErrNoCertificate},
		"no key":           {m.leaf.CertPEM, m.leaf.CertPEM, ErrNoKey},
		"contradicts":      {join(m.leaf.CertPEM, m.rsa.KeyPEM), m.leaf.KeyPEM, ErrSeveralKeys},
		"not certificates": {nil, m.leaf.KeyPEM, ErrFormat},
	} {
		if _, err := ParsePair(tt.cert, tt.key); !errors.Is(err, tt.err) {
			t.Errorf("%s: error %v, want %v", name, err, tt.err)
		}
	}
}

func TestKinds(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		key any
		err error
	}{"Ed25519": {ed, nil}, "P-224": {p224, ErrUnsupportedKey}} {
		der, err := x509.MarshalPKCS8PrivateKey(tt.key)
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{der, pemOf("PRIVATE KEY", der)} {
			_, err := ParseKey(data)
			// In DER alone there is no telling what it was meant to be.
			if (err == nil) != (tt.err == nil) || err != nil && !errors.Is(err, tt.err) && !errors.Is(err, ErrFormat) {
				t.Errorf("%s: error %v, want %v", name, err, tt.err)
			}
		}
	}
}

// What crypto/tls is given makes a handshake that a client with the root alone accepts.
func TestTLS(t *testing.T) {
	m := newMaterial(t)
	f, err := Parse(join(m.root.CertPEM, m.leaf.KeyPEM, m.leaf.CertPEM))
	if err != nil {
		t.Fatal(err)
	}
	if got := names(f.Chain()); !slices.Equal(got, []string{"leaf"}) {
		t.Errorf("chain %q, want the leaf without the root", got)
	}
	pair, err := f.TLS()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	done := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			err = conn.(*tls.Conn).Handshake()
			conn.Close()
		}
		done <- err
	}()
	conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: m.root.Pool(), MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	f.Key = nil
	if _, err := f.TLS(); !errors.Is(err, ErrNoKey) {
		t.Errorf("without key: %v", err)
	}
}

// An error tells what is wrong and nothing of the key.
func TestErrorsHoldNoKey(t *testing.T) {
	m := newMaterial(t)
	block, _ := pem.Decode(m.leaf.KeyPEM)
	for cut := 1; cut < len(block.Bytes); cut++ {
		_, err := Parse(join(m.leaf.CertPEM, pemOf("PRIVATE KEY", block.Bytes[:cut])))
		if err == nil || !errors.Is(err, ErrFormat) || len(err.Error()) > 120 {
			t.Fatalf("%d octets of a key: %v", cut, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	m := newMaterial(f)
	f.Add(m.leaf.CertPEM)
	f.Add(m.leaf.Cert.Raw)
	f.Add(join(m.root.CertPEM, m.leaf.CertPEM, m.leaf.KeyPEM))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		if len(file.Certificates) == 0 || len(file.Certificates) > MaxCertificates || len(file.CertificatesPEM()) > MaxPEM {
			t.Fatalf("%d certificates", len(file.Certificates))
		}
		for _, c := range file.Certificates {
			info := Describe(c)
			if len(info.IssuedTo) > maxName || len(info.IssuedBy) > maxName || len(info.Serial) > 64 || len(info.Fingerprint) != 95 {
				t.Fatalf("info %+v", info)
			}
		}
		file.Chain()
		again, err := Parse(join(file.CertificatesPEM(), file.KeyPEM()))
		if err != nil || !slices.Equal(names(again.Certificates), names(file.Certificates)) {
			t.Fatalf("normal form: %v", err)
		}
	})
}
