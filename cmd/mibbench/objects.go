package main

import (
	"fmt"
	"math/rand/v2"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// columns are those of our table that the objects are taken from.
var columns = []*mib.Object{
	sipep.Objects.AuthenticationUsernameCriteria, sipep.Objects.AuthenticationValidateRealm,
	sipep.Objects.AuthenticationRealm, sipep.Objects.AuthenticationUsername,
}

// walk reads the objects from our agent.
func walk(a *agent) ([]object, error) {
	g, err := newGenerator(a.port, 1)
	if err != nil {
		return nil, err
	}
	defer g.close()
	var out []object
	e := &encoder{}
	at := columns[0].OID
	for {
		packet, err := e.encode(operation{typ: message.GetNext}, int32(len(out)+1), []object{{name: at}}) //nolint:gosec // some thousands
		if err != nil {
			return nil, err
		}
		answer, err := g.ask(packet)
		if err != nil {
			return nil, err
		}
		var m message.Message
		if err := message.Decode(answer, &m); err != nil {
			return nil, err
		}
		vb := m.PDU.Varbinds[0]
		if !within(vb.Name) || vb.Value.Tag == ber.EndOfMibView {
			break
		}
		v, err := vb.Value.Value()
		if err != nil {
			return nil, err
		}
		at = append(mib.OID(nil), vb.Name...)
		out = append(out, object{at, v})
	}
	if want := rows * len(columns); len(out) != want {
		return nil, fmt.Errorf("our agent has %d objects, want %d", len(out), want)
	}
	return out, nil
}

func within(name mib.OID) bool {
	for _, c := range columns {
		if name.HasPrefix(c.OID) {
			return true
		}
	}
	return false
}

// requestsPerTurn is how many different requests a turn goes round.
const requestsPerTurn = 2048

// firstID is the id of the first of them; all take four octets.
const firstID = 0x10000000

// pick chooses the objects of a request; the same at every agent.
func (b *bench) pick(op operation, random *rand.Rand, round int) []object {
	out := make([]object, op.binds)
	for i := range out {
		o := b.objects[random.IntN(len(b.objects)-op.answers())]
		for op.typ == message.Set && !o.value.IsString() {
			o = b.objects[random.IntN(len(b.objects))]
		}
		if op.typ == message.Set { // as long as it was, and another each time
			o.value.Str = fmt.Sprintf("%0*d", len(o.value.Str), round)
		}
		out[i] = o
	}
	return out
}
