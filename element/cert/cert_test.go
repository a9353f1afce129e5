package cert

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mibgate/mib"
	"mibgate/testdata/testcert"
)

func TestImportHost(t *testing.T) {
	f := start(t)
	p := f.issue(testcert.Leaf{CommonName: "gw1.example.test", DNS: []string{"gw1.example.test"}, NotAfter: f.clock.Now().Add(90*day + time.Hour)})
	f.MustSet(host("gw1", p)...)
	for column, want := range map[string]string{
		"IssuedTo": "gw1.example.test", "IssuedBy": "test CA", "Usage": "TlsClient, TlsServer", "KeyType": "ECDSA P-256",
		"DaysToExpiry": "90", "State": "Valid", "RowStatus": "Active", "PrivateKey": "",
		"Certificate": string(p.CertPEM), "ValidTo": p.Cert.NotAfter.In(time.FixedZone("CET", 3600)).Format(time.RFC3339),
	} {
		got := f.Get(`Cert.HostCertificatesInfo[FileName="gw1"].` + column)
		if got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if got := f.Get(`Cert.HostCertificatesInfo[FileName="gw1"].PrivateKeyFingerprint`); len(got) < 16 {
		t.Errorf("the key's fingerprint is %q", got)
	}
	if got := len(f.Get(`Cert.HostCertificatesInfo[FileName="gw1"].Sha256Fingerprint`)); got != 95 {
		t.Errorf("the certificate's fingerprint has %d characters", got)
	}
	if got := f.Get(`Cert.HostCertificateAssociation[FileName="gw1"].Sip`); got != "Enable" {
		t.Errorf("the association is %s", got)
	}
	f.MustSet(`Cert.HostCertificatesInfo[FileName="gw1"].Delete=10`)
	for _, column := range []string{"Cert.HostCertificatesInfo.FileName", "Cert.HostCertificateAssociation.FileName"} {
		if got := f.Column(column); len(got) != 0 {
			t.Errorf("%s is %q after the deletion", column, got)
		}
	}
}

// TestNormalForm: whatever the file looked like, the same certificate is stored
// as the same text, and a key never stays where it can be read.
func TestNormalForm(t *testing.T) {
	f := start(t)
	p := f.issue(testcert.Leaf{CommonName: "gw"})
	chain := "subject=gw\r\n" + strings.ReplaceAll(string(p.CertPEM), "\n", "\r\n")
	all := string(f.ca.CertPEM) + string(p.KeyPEM) + chain
	f.MustSet(`Cert.HostCertificatesInfo[FileName="a"].Certificate=` + mib.Quote(all))
	want := string(p.CertPEM) + string(f.ca.CertPEM)
	if got := f.Get(`Cert.HostCertificatesInfo[FileName="a"].Certificate`); got != want {
		t.Errorf("stored is\n%s\nwant leaf first and no key", got)
	}
	f.MustSet(host("b", p)...)
	fingerprints := f.Column("Cert.HostCertificatesInfo.PrivateKeyFingerprint")
	if fingerprints[0] != fingerprints[1] || fingerprints[0] == "" {
		t.Errorf("fingerprints of one key differ: %q", fingerprints)
	}
	f.MustSet(other("peer", append(append([]byte{}, p.KeyPEM...), p.CertPEM...)))
	if got := f.Get(`Cert.OthersCertificatesInfo[FileName="peer"].Certificate`); got != string(p.CertPEM) {
		t.Errorf("an other certificate with a key is stored as\n%s", got)
	}
	b, err := os.ReadFile(filepath.Join(f.Store.Dir(), "config"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(p.KeyPEM)
	if body := strings.Split(string(p.KeyPEM), "\n")[1]; strings.Contains(string(b), body) || strings.Contains(string(b), string(block.Bytes)) {
		t.Error("the private key is on disk in clear")
	}
}

func TestValidate(t *testing.T) {
	f := start(t)
	p, q := f.issue(testcert.Leaf{}), f.issue(testcert.Leaf{})
	f.MustSet(host("good", p)...)
	const row = `Cert.HostCertificatesInfo[FileName="x"].`
	const trusted = `Cert.OthersCertificatesInfo[FileName="x"].`
	tests := []struct {
		name  string
		lines []string
		kind  error
		at    string // the cell that the error names
	}{
		{"no key", []string{row + "Certificate=" + mib.Quote(string(p.CertPEM))}, mib.ErrInconsistent, row + "PrivateKey"},
		{"another's key", []string{row + "Certificate=" + mib.Quote(string(p.CertPEM)), row + "PrivateKey=" + mib.Quote(string(q.KeyPEM))}, mib.ErrInconsistent, row + "PrivateKey"},
		{"no certificate", []string{row + "PrivateKey=" + mib.Quote(string(p.KeyPEM))}, mib.ErrInconsistent, row + "Certificate"},
		{"empty row", []string{row + "RowStatus=4"}, mib.ErrInconsistent, row + "Certificate"},
		{"garbage", []string{row + `Certificate="garbage"`, row + `PrivateKey="garbage"`}, mib.ErrWrongValue, row + "Certificate"},
		{"key taken away", []string{`Cert.HostCertificatesInfo[FileName="good"].PrivateKey=""`}, mib.ErrInconsistent, `Cert.HostCertificatesInfo[FileName="good"].PrivateKey`},
		{"two keys", []string{row + "Certificate=" + mib.Quote(string(p.CertPEM)+string(p.KeyPEM)), row + "PrivateKey=" + mib.Quote(string(q.KeyPEM))}, mib.ErrWrongValue, row + "Certificate"},
		{"key in the open", []string{row + "RowStatus=5", row + "Certificate=" + mib.Quote("broken"+string(p.KeyPEM))}, mib.ErrWrongValue, row + "Certificate"},
		{"other: empty", []string{trusted + "RowStatus=4"}, mib.ErrInconsistent, trusted + "Certificate"},
		{"other: garbage", []string{trusted + `Certificate="garbage"`}, mib.ErrWrongValue, trusted + "Certificate"},
		{"other: key alone", []string{trusted + "Certificate=" + mib.Quote(string(p.KeyPEM))}, mib.ErrWrongValue, trusted + "Certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := f.Store.Current()
			err := f.Set(tt.lines...)
			var e *mib.Error
			if !errors.As(err, &e) || !errors.Is(err, tt.kind) {
				t.Fatalf("%v, want %v", err, tt.kind)
			}
			if e.Path != tt.at {
				t.Errorf("the error names %s, want %s", e.Path, tt.at)
			}
			if f.Store.Current() != before {
				t.Error("a refused change took effect")
			}
			if body := strings.Split(string(q.KeyPEM), "\n")[1]; strings.Contains(err.Error(), body) {
				t.Error("the error shows the key")
			}
		})
	}
}

// TestRowStatus: an NMS that cannot send certificate and key in one packet.
func TestRowStatus(t *testing.T) {
	f := start(t)
	p := f.issue(testcert.Leaf{CommonName: "slow"})
	const row = `Cert.HostCertificatesInfo[FileName="slow"].`
	state := func(want string) {
		t.Helper()
		if got := f.Get(row + "State"); got != want {
			t.Errorf("State is %s, want %s", got, want)
		}
	}
	f.MustSet(row + `RowStatus="CreateAndWait"`)
	state("Unusable")
	f.MustSet(host("slow", p)[0])
	state("NoPrivateKey")
	if err := f.Set(row + `RowStatus="Active"`); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("activation without key: %v", err)
	}
	f.MustSet(row + `PrivateKey="nonsense"`)
	state("Unusable")
	f.MustSet(host("slow", p)[1])
	state("Valid")
	if got := f.cert.HostCertificates(f.Store.Current(), ServiceSip); len(got) != 0 {
		t.Error("a row that is not in service is presented")
	}
	f.MustSet(row + `RowStatus="Active"`)
	if got := f.cert.HostCertificates(f.Store.Current(), ServiceSip); len(got) != 1 {
		t.Errorf("%d certificates are presented, want 1", len(got))
	}
	f.MustSet(row + `RowStatus="Destroy"`)
	if got := f.Column("Cert.HostCertificateAssociation.FileName"); len(got) != 0 {
		t.Errorf("associations %q are left", got)
	}
}

func TestStateByTheElementsClock(t *testing.T) {
	f := start(t)
	p := f.issue(testcert.Leaf{NotBefore: f.clock.Now(), NotAfter: f.clock.Now().Add(10 * day)})
	f.MustSet(append(host("h", p), other("o", p.CertPEM))...)
	tests := []struct {
		name  string
		at    time.Time
		state string
		days  string
	}{
		{"before", p.Cert.NotBefore.Add(-time.Second), "NotYetValid", "10"},
		{"first second", p.Cert.NotBefore, "Valid", "10"},
		{"last second", p.Cert.NotAfter, "Valid", "0"},
		{"after", p.Cert.NotAfter.Add(time.Second), "Expired", "-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f.clock.set(tt.at)
			for _, row := range []string{`Cert.HostCertificatesInfo[FileName="h"].`, `Cert.OthersCertificatesInfo[FileName="o"].`} {
				if state, days := f.Get(row+"State"), f.Get(row+"DaysToExpiry"); state != tt.state || days != tt.days {
					t.Errorf("%s is %s with %s days, want %s with %s", row, state, days, tt.state, tt.days)
				}
			}
		})
	}
}

func TestTrust(t *testing.T) {
	f := start(t)
	leaf := f.issue(testcert.Leaf{CommonName: "not an authority"})
	f.MustSet(other("root", f.ca.CertPEM), other("leaf", leaf.CertPEM))
	snap := f.Store.Current()
	verify := func(c mib.Configs) error {
		_, err := leaf.Cert.Verify(x509.VerifyOptions{Roots: f.cert.Roots(c), CurrentTime: f.clock.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		return err
	}
	if err := verify(snap); err != nil {
		t.Errorf("not trusted: %v", err)
	}
	if got := f.cert.Intermediates(snap); len(got) != 1 || !got[0].Equal(leaf.Cert) {
		t.Errorf("%d intermediates", len(got))
	}
	if f.cert.Roots(snap) != f.cert.Roots(f.Store.Current()) {
		t.Error("the pool is made again for the same configuration")
	}
	for column, want := range map[string]string{"root": "Yes", "leaf": "No"} {
		if got := f.Get(`Cert.OthersCertificatesInfo[FileName="` + column + `"].CertificateAuthority`); got != want {
			t.Errorf("CertificateAuthority of %s is %s", column, got)
		}
	}
	f.MustSet(`Cert.OthersCertificatesInfo[FileName="root"].RowStatus="NotInService"`)
	if err := verify(f.Store.Current()); err == nil {
		t.Error("a row that is not in service is trusted")
	}
	if err := verify(snap); err != nil {
		t.Errorf("the old snapshot changed: %v", err)
	}
}

func TestHostCertificates(t *testing.T) {
	f := start(t)
	expired := f.issue(testcert.Expired(testcert.Leaf{CommonName: "old"}))
	valid := f.issue(testcert.Leaf{CommonName: "new"})
	f.MustSet(append(host("a", expired), host("b", valid)...)...)
	names := func() string {
		var out []string
		for _, c := range f.cert.HostCertificates(f.Store.Current(), ServiceSip) {
			out = append(out, c.Leaf.Subject.CommonName)
		}
		return strings.Join(out, " ")
	}
	if got := names(); got != "new old" {
		t.Errorf("presented are %q, want the valid one first", got)
	}
	f.MustSet(`Cert.HostCertificateAssociation[FileName="a"].Sip="Disable"`)
	if got := names(); got != "new" {
		t.Errorf("presented are %q, want the associated one", got)
	}
	if got := f.cert.HostCertificates(f.Store.Current(), "Web"); len(got) != 0 {
		t.Errorf("%d certificates for a service without column", len(got))
	}
	f.MustSet(host("b", f.issue(testcert.Leaf{CommonName: "newer"}))...)
	if got := names(); got != "newer" {
		t.Errorf("presented are %q after the swap", got)
	}
}

// TestAssociationInOneTransaction: a script may switch an association in the
// transaction that imports the certificate.
func TestAssociationInOneTransaction(t *testing.T) {
	f := start(t)
	f.MustSet(append(host("x", f.issue(testcert.Leaf{})), `Cert.HostCertificateAssociation[FileName="x"].Sip="Disable"`)...)
	if got := f.Get(`Cert.HostCertificateAssociation[FileName="x"].Sip`); got != "Disable" {
		t.Errorf("the association is %s", got)
	}
	if err := f.Set(`Cert.HostCertificateAssociation[FileName="y"].Sip="Disable"`); !errors.Is(err, mib.ErrNoCreation) {
		t.Errorf("an association of nothing: %v", err)
	}
}

// TestNextHandshake: a server that asks for every handshake presents what is
// configured at that moment.
func TestNextHandshake(t *testing.T) {
	f := start(t)
	f.MustSet(append(host("gw", f.issue(testcert.Leaf{CommonName: "first"})), other("ca", f.ca.CertPEM))...)
	server := &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: f.cert.HostCertificates(f.Store.Current(), ServiceSip)}, nil
	}}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	dial := func() string {
		t.Helper()
		c, err := tls.Dial("tcp", ln.Addr().String(), &tls.Config{RootCAs: f.cert.Roots(f.Store.Current())})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	if got := dial(); got != "first" {
		t.Errorf("presented is %q", got)
	}
	f.MustSet(host("gw", f.issue(testcert.Leaf{CommonName: "second"}))...)
	if got := dial(); got != "second" {
		t.Errorf("presented after the swap is %q", got)
	}
}

func TestCacheIsBounded(t *testing.T) {
	var c cache
	for i := range 3 * maxParsed {
		text := strings.Repeat("x", i)
		c.host(text, "")
		c.other(text)
	}
	if len(c.hosts) > maxParsed || len(c.others) > maxParsed {
		t.Errorf("%d and %d texts are kept, at most %d", len(c.hosts), len(c.others), maxParsed)
	}
	if p := c.host("", ""); p.usable() || p.err == nil {
		t.Error("nothing is usable")
	}
}

var _ Clock = (*testClock)(nil)

func TestRowsAreBounded(t *testing.T) {
	f := start(t)
	for table, most := range map[string]int{"HostCertificatesInfo": MaxHostCertificates, "OthersCertificatesInfo": MaxOtherCertificates} {
		var lines []string
		for i := range most {
			lines = append(lines, fmt.Sprintf(`Cert.%s[FileName="c%d"].RowStatus="CreateAndWait"`, table, i))
		}
		f.MustSet(lines...)
		err := f.Set(fmt.Sprintf(`Cert.%s[FileName="more"].RowStatus="CreateAndWait"`, table))
		if !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "full") {
			t.Errorf("%s: one row too many: %v", table, err)
		}
	}
}
