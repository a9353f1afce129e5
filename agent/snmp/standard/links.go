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
	MsgLinkOff  = 311 // it is down, and no fault any more

	MsgEntityChange = 320
)

// conditionLink and resourceLink make the alarm of a link.
const (
	conditionLink = "link down"
	resourceLink  = "interface "
)

// Run tells of links that are down, go down and come up, and of parts that come
// and go, until done is closed, and keeps what is measured over time going.
func (t *Tables) Run(done <-chan struct{}) {
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { physical{t}.watch(done, changeInterval) })
	t.forgetLinks()
	t.host.Run(done, func(c host.LinkChange) {
		if name := c.Interface.Name; c.Fault {
			t.faults[name] = true
		} else {
			delete(t.faults, name)
		}
		t.el.Bus.Emit(linkEvent(c))
	})
}

// forgetLinks clears the alarms of an earlier Run that do not hold any more:
// what happens between two is not told.
func (t *Tables) forgetLinks() {
	n := t.host.Network()
	fault := map[string]bool{}
	for i := range n.Interfaces {
		fault[n.Interfaces[i].Name] = n.Interfaces[i].Fault()
	}
	for name := range t.faults {
		if !fault[name] {
			delete(t.faults, name)
			t.el.Bus.Emit(linkEvent(host.LinkChange{Interface: host.Interface{Name: name}}))
		}
	}
}

// linkEvent is the event of a change. A link that is down is an alarm, unless
// somebody took it down or away.
func linkEvent(c host.LinkChange) event.Event {
	row := ifRow{&c.Interface}
	name := resourceLink + c.Interface.Name
	e := event.Event{
		Module: snmp.Module, Severity: event.Info,
		Alarm: event.Alarm{Resource: name, Condition: conditionLink, Raised: c.Fault},
	}
	if c.Interface.Index > 0 { // else it is known by its name alone
		e.Alarm.Row = &event.Row{Object: ifmib.Objects.IfIndex, Key: ifmib.IfKey(row.Index())}
	}
	if c.Fault {
		e.Severity = event.Warning
	}
	e.ID, e.Text = MsgLinkDown, fmt.Sprintf("%s: the link is down (%s)", name, c.Interface.Condition())
	switch {
	case c.Notice == host.LinkUp:
		e.ID, e.Text = MsgLinkUp, name+": the link is up"
		e.Notification = ifmib.LinkUp{Index: row.Index(), AdminStatus: row.AdminStatus(), OperStatus: row.OperStatus()}
	case c.Notice == host.LinkDown:
		e.Notification = ifmib.LinkDown{Index: row.Index(), AdminStatus: row.AdminStatus(), OperStatus: row.OperStatus()}
	case !c.Fault:
		e.ID, e.Text = MsgLinkOff, name+": that the link is down is no fault any more"
	}
	return e
}
