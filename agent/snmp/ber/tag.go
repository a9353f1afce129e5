package ber

import (
	"strconv"

	"mibgate/mib"
)

// Tag is an identifier octet; SNMP uses the single-octet form only.
type Tag byte

// The tags of RFC 2578 §7.1 and of the exceptions of RFC 3416 §3.
const (
	Integer          Tag = 0x02
	OctetString      Tag = 0x04
	Null             Tag = 0x05
	ObjectIdentifier Tag = 0x06
	Sequence         Tag = 0x30
	IPAddress        Tag = 0x40
	Counter32        Tag = 0x41
	Gauge32          Tag = 0x42 // Unsigned32 too
	TimeTicks        Tag = 0x43
	Opaque           Tag = 0x44
	Counter64        Tag = 0x46
	NoSuchObject     Tag = 0x80
	NoSuchInstance   Tag = 0x81
	EndOfMibView     Tag = 0x82
)

func (t Tag) String() string {
	switch t {
	case Null:
		return "NULL"
	case Sequence:
		return "SEQUENCE"
	case NoSuchObject:
		return "noSuchObject"
	case NoSuchInstance:
		return "noSuchInstance"
	case EndOfMibView:
		return "endOfMibView"
	}
	if k := t.Kind(); k != mib.KindNone {
		return k.String()
	}
	return "tag 0x" + strconv.FormatUint(uint64(t), 16)
}

// IsException reports whether t is one of the three exceptions of RFC 3416 §3.
func (t Tag) IsException() bool { return t >= NoSuchObject && t <= EndOfMibView }

// Kind is the kind of value t stands for, mib.KindNone when it is none. The
// tag that Unsigned32 and Gauge32 share is Gauge32 here; compare kinds with
// mib.Kind.SameTag.
func (t Tag) Kind() mib.Kind {
	switch t {
	case Integer:
		return mib.Integer32
	case OctetString:
		return mib.OctetString
	case ObjectIdentifier:
		return mib.ObjectIdentifier
	case IPAddress:
		return mib.IPAddress
	case Counter32:
		return mib.Counter32
	case Gauge32:
		return mib.Gauge32
	case TimeTicks:
		return mib.TimeTicks
	case Opaque:
		return mib.Opaque
	case Counter64:
		return mib.Counter64
	}
	return mib.KindNone
}

// TagOf is the tag of a kind; Null for mib.KindNone.
func TagOf(k mib.Kind) Tag {
	switch k {
	case mib.Integer32:
		return Integer
	case mib.OctetString:
		return OctetString
	case mib.ObjectIdentifier:
		return ObjectIdentifier
	case mib.IPAddress:
		return IPAddress
	case mib.Counter32:
		return Counter32
	case mib.Unsigned32, mib.Gauge32:
		return Gauge32
	case mib.TimeTicks:
		return TimeTicks
	case mib.Opaque:
		return Opaque
	case mib.Counter64:
		return Counter64
	}
	return Null
}
