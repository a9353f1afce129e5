package certfile

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"mibgate/testdata/testcert"
)

func TestDescribe(t *testing.T) {
	m := newMaterial(t)
	leaf := Describe(m.leaf.Cert)
	want := Info{IssuedTo: "leaf", IssuedBy: "Root", NotBefore: m.leaf.Cert.NotBefore, NotAfter: m.leaf.Cert.NotAfter,
		Usage: "TlsClient, TlsServer", Serial: m.leaf.Cert.SerialNumber.Text(16), KeyType: "ECDSA P-256", Fingerprint: leaf.Fingerprint}
	if leaf != want {
		t.Errorf("\n got %+v\nwant %+v", leaf, want)
	}
	if !regexp.MustCompile(`^([0-9A-F]{2}:){31}[0-9A-F]{2}$`).MatchString(leaf.Fingerprint) {
		t.Errorf("fingerprint %q", leaf.Fingerprint)
	}
	if root := Describe(m.root.Cert); !root.IsCA || root.IssuedTo != "Root" || root.Usage != "TlsClient, TlsServer" {
		t.Errorf("root %+v", root)
	}
	if got := Describe(m.rsa.Cert).KeyType; got != "RSA 2048" {
		t.Errorf("key %q", got)
	}
}

func TestUsage(t *testing.T) {
	tests := []struct {
		name    string
		usages  []x509.ExtKeyUsage
		unknown []asn1.ObjectIdentifier
		want    string
	}{
		{"no restriction", nil, nil, "TlsClient, TlsServer"},
		{"any", []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, nil, "TlsClient, TlsServer"},
		{"client", []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, nil, "TlsClient"},
		{"server", []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageServerAuth}, nil, "TlsServer"},
		{"neither", []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, nil, ""},
		{"only one nobody knows", nil, []asn1.ObjectIdentifier{{1, 2, 3}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := usage(&x509.Certificate{ExtKeyUsage: tt.usages, UnknownExtKeyUsage: tt.unknown}); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestIssuedTo(t *testing.T) {
	uri, err := url.Parse("sip:gw@example.test")
	if err != nil {
		t.Fatal(err)
	}
	m := newMaterial(t)
	address, err := m.root.Issue(testcert.Leaf{IPs: []string{"192.0.2.1"}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		cert *x509.Certificate
		want string
	}{
		{"common name", &x509.Certificate{Subject: pkix.Name{CommonName: "cn"}, DNSNames: []string{"dns"}}, "cn"},
		{"DNS name", &x509.Certificate{DNSNames: []string{"dns"}}, "dns"},
		{"address", address.Cert, "192.0.2.1"},
		{"URI", &x509.Certificate{URIs: []*url.URL{uri}}, "sip:gw@example.test"},
		{"subject", &x509.Certificate{Subject: pkix.Name{Organization: []string{"org"}}}, "O=org"},
		{"nothing", &x509.Certificate{}, ""},
		{"control characters", &x509.Certificate{Subject: pkix.Name{CommonName: "a\x1b\n\u202eb\xff"}}, "a???b?"},
		{"long", &x509.Certificate{Subject: pkix.Name{CommonName: strings.Repeat("ü", 200)}}, strings.Repeat("ü", 127)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := issuedTo(tt.cert); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestLongSerial(t *testing.T) {
	m := newMaterial(t)
	cert := *m.leaf.Cert
	cert.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 400)
	if got := Describe(&cert).Serial; len(got) != 64 {
		t.Errorf("serial of %d digits", len(got))
	}
}

func TestDays(t *testing.T) {
	end := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for before, want := range map[time.Duration]int{
		0: 0, time.Hour: 0, 24 * time.Hour: 1, 47 * time.Hour: 1, -time.Second: -1, -25 * time.Hour: -2,
	} {
		if got := (Info{NotAfter: end}).Days(end.Add(-before)); got != want {
			t.Errorf("%s before the end: %d days, want %d", before, got, want)
		}
	}
}
