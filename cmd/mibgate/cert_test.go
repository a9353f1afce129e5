package main

import (
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"mibgate/testdata/testcert"
)

// made is a CA and a certificate of it, in PEM.
func made(t *testing.T, cn string) (ca *testcert.CA, pair *testcert.Pair) {
	t.Helper()
	ca, err := testcert.NewCA("CA of "+cn, testcert.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	if pair, err = ca.Issue(testcert.Leaf{CommonName: cn, DNS: []string{cn}}); err != nil {
		t.Fatal(err)
	}
	return ca, pair
}

func TestCertImport(t *testing.T) {
	dir := folder(t)
	p := start(t, dir)
	ca, pair := made(t, "one.test")
	caFile := file(t, "ca.pem", string(ca.CertPEM))
	both := file(t, "host.pem", string(pair.KeyPEM)+string(pair.CertPEM))
	block, _ := pem.Decode(pair.CertPEM)
	der, key := file(t, "host.der", string(block.Bytes)), file(t, "host.key", string(pair.KeyPEM))

	must(t, "cert", "import", "--data", dir, "--type", "other", caFile)
	if got := p.get(`Cert.OthersCertificatesInfo[FileName="ca.pem"].IssuedTo`); !strings.Contains(got, "CA of one.test") {
		t.Errorf("the CA is issued to %q", got)
	}
	must(t, "cert", "import", "--data", dir, "--type", "host", "--name", "unit", both)
	fingerprint := p.get(`Cert.HostCertificatesInfo[FileName="unit"].Sha256Fingerprint`)
	must(t, "cert", "import", "--data", dir, "--type", "host", "--name", "der", "--key", key, der)
	if got := p.get(`Cert.HostCertificatesInfo[FileName="der"].Sha256Fingerprint`); got == "" || got != fingerprint {
		t.Errorf("from DER the fingerprint is %q, from PEM %q", got, fingerprint)
	}
	if walk := must(t, "walk", "--data", dir, "Cert"); strings.Contains(walk, "PRIVATE KEY") {
		t.Error("a walk shows a private key")
	}

	_, next := made(t, "two.test")
	must(t, "cert", "import", "--data", dir, "--type", "host", "--name", "unit", file(t, "x", string(next.CertPEM)+string(next.KeyPEM)))
	if got := p.get(`Cert.HostCertificatesInfo[FileName="unit"].IssuedTo`); !strings.Contains(got, "two.test") {
		t.Errorf("after the second import the certificate is issued to %q", got)
	}
	p.stop()
	p = start(t, dir)
	if got := p.get(`Cert.HostCertificatesInfo[FileName="unit"].IssuedTo`); !strings.Contains(got, "two.test") {
		t.Errorf("after a restart the certificate is issued to %q", got)
	}
}

func TestRefusedCertImport(t *testing.T) {
	dir := folder(t)
	start(t, dir)
	_, one := made(t, "one.test")
	_, two := made(t, "two.test")
	cert, key := file(t, "cert.pem", string(one.CertPEM)), file(t, "key.pem", string(two.KeyPEM))
	both := file(t, "both.pem", string(one.CertPEM)+string(one.KeyPEM))
	before := must(t, "walk", "--data", dir, "Cert")
	for name, tt := range map[string]struct {
		code  int
		args  []string
		words string
	}{
		"no type":           {2, []string{cert}, "type"},
		"unknown type":      {2, []string{"--type", "client", cert}, "client"},
		"no file":           {2, []string{"--type", "host", "/none/x.pem"}, "/none/x.pem"},
		"no certificate":    {1, []string{"--type", "other", file(t, "noise", "noise")}, "noise"},
		"foreign key":       {1, []string{"--type", "host", "--key", key, cert}, "key"},
		"host without key":  {1, []string{"--type", "host", cert}, "cert.pem holds no private key: give it with --key FILE"},
		"other with key":    {2, []string{"--type", "other", both}, "private key"},
		"name that is long": {1, []string{"--type", "other", "--name", strings.Repeat("n", 300), cert}, "FileName"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, tt.code, append([]string{"cert", "import", "--data", dir}, tt.args...), tt.words)
		})
	}
	if after := must(t, "walk", "--data", dir, "Cert"); after != before {
		t.Errorf("refused imports have changed something:\n%s", after)
	}
	refused(t, 1, []string{"cert", "import", "--data", filepath.Join(dir, "none"), "--type", "other", cert}, "none")
}
