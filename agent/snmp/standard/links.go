package standard

import (
	"fmt"
	"sync"

	"mibgate/element/event"
	"mibgate/element/host"
	"mibgate/mib/ifmib"
	"mibgate/mib/snmp"
)

// The messages about links and parts of the unit, numbered among those of the Snmp service.
const (
	MsgLinkDown = 300
	MsgLinkUp   = 310

	MsgEntityChange = 320
)

// Run tells of links that go down and come up, and of parts that come and go,
// until done is closed, and keeps what is measured over time going.
func (t *Tables) Run(done <-chan struct{}) {
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { physical{t}.watch(done, changeInterval) })
	t.host.Run(done, func(c host.LinkChange) {
		if !c.Interface.Loopback() {
			t.el.Bus.Emit(linkEvent(c))
		}
	})
}

// linkEvent is the event of a change. A link that is down is an alarm, unless
// somebody took it down or away.
func linkEvent(c host.LinkChange) event.Event {
	row := ifRow{&c.Interface}
	name := "interface " + c.Interface.Name
	e := event.Event{
		Module: snmp.Module,
		Alarm:  event.Alarm{Resource: name, Condition: "link down"},
	}
	if c.Up {
		e.ID, e.Severity, e.Text = MsgLinkUp, event.Info, name+": the link is up"
		e.Notification = ifmib.LinkUp{Index: row.Index(), AdminStatus: row.AdminStatus(), OperStatus: row.OperStatus()}
		return e
	}
	e.ID, e.Severity, e.Text = MsgLinkDown, event.Info, fmt.Sprintf("%s: the link is down (%s)", name, c.Interface.Condition())
	e.Notification = ifmib.LinkDown{Index: row.Index(), AdminStatus: row.AdminStatus(), OperStatus: row.OperStatus()}
	if c.Interface.AdminUp() {
		e.Severity, e.Alarm.Raised = event.Warning, true
	}
	return e
}
