package lab

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"mibgate/mib"
	"mibgate/mib/model"
)

// trapReceiver prints the notifications that come as v2c.
type trapReceiver struct {
	listener *gosnmp.TrapListener
	done     chan struct{}
}

func startTraps(port *uint16, say *teller) (*trapReceiver, error) {
	if err := freePort(port); err != nil {
		return nil, err
	}
	l := gosnmp.NewTrapListener()
	l.Params = &gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: Community, Timeout: time.Second, MaxOids: gosnmp.MaxOids}
	l.OnNewTrap = func(p *gosnmp.SnmpPacket, _ *net.UDPAddr) {
		if p.Community == Community {
			say.say("TRAP", "%s", describe(p))
		}
	}
	r := &trapReceiver{listener: l, done: make(chan struct{})}
	failed := make(chan error, 1)
	go func() {
		defer close(r.done)
		failed <- l.Listen(at(*port).String())
	}()
	select {
	case <-l.Listening():
		return r, nil
	case err := <-failed:
		return nil, fmt.Errorf("lab: trap receiver: %w", err)
	}
}

func (r *trapReceiver) close() {
	r.listener.Close()
	<-r.done
}

// describe is one line: the notification's name, then its objects.
func describe(p *gosnmp.SnmpPacket) string {
	name, parts := "notification", []string{}
	for _, v := range p.Variables {
		oid, err := mib.ParseOID(v.Name)
		if err != nil {
			continue
		}
		switch {
		case oid.Compare(sysUpTime) == 0:
		case oid.Compare(snmpTrapOID) == 0:
			name = notificationName(fmt.Sprint(v.Value))
		default:
			parts = append(parts, varbind(oid, v))
		}
	}
	return name + "  " + strings.Join(parts, " ")
}

var (
	sysUpTime   = mib.MustOID("1.3.6.1.2.1.1.3.0")
	snmpTrapOID = mib.MustOID("1.3.6.1.6.3.1.1.4.1.0")
)

func notificationName(value string) string {
	oid, err := mib.ParseOID(value)
	if err != nil {
		return value
	}
	for _, m := range model.Registry.Modules() {
		for _, n := range m.Notifications {
			if n.OID.Compare(oid) == 0 {
				return n.Name
			}
		}
	}
	return value
}

func varbind(oid mib.OID, v gosnmp.SnmpPDU) string {
	text := fmt.Sprint(v.Value)
	if b, ok := v.Value.([]byte); ok {
		text = string(b)
	}
	o, _ := model.Registry.ByOID(oid)
	if o == nil {
		return oid.String() + "=" + strconv.Quote(text)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && len(o.Syntax.Enum) > 0 {
		if l, ok := o.Syntax.LabelOf(n); ok {
			text = l.Text()
		}
	}
	return o.Param + "=" + strconv.Quote(text)
}
