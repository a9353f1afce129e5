package ber

import (
	"slices"

	"mibgate/mib"
)

// Raw is a TLV that has not been decoded. Content is a part of the packet.
type Raw struct {
	Tag     Tag
	Content []byte
}

// Check tells whether Value would succeed, without allocating.
func (r Raw) Check() error {
	switch r.Tag {
	case Null, NoSuchObject, NoSuchInstance, EndOfMibView:
		if len(r.Content) != 0 {
			return ErrSize
		}
		return nil
	case OctetString, Opaque:
		return nil
	case ObjectIdentifier:
		return checkOID(r.Content)
	case IPAddress:
		if len(r.Content) != 4 {
			return ErrSize
		}
		return nil
	}
	_, err := r.number()
	return err
}

func (r Raw) number() (int64, error) {
	switch r.Tag {
	case Integer:
		n, err := Int32(r.Content)
		return int64(n), err
	case Counter32, Gauge32, TimeTicks:
		n, err := Uint32(r.Content)
		return int64(n), err
	case Counter64:
		n, err := Uint64(r.Content)
		return int64(n), err //nolint:gosec // mib.Value keeps all 64 bits
	}
	return 0, ErrTag
}

// Value decodes r. Octets and object identifiers are copied, so the result
// outlives the packet. NULL and the exceptions give the zero Value.
func (r Raw) Value() (mib.Value, error) {
	switch r.Tag {
	case Null, NoSuchObject, NoSuchInstance, EndOfMibView:
		return mib.Value{}, r.Check()
	case OctetString, Opaque, IPAddress:
		if err := r.Check(); err != nil {
			return mib.Value{}, err
		}
		return mib.Value{Kind: r.Tag.Kind(), Str: string(r.Content)}, nil
	case ObjectIdentifier:
		var buf [mib.MaxOIDLen + 2]uint32
		oid, err := AppendOID(buf[:0], r.Content)
		if err != nil {
			return mib.Value{}, err
		}
		return mib.Ident(slices.Clone(oid)), nil
	}
	n, err := r.number()
	if err != nil {
		return mib.Value{}, err
	}
	return mib.Value{Kind: r.Tag.Kind(), Num: n}, nil
}
