package main

import (
	"errors"
	"fmt"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// Who asks.
const (
	community = "public"
	user      = "admin"
	password  = "correct horse"
)

// object is one of the objects that all agents serve.
type object struct {
	name  mib.OID
	value mib.Value
}

// security is how requests are protected.
type security struct {
	name string
	auth usm.AuthProtocol // NoAuth: v2c
}

var securities = []security{
	{"v2c", usm.NoAuth},
	{"v3 SHA/AES-128", usm.SHA1},
	{"v3 SHA-256/AES-128", usm.SHA256},
}

// operation is a kind of request.
type operation struct {
	name  string
	typ   message.PDUType
	binds int // of the request
	reps  int // of a GetBulk
	// serial has it measured with one request at a time as well.
	serial bool
}

var operations = []operation{
	{name: "GET", typ: message.Get, binds: 1, serial: true},
	{name: "GET of 10", typ: message.Get, binds: 10},
	{name: "GETNEXT", typ: message.GetNext, binds: 1},
	{name: "GETBULK-25", typ: message.GetBulk, binds: 1, reps: 25, serial: true},
	{name: "SET", typ: message.Set, binds: 1},
}

// answers is how many variable bindings an answer has.
func (o operation) answers() int { return max(o.binds, o.reps) }

// encoder makes requests for one agent.
type encoder struct {
	sec    security
	b      message.Builder
	remote *usm.Remote
	probes int32
}

// newEncoder finds out what v3 requests need to know of the agent.
func newEncoder(sec security, kind string, g *generator) (*encoder, error) {
	e := &encoder{sec: sec}
	if sec.auth == usm.NoAuth {
		return e, nil
	}
	engine, err := usm.NewEngine(usm.Config{ID: usm.RandomEngineID(32473), Boots: 1})
	if err != nil {
		return nil, err
	}
	creds, err := usm.NewCredentials(nil, user, sec.auth, password, usm.AES128, "")
	if err != nil {
		return nil, err
	}
	if e.remote, err = usm.NewRemote(engine, creds, message.AuthPriv); err != nil {
		return nil, err
	}
	if kind == baseline {
		return e, e.introduce(baselineEngineID())
	}
	return e, e.learn(g)
}

// introduce tells the engine ID of an agent whose Reports are none: an engine
// of the same ID reports in its place.
func (e *encoder) introduce(id []byte) error {
	engine, err := usm.NewEngine(usm.Config{ID: id, Boots: 1})
	if err != nil {
		return err
	}
	var asked, told message.Message
	var ctx, answer usm.Context
	packet, err := e.remote.Probe(&e.b, &ctx, 1)
	if err != nil {
		return err
	}
	if err := message.Decode(packet, &asked); err != nil {
		return err
	}
	var b message.Builder
	report := engine.Report(&b, &asked, &answer, engine.Incoming(&asked, &answer))
	if err := message.Decode(report, &told); err != nil {
		return err
	}
	if err := e.remote.Incoming(&told, &ctx); !errors.Is(err, usm.ErrLearned) {
		return err
	}
	return nil
}

// learn asks until the agent has told its engine ID and time (RFC 3414 §4).
func (e *encoder) learn(g *generator) error {
	var err error
	for range 6 {
		e.probes++
		var ctx usm.Context
		var packet, answer []byte
		if e.remote.Known() {
			packet, err = e.encode(operation{typ: message.Get}, e.probes, []object{{name: mib.OID{1, 3, 6, 1, 2, 1, 1, 3, 0}}})
		} else {
			packet, err = e.remote.Probe(&e.b, &ctx, e.probes)
		}
		if err != nil {
			return err
		}
		if answer, err = g.ask(packet); err != nil {
			return err
		}
		var m message.Message
		if err = message.Decode(answer, &m); err != nil {
			return err
		}
		if err = e.remote.Incoming(&m, &ctx); err == nil {
			return nil
		}
		if !errors.Is(err, usm.ErrLearned) {
			return err
		}
	}
	return err
}

// encode makes one request; the values of objects are of a SET only.
func (e *encoder) encode(o operation, id int32, objects []object) ([]byte, error) {
	env := message.Envelope{Version: message.V2c, Type: o.typ, RequestID: id, Community: []byte(community)}
	var ctx usm.Context
	if e.remote != nil {
		if err := e.remote.Secure(&ctx); err != nil {
			return nil, err
		}
		env = message.Envelope{
			Version: message.V3, Type: o.typ, RequestID: id, MsgID: id, MaxSize: 65507, Reportable: true,
			Scope: message.Scope{ContextEngineID: e.remote.EngineID()}, Security: &ctx,
		}
	}
	e.b.Begin(env, 65507)
	for _, obj := range objects {
		var err error
		if o.typ == message.Set {
			err = e.b.Append(obj.name, obj.value)
		} else {
			err = e.b.AppendNull(obj.name, ber.Null)
		}
		if err != nil {
			return nil, err
		}
	}
	out, err := e.b.Finish(0, o.reps)
	return append([]byte(nil), out...), err
}

// check opens an answer.
func (e *encoder) check(o operation, answer []byte) error {
	var m message.Message
	if err := message.Decode(answer, &m); err != nil {
		return err
	}
	if e.remote != nil {
		var ctx usm.Context
		if err := e.remote.Incoming(&m, &ctx); err != nil {
			return err
		}
	}
	if m.PDU.Type != message.Response || m.PDU.ErrorStatus() != message.NoError {
		return fmt.Errorf("%v with %v at %d", m.PDU.Type, m.PDU.ErrorStatus(), m.PDU.ErrorIndex())
	}
	if len(m.PDU.Varbinds) != o.answers() {
		return fmt.Errorf("%d variable bindings, want %d", len(m.PDU.Varbinds), o.answers())
	}
	for _, vb := range m.PDU.Varbinds {
		if vb.Value.Tag == ber.Null || vb.Value.Tag.IsException() {
			return fmt.Errorf("%s has %s", vb.Name, vb.Value.Tag)
		}
	}
	return nil
}
