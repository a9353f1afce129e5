package siptls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"mibgate/testdata/testcert"
)

// intermediate makes an authority that root vouches for.
func intermediate(t *testing.T, root *testcert.CA) *testcert.CA {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "intermediate"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, root.Cert, key.Public(), root.Key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &testcert.CA{Cert: cert, Key: key}
}

// TestIntermediateThatWeHold: a server that leaves an intermediate out is
// trusted when we hold it, and it is no trust anchor by itself.
func TestIntermediateThatWeHold(t *testing.T) {
	root := newCA(t)
	middle := intermediate(t, root)
	server := Server(func() (Settings, error) {
		return Settings{Certificates: []tls.Certificate{issue(t, middle, testcert.Leaf{})}}, nil
	})
	tests := []struct {
		name string
		s    Settings
		want Reason
	}{
		{"not held", Settings{Roots: root.Pool()}, ReasonUntrusted},
		{"held", Settings{Roots: root.Pool(), Intermediates: []*x509.Certificate{middle.Cert}}, 0},
		{"held without the anchor", Settings{Intermediates: []*x509.Certificate{middle.Cert}}, ReasonUntrusted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.s.Level = HostName
			err := handshake(t, tt.s.Client(Reference{Host: "127.0.0.1"}, nil), server)
			if got, _ := Classify(err); err != nil && got != tt.want || err == nil && tt.want != 0 {
				t.Errorf("%v, want reason %v", err, tt.want)
			}
		})
	}
}
