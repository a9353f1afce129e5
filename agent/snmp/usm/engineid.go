package usm

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
)

// The fifth octet of an engine ID (RFC 3411 §5, SnmpEngineID).
const (
	formatText   = 4
	formatOctets = 5
)

// maxEngineIDTail is what remains of 32 octets after enterprise and format.
const maxEngineIDTail = 27

// TextEngineID makes an engine ID from an administratively assigned text of 1
// to 27 octets.
func TextEngineID(enterprise uint32, text string) ([]byte, error) {
	if text == "" || len(text) > maxEngineIDTail {
		return nil, ErrEngineID
	}
	return append(engineIDHead(enterprise, formatText), text...), nil
}

// RandomEngineID makes an engine ID of 8 random octets; keep it with the unit.
func RandomEngineID(enterprise uint32) []byte {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return append(engineIDHead(enterprise, formatOctets), b[:]...)
}

func engineIDHead(enterprise uint32, format byte) []byte {
	// The first bit tells this form from that of RFC 1910.
	return append(binary.BigEndian.AppendUint32(nil, enterprise|1<<31), format)
}

// CheckEngineID tells whether id may be one (RFC 3411 §5, SnmpEngineID).
func CheckEngineID(id []byte) error {
	if len(id) < 5 || len(id) > 32 ||
		bytes.Count(id, []byte{0}) == len(id) || bytes.Count(id, []byte{0xff}) == len(id) {
		return ErrEngineID
	}
	return nil
}
