package certfile

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// openssl runs somebody else's code in a folder and gives back the file it was to write.
func openssl(t *testing.T, dir, file string, args ...string) []byte {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatal("openssl is not installed (see .ci/packages)")
		}
		t.Skip("openssl is not installed")
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every form in which openssl writes certificates and keys is either read or refused with the reason.
func TestOpenSSL(t *testing.T) {
	dir := t.TempDir()
	run := func(file string, args ...string) []byte { return openssl(t, dir, file, args...) }
	run("rsa.pem", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem")
	cert := run("rsa.crt", "req", "-x509", "-key", "rsa.pem", "-subj", "/CN=rsa", "-days", "2", "-out", "rsa.crt")
	run("ec.pem", "ecparam", "-name", "secp384r1", "-genkey", "-out", "ec.pem")
	run("ec.crt", "req", "-x509", "-key", "ec.pem", "-subj", "/CN=ec", "-days", "2", "-out", "ec.crt")
	pass := []string{"-passout", "pass:secret"}
	tests := []struct {
		name, cert string
		key        []byte
		err        error
	}{
		{"PKCS #8", "rsa.crt", run("rsa.pem", "version"), nil},
		{"PKCS #1", "rsa.crt", run("a", "rsa", "-in", "rsa.pem", "-traditional", "-out", "a"), nil},
		{"PKCS #1 DER", "rsa.crt", run("b", "rsa", "-in", "rsa.pem", "-traditional", "-outform", "DER", "-out", "b"), nil},
		{"PKCS #8 DER", "rsa.crt", run("c", "pkcs8", "-topk8", "-nocrypt", "-in", "rsa.pem", "-outform", "DER", "-out", "c"), nil},
		{"SEC 1 with parameters", "ec.crt", run("ec.pem", "version"), nil},
		{"SEC 1 DER", "ec.crt", run("d", "ec", "-in", "ec.pem", "-outform", "DER", "-out", "d"), nil},
		{"PKCS #8 of EC", "ec.crt", run("e", "pkcs8", "-topk8", "-nocrypt", "-in", "ec.pem", "-out", "e"), nil},
		{"encrypted", "rsa.crt", run("f", append([]string{"pkcs8", "-topk8", "-in", "rsa.pem", "-out", "f"}, pass...)...), ErrEncryptedKey},
		{"encrypted DER", "rsa.crt", run("g", append([]string{"pkcs8", "-topk8", "-in", "rsa.pem", "-outform", "DER", "-out", "g"}, pass...)...), ErrEncryptedKey},
		{"encrypted, old form", "rsa.crt", run("h", append([]string{"rsa", "-aes128", "-in", "rsa.pem", "-traditional", "-out", "h"}, pass...)...), ErrEncryptedKey},
		{"PKCS #12", "rsa.crt", run("i", append([]string{"pkcs12", "-export", "-in", "rsa.crt", "-inkey", "rsa.pem", "-out", "i"}, pass...)...), ErrPKCS12},
		{"another key", "ec.crt", run("rsa.pem", "version"), ErrKeyMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := ParsePair(run(tt.cert, "version"), tt.key)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if err := os.WriteFile(filepath.Join(dir, "normal"), f.KeyPEM(), 0o600); err != nil {
				t.Fatal(err)
			}
			run("normal", "pkey", "-in", "normal", "-check", "-noout")
		})
	}
	der := run("rsa.der", "x509", "-in", "rsa.crt", "-outform", "DER", "-out", "rsa.der")
	f, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if string(f.CertificatesPEM()) != string(cert) {
		t.Error("PEM out of DER is not the one of openssl")
	}
	if _, err := Parse(run("i", "version")); !errors.Is(err, ErrPKCS12) {
		t.Errorf("PKCS #12 as certificate: %v", err)
	}
}

func TestChainWithIntermediate(t *testing.T) {
	dir := t.TempDir()
	run := func(file string, args ...string) []byte { return openssl(t, dir, file, args...) }
	newCert := func(name, signer, constraint string) []byte {
		args := []string{"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
			"-keyout", name + ".key", "-out", name + ".crt", "-days", "2", "-addext", "basicConstraints=critical," + constraint}
		if signer != "" {
			args = append(args, "-CA", signer+".crt", "-CAkey", signer+".key")
		}
		return run(name+".crt", args...)
	}
	root := newCert("root", "", "CA:TRUE")
	one := newCert("one", "root", "CA:TRUE")
	two := newCert("two", "one", "CA:TRUE")
	leaf := newCert("leaf", "two", "CA:FALSE")
	stray := newCert("stray", "", "CA:TRUE")
	f, err := ParsePair(join(root, one, stray, two, leaf), run("leaf.key", "version"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"leaf", "two", "one"}
	got := names(f.Chain())
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("chain %q, want %q", got, want)
	}
	if pair, err := f.TLS(); err != nil || len(pair.Certificate) != 3 {
		t.Errorf("%d certificates for TLS, %v", len(pair.Certificate), err)
	}
}
