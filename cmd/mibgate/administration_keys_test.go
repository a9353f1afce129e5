package main

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // of RFC 3414
	"crypto/sha1" //nolint:gosec // the same
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"mibgate/testdata/snmptrapd"
)

// TestLongKeys: net-snmp logs in with both ways to make a short key longer, and
// only with the one that is set.
func TestLongKeys(t *testing.T) {
	p, _, admin := administered(t, "")
	for _, auth := range []struct {
		label, tool string
		octets      int
	}{{"Md5", "MD5", 16}, {"Sha1", "SHA", 20}, {"Sha224", "SHA-224", 28}, {"Sha256", "SHA-256", 32}} {
		for _, priv := range []struct {
			label, tool, other string
			octets             int
		}{
			{"Aes192", "AES-192", "AES-192-C", 24}, {"Aes192Reeder", "AES-192-C", "AES-192", 24},
			{"Aes256", "AES-256", "AES-256-C", 32}, {"Aes256Reeder", "AES-256-C", "AES-256", 32},
		} {
			t.Run(auth.label+" "+priv.label, func(t *testing.T) {
				must(t, "set", "--data", p.dir, "Snmp.AuthProtocol="+auth.label, "Snmp.PrivProtocol="+priv.label)
				with := func(x string) netsnmp {
					n := admin.as("-v3", "-u", testUser, "-l", "authPriv", "-a", auth.tool, "-A", testPassword, "-x", x, "-X", testPassword)
					n.t = t
					return n
				}
				value := "by " + priv.tool
				if out := with(priv.tool).must("snmpset", locationOID, "s", value); !strings.Contains(out, value) {
					t.Errorf("SET answers %s", out)
				}
				out, err := with(priv.other).try("snmpget", "-t", "0.3", "-r", "0", locationOID)
				if short := auth.octets < priv.octets; (err != nil) != short {
					t.Errorf("with %s: %v\n%s", priv.other, err, out)
				}
			})
		}
	}
}

// hand are the keys of a user as RFC 3414 makes them, in code of the test's own.
type hand struct {
	hash   func() hash.Hash
	octets int  // of a privacy key
	reeder bool // how a key is made longer
	engine []byte
}

// digest is the hash of parts.
func (h hand) digest(parts ...[]byte) []byte {
	d := h.hash()
	for _, p := range parts {
		d.Write(p)
	}
	return d.Sum(nil)
}

// key is the localised key of a passphrase (RFC 3414 §A.2).
func (h hand) key(pass []byte) []byte {
	ku := h.digest(bytes.Repeat(pass, 1<<20/len(pass)+1)[:1<<20])
	return h.digest(ku, h.engine, ku)
}

// priv is the localised privacy key, made longer if it must be
// (draft-blumenthal-aes-usm §3.1.2.1, draft-reeder-snmpv3-usm-3desede §2.1).
func (h hand) priv(pass []byte) []byte {
	k := h.key(pass)
	for last := k; len(k) < h.octets; {
		if h.reeder {
			last = h.key(last)
		} else {
			last = h.digest(k)
		}
		k = append(k, last...)
	}
	return k[:h.octets]
}

// change is the value of TC KeyChange that makes one key another.
func (h hand) change(from, to, random []byte) []byte {
	out := bytes.Clone(random)
	for temp := from; len(to) > 0; {
		temp = h.digest(temp, random)
		n := min(len(temp), len(to))
		for i, b := range to[:n] {
			out = append(out, temp[i]^b)
		}
		to = to[n:]
	}
	return out
}

// TestUsersByGosnmp: another manager than net-snmp makes a user by clone and key
// changes, and logs in as it, with keys of every length.
func TestUsersByGosnmp(t *testing.T) {
	const fresh, third = "a fresh passphrase", "the third passphrase"
	for i, tt := range []struct {
		auth, priv string
		asAuth     gosnmp.SnmpV3AuthProtocol
		asPriv     gosnmp.SnmpV3PrivProtocol
		hand       hand
	}{
		{"Md5", "Des", gosnmp.MD5, gosnmp.DES, hand{hash: md5.New, octets: 16}},
		{"Sha1", "Aes128", gosnmp.SHA, gosnmp.AES, hand{hash: sha1.New, octets: 16}},
		{"Sha1", "Aes256", gosnmp.SHA, gosnmp.AES256, hand{hash: sha1.New, octets: 32}},
		{"Sha1", "Aes256Reeder", gosnmp.SHA, gosnmp.AES256C, hand{hash: sha1.New, octets: 32, reeder: true}},
		{"Sha256", "Aes256", gosnmp.SHA256, gosnmp.AES256, hand{hash: sha256.New, octets: 32}},
		{"Sha512", "Aes192", gosnmp.SHA512, gosnmp.AES192, hand{hash: sha512.New, octets: 24}},
	} {
		t.Run(tt.auth+" "+tt.priv, func(t *testing.T) {
			p, port := snmpUnit(t, fmt.Sprintf("Snmp.AuthFailureLimit=0\nSnmp.AuthProtocol=%q\nSnmp.PrivProtocol=%q\n", tt.auth, tt.priv))
			engine, err := hex.DecodeString(p.get("Snmp.EngineId"))
			if err != nil {
				t.Fatal(err)
			}
			tt.hand.engine = engine
			as := func(user, pass string) *gosnmp.GoSNMP { return gosnmpAs(t, port, user, pass, tt.asAuth, tt.asPriv) }
			name, h := fmt.Sprintf("user %d", i), tt.hand
			cell := func(column, user string) string {
				return fmt.Sprintf(".1.3.6.1.6.3.15.1.2.2.1.%s.%d%s%s", column, len(h.engine), implied(string(h.engine)), index(user))
			}
			octets := func(column, from, to string, key func([]byte) []byte, n byte) gosnmp.SnmpPDU {
				old := key([]byte(from))
				random := bytes.Repeat([]byte{n}, len(old))
				return gosnmp.SnmpPDU{Name: cell(column, name), Type: gosnmp.OctetString, Value: h.change(old, key([]byte(to)), random)}
			}
			set(t, as(testUser, testPassword),
				gosnmp.SnmpPDU{Name: cell("13", name), Type: gosnmp.Integer, Value: 5},
				gosnmp.SnmpPDU{Name: cell("4", name), Type: gosnmp.ObjectIdentifier, Value: cell("2", testUser)})
			set(t, as(testUser, testPassword),
				octets("6", testPassword, fresh, h.key, 0xa5), octets("9", testPassword, fresh, h.priv, 0x5a),
				gosnmp.SnmpPDU{Name: cell("13", name), Type: gosnmp.Integer, Value: 1})
			must(t, "set", "--data", p.dir, fmt.Sprintf(`Aaa.Users[UserName=%q].AccessRights="User"`, name))

			user := as(name, fresh)
			set(t, user, gosnmp.SnmpPDU{Name: "." + locationOID, Type: gosnmp.OctetString, Value: "Chur"})
			if got := p.get("Hoc.SystemLocation"); got != "Chur" {
				t.Errorf("SET by the new user: %q", got)
			}
			if r, err := as(name, testPassword).Get([]string{"." + locationOID}); err == nil {
				t.Errorf("the keys of the clone are still good: %v", r)
			}
			// Her own keys, by the objects that are for that.
			set(t, user, octets("7", fresh, third, h.key, 1), octets("10", fresh, third, h.priv, 2))
			if r, err := as(name, third).Get([]string{"." + locationOID}); err != nil || len(r.Variables) != 1 {
				t.Errorf("with her third keys: %v, %v", r, err)
			}
			if out := p.log() + must(t, "walk", "--data", p.dir); strings.Contains(out, hex.EncodeToString(h.key([]byte(third)))) {
				t.Error("a key can be read")
			}
		})
	}
}

func set(t *testing.T, m *gosnmp.GoSNMP, vbs ...gosnmp.SnmpPDU) {
	t.Helper()
	r, err := m.Set(vbs)
	if err != nil || r.Error != gosnmp.NoError {
		t.Fatalf("SET of %s …: %+v, %v", vbs[0].Name, r, err)
	}
}

// gosnmpAs is gosnmp as a user at authPriv.
func gosnmpAs(t *testing.T, port uint16, user, pass string, auth gosnmp.SnmpV3AuthProtocol, priv gosnmp.SnmpV3PrivProtocol) *gosnmp.GoSNMP {
	t.Helper()
	m := &gosnmp.GoSNMP{
		Target: "127.0.0.1", Port: port, Timeout: 3 * time.Second, Version: gosnmp.Version3,
		SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.AuthPriv,
		SecurityParameters: &gosnmp.UsmSecurityParameters{
			UserName: user, AuthenticationProtocol: auth, AuthenticationPassphrase: pass, PrivacyProtocol: priv, PrivacyPassphrase: pass,
		},
	}
	if err := m.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// TestLongKeysInNotifications: snmptrapd takes traps and informs with both ways
// to make a short key longer.
func TestLongKeysInNotifications(t *testing.T) {
	peer(t, "snmptrapd")
	for label, priv := range map[string]string{"Aes256": "AES-256", "Aes256Reeder": "AES-256-C"} {
		t.Run(priv, func(t *testing.T) {
			p, _ := snmpUnit(t, fmt.Sprintf("Snmp.AuthProtocol=\"Sha1\"\nSnmp.PrivProtocol=%q\nSnmp.MinimumSecurityLevel=\"AuthPriv\"\n", label))
			engine, err := hex.DecodeString(p.get("Snmp.EngineId"))
			if err != nil {
				t.Fatal(err)
			}
			user := snmptrapd.User{Name: testUser, Auth: "SHA", AuthPassword: testPassword, Priv: priv, PrivPassword: testPassword}
			sender := user
			sender.EngineID = engine
			trapd := snmptrapd.Start(t, snmptrapd.Options{Users: []snmptrapd.User{user, sender}})
			for _, kind := range []string{"Trap", "Inform"} {
				must(t, "set", "--data", p.dir, "Snmp.TrapDest="+trapd.Addr(), "Snmp.TrapKind="+kind)
				must(t, "set", "--data", p.dir, `Scm.ServiceCommands[Name="Nlm"].Restart=10`)
				n := trapd.WaitFor(kind, generous, func(n snmptrapd.Notification) bool { return n.Inform == (kind == "Inform") })
				if n.User != testUser {
					t.Errorf("came as %s", n)
				}
			}
		})
	}
}
