package testcert

import (
	"crypto/x509"
	"testing"
	"time"
)

func TestIssue(t *testing.T) {
	ca, err := NewCA("test CA", ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		leaf   Leaf
		host   string
		wantOK bool
	}{
		{"loopback by default", Leaf{}, "127.0.0.1", true},
		{"RSA", Leaf{Key: RSA}, "127.0.0.1", true},
		{"DNS name", Leaf{DNS: []string{"sip.example.test"}}, "sip.example.test", true},
		{"wrong name", Leaf{DNS: []string{"other.example.test"}}, "sip.example.test", false},
		{"common name only", Leaf{NoSAN: true, CommonName: "127.0.0.1"}, "127.0.0.1", false},
		{"expired", Expired(Leaf{}), "127.0.0.1", false},
		{"not yet valid", NotYetValid(Leaf{}), "127.0.0.1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ca.Issue(tt.leaf)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.TLS(); err != nil {
				t.Fatal(err)
			}
			_, err = p.Cert.Verify(x509.VerifyOptions{Roots: ca.Pool(), DNSName: tt.host, CurrentTime: time.Now()})
			if (err == nil) != tt.wantOK {
				t.Errorf("Verify: %v, want ok %v", err, tt.wantOK)
			}
		})
	}
}

func TestIssueRefusesBadNames(t *testing.T) {
	ca, err := NewCA("test CA", ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ca.Issue(Leaf{IPs: []string{"not an address"}}); err == nil {
		t.Error("a bad IP address was accepted")
	}
	if _, err := ca.Issue(Leaf{URIs: []string{"http://[::1"}}); err == nil {
		t.Error("a bad URI was accepted")
	}
}
