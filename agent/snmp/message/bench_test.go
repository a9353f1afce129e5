package message

import (
	"testing"

	"github.com/gosnmp/gosnmp"

	"mibgate/agent/snmp/ber"
	"mibgate/mib"
)

// answerGet is what a responder does for a GET, without the answer's making.
func answerGet(t testing.TB, packet []byte, m *Message, b *Builder) []byte {
	if err := Decode(packet, m); err != nil {
		t.Fatal(err)
	}
	b.Begin(Reply(m, nil, 0), 65507)
	for _, vb := range m.PDU.Varbinds {
		if err := b.Append(vb.Name, mib.Numeric(mib.TimeTicks, 123456)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := b.Finish(NoError, 0)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestGetDoesNotAllocate(t *testing.T) {
	packet := unhex(t, getSysUpTime)
	var m Message
	var b Builder
	answerGet(t, packet, &m, &b)
	if n := testing.AllocsPerRun(1000, func() { answerGet(t, packet, &m, &b) }); n != 0 {
		t.Errorf("%v allocations for a v2c GET", n)
	}
}

var bulkName = mib.MustOID("1.3.6.1.4.1.32473.100.200.100.1400.1.900.95.0")

func request(t testing.TB, n int) []byte {
	var b Builder
	b.Begin(Envelope{Version: V2c, Type: Get, RequestID: 1234567, Community: []byte("public")}, 65507)
	for range n {
		if err := b.AppendNull(bulkName, ber.Null); err != nil {
			t.Fatal(err)
		}
	}
	out, err := b.Finish(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func BenchmarkOurs(b *testing.B) {
	for name, n := range map[string]int{"1": 1, "25": 25} {
		b.Run(name, func(b *testing.B) {
			packet := request(b, n)
			var m Message
			var bu Builder
			b.ReportAllocs()
			for b.Loop() {
				answerGet(b, packet, &m, &bu)
			}
		})
	}
}

// BenchmarkGosnmp does the same with gosnmp's codec.
func BenchmarkGosnmp(b *testing.B) {
	for name, n := range map[string]int{"1": 1, "25": 25} {
		b.Run(name, func(b *testing.B) {
			packet := request(b, n)
			g := &gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public", MaxOids: 1000}
			b.ReportAllocs()
			for b.Loop() {
				p, err := g.SnmpDecodePacket(append([]byte(nil), packet...))
				if err != nil {
					b.Fatal(err)
				}
				for i := range p.Variables {
					p.Variables[i].Type, p.Variables[i].Value = gosnmp.TimeTicks, uint32(123456)
				}
				p.PDUType = gosnmp.GetResponse
				if _, err := p.MarshalMsg(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
