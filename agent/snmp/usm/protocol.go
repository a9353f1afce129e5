package usm

import (
	"crypto/md5"  //nolint:gosec // RFC 3414 §6
	"crypto/sha1" //nolint:gosec // RFC 3414 §7
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	"mibgate/mib"
)

// AuthProtocol is an authentication protocol.
type AuthProtocol uint8

// The authentication protocols: HMAC-MD5-96 and HMAC-SHA-96 of RFC 3414,
// usmHMAC128SHA224 … usmHMAC384SHA512 of RFC 7860.
const (
	NoAuth AuthProtocol = iota
	MD5
	SHA1
	SHA224
	SHA256
	SHA384
	SHA512
)

// PrivProtocol is a privacy protocol.
type PrivProtocol uint8

// The privacy protocols: CBC-DES of RFC 3414, CFB128-AES-128 of RFC 3826, and
// AES-192 and AES-256 with the key extended by draft-blumenthal-aes-usm-04
// §3.1.2.1 or, with R, by draft-reeder-snmpv3-usm-3desede-00 §2.1 (net-snmp's
// AES-256-C, what Cisco does).
const (
	NoPriv PrivProtocol = iota
	DES
	AES128
	AES192
	AES256
	AES192R
	AES256R
)

type authInfo struct {
	name string
	hash func() hash.Hash
	mac  int // octets of msgAuthenticationParameters
	oid  uint32
}

var authInfos = [...]authInfo{
	{"none", nil, 0, 1},
	{"MD5", md5.New, 12, 2},
	{"SHA", sha1.New, 12, 3},
	{"SHA-224", sha256.New224, 16, 4},
	{"SHA-256", sha256.New, 24, 5},
	{"SHA-384", sha512.New384, 32, 6},
	{"SHA-512", sha512.New, 48, 7},
}

func (a AuthProtocol) valid() bool { return int(a) < len(authInfos) }

func (a AuthProtocol) info() *authInfo {
	if !a.valid() {
		return &authInfos[NoAuth]
	}
	return &authInfos[a]
}

func (a AuthProtocol) String() string { return a.info().name }

// OID is the protocol's identity below snmpAuthProtocols.
func (a AuthProtocol) OID() mib.OID { return mib.OID{1, 3, 6, 1, 6, 3, 10, 1, 1, a.info().oid} }

// KeyLength is the length of the localised key: that of the hash.
func (a AuthProtocol) KeyLength() int {
	if a.info().hash == nil {
		return 0
	}
	return a.info().hash().Size()
}

// MACLength is the number of octets of msgAuthenticationParameters.
func (a AuthProtocol) MACLength() int { return a.info().mac }

type privInfo struct {
	name   string
	key    int // octets of localised key
	block  int // octets that plaintext is padded to
	reeder bool
	oid    mib.OID
}

var privInfos = [...]privInfo{
	{"none", 0, 1, false, mib.OID{1, 3, 6, 1, 6, 3, 10, 1, 2, 1}},
	{"DES", 16, 8, false, mib.OID{1, 3, 6, 1, 6, 3, 10, 1, 2, 2}},
	{"AES", 16, 1, false, mib.OID{1, 3, 6, 1, 6, 3, 10, 1, 2, 4}},
	{"AES-192", 24, 1, false, mib.OID{1, 3, 6, 1, 4, 1, 14832, 1, 3}},
	{"AES-256", 32, 1, false, mib.OID{1, 3, 6, 1, 4, 1, 14832, 1, 4}},
	{"AES-192-C", 24, 1, true, mib.OID{1, 3, 6, 1, 4, 1, 9, 12, 6, 1, 1}},
	{"AES-256-C", 32, 1, true, mib.OID{1, 3, 6, 1, 4, 1, 9, 12, 6, 1, 2}},
}

func (p PrivProtocol) valid() bool { return int(p) < len(privInfos) }

func (p PrivProtocol) info() *privInfo {
	if !p.valid() {
		return &privInfos[NoPriv]
	}
	return &privInfos[p]
}

func (p PrivProtocol) String() string { return p.info().name }

// OID is the protocol's identity: below snmpPrivProtocols, or, for what no
// RFC has, the one net-snmp and Cisco use. The caller must not change it.
func (p PrivProtocol) OID() mib.OID { return p.info().oid }

// KeyLength is the length of the localised key; that of DES is the key and
// the pre-IV (RFC 3414 §8.1.1.1).
func (p PrivProtocol) KeyLength() int { return p.info().key }

// AuthByOID finds the authentication protocol with this identity.
func AuthByOID(oid mib.OID) (AuthProtocol, bool) {
	for i := range authInfos {
		if a := AuthProtocol(i); a.OID().Compare(oid) == 0 { //nolint:gosec // there are seven
			return a, true
		}
	}
	return NoAuth, false
}

// PrivByOID finds the privacy protocol with this identity.
func PrivByOID(oid mib.OID) (PrivProtocol, bool) {
	for i := range privInfos {
		if privInfos[i].oid.Compare(oid) == 0 {
			return PrivProtocol(i), true //nolint:gosec // there are seven
		}
	}
	return NoPriv, false
}
