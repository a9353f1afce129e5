package ber

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"testing"

	"mibgate/mib"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNext(t *testing.T) {
	tests := []struct {
		name, in string
		tag      Tag
		content  string
		rest     string
		err      error
	}{
		{"short form", "0401aaff", OctetString, "aa", "ff", nil},
		{"empty contents", "0500", Null, "", "", nil},
		{"long form of one octet", "048101aa", OctetString, "aa", "", nil},
		{"padded long form, as net-snmp writes", "04820001aa", OctetString, "aa", "", nil},
		{"four length octets", "048400000001aa", OctetString, "aa", "", nil},
		{"five length octets", "04850000000001aa", 0, "", "", ErrLength},
		{"indefinite", "3080aa0000", 0, "", "", ErrLength},
		{"reserved length octet", "04ff", 0, "", "", ErrLength},
		{"one octet missing", "0402aa", 0, "", "", ErrTruncated},
		{"length octets missing", "048200", 0, "", "", ErrTruncated},
		{"length of 2^32-1", "0484ffffffffaa", 0, "", "", ErrTruncated},
		{"length of 2^31", "048480000000aa", 0, "", "", ErrTruncated},
		{"tag only", "04", 0, "", "", ErrTruncated},
		{"nothing", "", 0, "", "", ErrTruncated},
		{"tag of several octets", "1f0100", 0, "", "", ErrTag},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, rest, err := Next(unhex(t, tt.in))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if v.Tag != tt.tag || hex.EncodeToString(v.Content) != tt.content || hex.EncodeToString(rest) != tt.rest {
				t.Errorf("got %v %x, rest %x", v.Tag, v.Content, rest)
			}
			if cap(v.Content) != len(v.Content) {
				t.Error("contents can be appended into what follows")
			}
		})
	}
}

func TestIntegers(t *testing.T) {
	tests := []struct {
		tag  Tag
		in   string
		want int64
		err  error
	}{
		{Integer, "00", 0, nil},
		{Integer, "7f", 127, nil},
		{Integer, "80", -128, nil},
		{Integer, "0080", 128, nil},
		{Integer, "ff7f", -129, nil},
		{Integer, "7fffffff", math.MaxInt32, nil},
		{Integer, "80000000", math.MinInt32, nil},
		{Integer, "0000000001", 1, nil},
		{Integer, "ffffffffff", -1, nil},
		{Integer, "0080000000", 0, ErrInteger},
		{Integer, "", 0, ErrInteger},
		{Integer, "000000000001", 0, ErrInteger},
		{Gauge32, "00ffffffff", math.MaxUint32, nil},
		{Gauge32, "ffffffff", math.MaxUint32, nil},
		{Gauge32, "01ffffffff", 0, ErrInteger},
		{Gauge32, "ff", 0, ErrInteger},
		{Gauge32, "", 0, ErrInteger},
		{Counter32, "7f", 127, nil},
		{TimeTicks, "0080", 128, nil},
		{Counter64, "00ffffffffffffffff", -1, nil},
		{Counter64, "ffffffffffffffff", -1, nil},
		{Counter64, "01ffffffffffffffff", 0, ErrInteger},
		{Counter64, "00000000000000000001", 0, ErrInteger},
		{Counter64, "7fffffffffffffff", math.MaxInt64, nil},
	}
	for _, tt := range tests {
		t.Run(tt.tag.String()+" "+tt.in, func(t *testing.T) {
			r := Raw{tt.tag, unhex(t, tt.in)}
			v, err := r.Value()
			if !errors.Is(err, tt.err) || !errors.Is(r.Check(), tt.err) {
				t.Fatalf("error %v, Check %v, want %v", err, r.Check(), tt.err)
			}
			if v.Num != tt.want {
				t.Errorf("got %d, want %d", v.Num, tt.want)
			}
		})
	}
}

func TestAppendOID(t *testing.T) {
	long := bytes.Repeat([]byte{1}, 127)
	tests := []struct {
		name string
		in   []byte
		want mib.OID
		err  error
	}{
		{"internet", unhex(t, "2b0601"), mib.OID{1, 3, 6, 1}, nil},
		{"empty", nil, mib.OID{0, 0}, nil},
		{"0.0", unhex(t, "00"), mib.OID{0, 0}, nil},
		{"0.39", unhex(t, "27"), mib.OID{0, 39}, nil},
		{"1.0", unhex(t, "28"), mib.OID{1, 0}, nil},
		{"2.0", unhex(t, "50"), mib.OID{2, 0}, nil},
		{"2.100.3", unhex(t, "813403"), mib.OID{2, 100, 3}, nil},
		{"2.4294967295", unhex(t, "908080804f"), mib.OID{2, math.MaxUint32}, nil},
		{"2.4294967296", unhex(t, "9080808050"), nil, ErrOID},
		{"largest sub-identifier", unhex(t, "2b8fffffff7f"), mib.OID{1, 3, math.MaxUint32}, nil},
		{"one more", unhex(t, "2b9080808000"), nil, ErrOID},
		{"leading zero", unhex(t, "2b8001"), nil, ErrOID},
		{"leading zero first", unhex(t, "8001"), nil, ErrOID},
		{"ends in the middle", unhex(t, "2b86"), nil, ErrOID},
		{"endless", bytes.Repeat([]byte{0xff}, 60000), nil, ErrOID},
		{"128 sub-identifiers", long, nil, nil},
		{"129 sub-identifiers", append([]byte{1}, long...), nil, ErrOID},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dst := mib.OID{9}
			got, err := AppendOID(dst, tt.in)
			if !errors.Is(err, tt.err) || !errors.Is(checkOID(tt.in), tt.err) {
				t.Fatalf("error %v, check %v, want %v", err, checkOID(tt.in), tt.err)
			}
			if got[0] != 9 || err != nil && len(got) != 1 {
				t.Errorf("dst became %v", got)
			}
			if tt.want != nil && !slices.Equal(got[1:], tt.want) {
				t.Errorf("got %v, want %v", got[1:], tt.want)
			}
		})
	}
}

func TestRawSizes(t *testing.T) {
	tests := []struct {
		r   Raw
		err error
	}{
		{Raw{Null, nil}, nil},
		{Raw{Null, []byte{0}}, ErrSize},
		{Raw{NoSuchObject, nil}, nil},
		{Raw{EndOfMibView, []byte{0}}, ErrSize},
		{Raw{IPAddress, make([]byte, 4)}, nil},
		{Raw{IPAddress, make([]byte, 5)}, ErrSize},
		{Raw{OctetString, make([]byte, 70000)}, nil},
		{Raw{Opaque, nil}, nil},
		{Raw{0x45, nil}, ErrTag},
		{Raw{Sequence, nil}, ErrTag},
	}
	for _, tt := range tests {
		if _, err := tt.r.Value(); !errors.Is(err, tt.err) || !errors.Is(tt.r.Check(), tt.err) {
			t.Errorf("%v of %d octets: %v and %v, want %v", tt.r.Tag, len(tt.r.Content), err, tt.r.Check(), tt.err)
		}
	}
}
