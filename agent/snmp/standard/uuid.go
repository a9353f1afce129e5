package standard

import (
	"crypto/sha1" //nolint:gosec // RFC 4122 §4.3 wants it; it protects nothing
	"fmt"
)

// noDate is a DateAndTime that is not known (RFC 6933, entPhysicalMfgDate).
const noDate = "\x00\x00\x00\x00\x00\x00\x00\x00"

// oidSpace is the name space of object identifiers (RFC 4122, appendix C).
const oidSpace = "\x6b\xa7\xb8\x12\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8"

// uuid identifies the unit: version 5, made of what it is and of its serial
// number, so that it is the same after every start. It is empty without a serial
// number.
func (u unit) uuid() string {
	if u.serial == "" {
		return ""
	}
	sum := sha1.Sum([]byte(oidSpace + u.kind + " " + u.serial)) //nolint:gosec // as above
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return string(id)
}

// uri is the UUID as a URI (RFC 4122 §3).
func (u unit) uri() string {
	id := u.uuid()
	if id == "" {
		return ""
	}
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
