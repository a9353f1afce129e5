package snmp

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// forgery is a v3 message in parts, each of which can be made wrong.
type forgery struct {
	msgID, maxSize     int64
	flags              []byte
	model              int64
	engineID           []byte
	boots, time        int64
	user, digest, salt []byte
	data               []byte // the TLV of msgData
}

// apart takes a message that was sealed well into its parts.
func apart(t testing.TB, packet []byte) forgery {
	t.Helper()
	var m message.Message
	if err := message.Decode(packet, &m); err != nil {
		t.Fatal(err)
	}
	h := &m.Header
	f := forgery{msgID: int64(h.MsgID), maxSize: int64(h.MaxSize), flags: []byte{byte(h.Flags)}, model: int64(h.SecurityModel)}
	b, _, err := ber.Expect(h.SecurityParameters, ber.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	next := func() []byte {
		raw, rest, err := ber.Next(b)
		if err != nil {
			t.Fatal(err)
		}
		b = rest
		return slices.Clone(raw.Content)
	}
	number := func() int64 {
		n, err := ber.Int32(next())
		if err != nil {
			t.Fatal(err)
		}
		return int64(n)
	}
	f.engineID, f.boots, f.time = next(), number(), number()
	f.user, f.digest, f.salt = next(), next(), next()
	f.data = slices.Clone(h.Data)
	if h.Flags&message.FlagPriv != 0 {
		var w ber.Writer
		w.Reset(16)
		w.AppendBytes(ber.OctetString, h.Data)
		f.data = slices.Clone(w.Bytes())
	}
	return f
}

// packet puts the parts together again.
func (f forgery) packet() []byte {
	var w ber.Writer
	w.Reset(len(f.data) + 256)
	w.Append(f.data)
	w.PrependBytes(ber.OctetString, f.params())
	start := w.Len()
	w.PrependInt(ber.Integer, f.model)
	w.PrependBytes(ber.OctetString, f.flags)
	w.PrependInt(ber.Integer, f.maxSize)
	w.PrependInt(ber.Integer, f.msgID)
	w.PrependHeader(ber.Sequence, w.Len()-start)
	w.PrependInt(ber.Integer, int64(message.V3))
	w.Wrap(ber.Sequence)
	return slices.Clone(w.Bytes())
}

func (f forgery) params() []byte {
	var w ber.Writer
	w.Reset(64)
	w.PrependBytes(ber.OctetString, f.salt)
	w.PrependBytes(ber.OctetString, f.digest)
	w.PrependBytes(ber.OctetString, f.user)
	w.PrependInt(ber.Integer, f.time)
	w.PrependInt(ber.Integer, f.boots)
	w.PrependBytes(ber.OctetString, f.engineID)
	w.Wrap(ber.Sequence)
	return w.Bytes()
}

// forged makes a SET and a GET of sysLocation, sealed by s, and changes them.
func (v *victim) forged(s sender, change func(*forgery)) [][]byte {
	v.t.Helper()
	var out [][]byte
	for _, packet := range v.theft(s) {
		f := apart(v.t, packet)
		change(&f)
		out = append(out, f.packet())
	}
	return out
}

// theft is a SET and a GET of sysLocation.
func (v *victim) theft(s sender) [][]byte {
	v.t.Helper()
	return [][]byte{
		v.request(s, message.Set, 0, 0, assign(locationName, "stolen")),
		v.request(s, message.Get, 0, 0, binding{name: locationName}),
	}
}

// stripped is theft without any security: the PDUs in the clear under flags.
func (v *victim) stripped(flags message.Flags, user string) [][]byte {
	v.t.Helper()
	s := v.admin()
	s.level = message.NoAuthNoPriv
	return v.forged(s, func(f *forgery) {
		f.flags, f.user, f.digest, f.salt = []byte{byte(flags)}, []byte(user), nil, nil
		if flags&message.FlagAuth != 0 {
			f.digest = make([]byte, 24)
		}
		if flags&message.FlagPriv != 0 {
			f.salt = make([]byte, 8)
		}
	})
}

// truncations are the beginnings of packets: all of the first 120 octets, then
// every seventh.
func truncations(packets ...[]byte) [][]byte {
	var out [][]byte
	for _, p := range packets {
		for n := 1; n < len(p); n++ {
			if n < 120 || n%7 == 0 {
				out = append(out, p[:n])
			}
		}
	}
	return out
}

// shortened are packets from which an octet is missing though every length
// around it is right again: the PDU is cut, not the datagram.
func (v *victim) shortened(community string) [][]byte {
	whole := v.plain(message.V2c, community, message.Set, 0, 0, assign(locationName, "stolen"))
	var m message.Message
	if err := message.Decode(whole, &m); err != nil {
		v.t.Fatal(err)
	}
	var out [][]byte
	for n := range len(m.Header.Data) {
		out = append(out, v2cAround(community, m.Header.Data[:n]))
	}
	return out
}

// v2cAround puts a version and a community before what stands for a PDU.
func v2cAround(community string, pdu []byte) []byte {
	var w ber.Writer
	w.Reset(128)
	w.Append(pdu)
	w.PrependBytes(ber.OctetString, []byte(community))
	w.PrependInt(ber.Integer, int64(message.V2c))
	w.Wrap(ber.Sequence)
	return slices.Clone(w.Bytes())
}

// overlong are datagrams of v2c, or of nothing, in which something is too long.
func (v *victim) overlong() [][]byte {
	v.t.Helper()
	set := v.plain(message.V2c, "public", message.Set, 0, 0, assign(locationName, "stolen"))
	get := v.plain(message.V2c, "public", message.Get, 0, 0, binding{name: locationName})
	pdu := func(head string, id []byte, varbinds string) []byte {
		var w ber.Writer
		w.Reset(64)
		w.Append([]byte(varbinds))
		w.Wrap(ber.Sequence)
		w.PrependInt(ber.Integer, 0)
		w.PrependInt(ber.Integer, 0)
		w.PrependBytes(ber.Integer, id)
		w.PrependHeader(ber.Tag(head[0]), w.Len())
		return v2cAround("public", slices.Clone(w.Bytes()))
	}
	name := func(subs string) string {
		return "\x30" + string(rune(len(subs)+4)) + "\x06" + string(rune(len(subs))) + subs + "\x05\x00"
	}
	return [][]byte{
		append(slices.Clone(set), 0), append(slices.Clone(get), 0xff),
		append([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, set[2:]...),
		append([]byte{0x30, 0x80}, append(slices.Clone(set[2:]), 0, 0)...),
		append([]byte{0x30, 0xff}, bytes.Repeat([]byte{0xff}, 127)...),
		append([]byte{0x30, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, set[2:]...),
		pdu("\xa0", []byte{1, 0, 0, 0, 0}, name("\x2b\x06\x01\x02\x01\x01\x06\x00")), // request-id of 33 bits
		pdu("\xa0", bytes.Repeat([]byte{1}, 100), name("\x2b\x06\x01\x02\x01\x01\x06\x00")),
		pdu("\xa0", []byte{1}, name("\x2b\x06\x01\x90\x80\x80\x80\x00")),        // sub-identifier of 33 bits
		pdu("\xa0", []byte{1}, name("\x2b"+strings.Repeat("\xff", 90)+"\x7f")),  // of 637
		pdu("\xa0", []byte{1}, name("\x2b"+strings.Repeat("\x01", 110)+"\x81")), // that does not end
		pdu("\xa1", []byte{1}, "\x30\x84\x7f\xff\xff\xff\x06\x01\x2b\x05\x00"),  // a varbind longer than all
		pdu("\xa1", []byte{1}, strings.Repeat("\x30\x82\xff\xff", 5000)),        // each in the one before
		bytes.Repeat([]byte{0x30, 0x82, 0xff, 0xff}, 16000),
		bytes.Repeat([]byte{0}, maxMessage), bytes.Repeat([]byte{0xff}, maxMessage),
		v.plain(message.V2c, strings.Repeat("public", 10000), message.Set, 0, 0, assign(locationName, "stolen")),
	}
}

// overlongV3 are v3 messages with parameters that are too long.
func (v *victim) overlongV3() [][]byte {
	v.t.Helper()
	long := bytes.Repeat([]byte{0x41}, 60000)
	var out [][]byte
	for _, n := range []int{33, 255, 4000, 60000} {
		for _, change := range []func(*forgery){
			func(f *forgery) { f.engineID = long[:n] },
			func(f *forgery) { f.user = long[:n] },
			func(f *forgery) { f.user = append([]byte("admin\x00"), long[:n]...) },
			func(f *forgery) { f.digest = long[:n] },
			func(f *forgery) { f.salt = long[:n] },
			func(f *forgery) { f.flags = long[:n] },
			func(f *forgery) {
				f.digest, f.data = long[:24], append([]byte{4, 0x82, byte(n >> 8), byte(n)}, long[:n]...)
			},
			func(f *forgery) { f.boots, f.digest = 1<<40, nil },
			func(f *forgery) { f.time, f.digest = -1, nil },
			func(f *forgery) { f.maxSize, f.digest = 1<<33, nil },
			func(f *forgery) { f.maxSize, f.digest = -1, nil },
			func(f *forgery) { f.msgID, f.digest = 1<<31, nil },
			func(f *forgery) { f.model = 1<<31 - 1 },
		} {
			for _, p := range v.forged(v.admin(), change) {
				if len(p) <= maxMessage {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

// biggest is a name with the largest sub-identifiers there are.
var biggest = mib.OID{1, 3, 6, 1, 1<<32 - 1, 1<<32 - 1}
