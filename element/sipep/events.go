package sipep

import (
	"fmt"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// The messages of the service.
const (
	MsgGatewayState       = 100
	MsgLinkAttempt        = 200
	MsgLinkUp             = 210
	MsgLinkDown           = 220
	MsgHandshakeFailed    = 230
	MsgRegistered         = 300
	MsgRegistrationFailed = 310
	MsgRegistrationEnded  = 320
	MsgServerState        = 400
	MsgInternal           = 900
)

// What the alarms are about.
const (
	conditionGateway  = "gateway not ready"
	conditionLink     = "TLS link down"
	conditionRegister = "not registered"
)

func gatewayResource(gateway string) string        { return "gateway " + gateway }
func linkResource(gateway, server string) string   { return "gateway " + gateway + ", server " + server }
func registerResource(gateway, user string) string { return "gateway " + gateway + ", user " + user }

func (r *run) emit(e event.Event) {
	e.Module = sipep.Module
	r.o.Bus.Emit(e)
}

// tellGateway tells that a gateway came to another state; why is more than the
// state says.
func (r *run) tellGateway(name, state, why string) {
	e := event.Event{
		ID: MsgGatewayState, Severity: event.Info, Text: fmt.Sprintf("gateway %s: %s", name, state),
		Notification: sipep.GatewayStateChange{Name: name, State: state},
	}
	if why != "" {
		e.Text += " (" + why + ")"
	}
	alarm := event.Alarm{Resource: gatewayResource(name), Condition: conditionGateway}
	switch {
	case state == stateRestarting: // the alarm stays what it is until the next run knows better
	case isReady(state):
		e.Alarm = alarm
	case state == stateWaitingTime, state == stateUnreachable:
		e.Severity = event.Warning
		alarm.Raised = true
		e.Alarm = alarm
	default:
		e.Severity = event.Error
		alarm.Raised = true
		e.Alarm = alarm
	}
	r.emit(e)
}

// tellLinkDown tells the loss of a link, or that it cannot come up.
func (r *run) tellLinkDown(l linkRow, detail string, stopping bool) {
	e := event.Event{
		ID: MsgLinkDown, Severity: event.Error,
		Text:         fmt.Sprintf("gateway %s: TLS link to %s is down", l.gateway, l.host),
		Notification: sipep.TlsLinkDown{Index: l.index, Gateway: l.gateway, LocalPort: uint32(l.localPort), RemoteHost: l.host, RemoteHostIpAddr: addrText(l.remote), State: l.state},
		Alarm:        event.Alarm{Resource: l.resource, Condition: conditionLink, Raised: true},
	}
	switch {
	case stopping:
		e.Severity = event.Info
		e.Text += ": closed by us"
	case detail != "":
		e.Text += ": " + detail
	}
	r.emit(e)
}

func (r *run) tellLinkUp(l linkRow) {
	r.emit(event.Event{
		ID: MsgLinkUp, Severity: event.Info,
		Text:         fmt.Sprintf("gateway %s: TLS link to %s is up from port %d with %s", l.gateway, l.host, l.localPort, l.version),
		Notification: sipep.TlsLinkUp{Index: l.index, Gateway: l.gateway, LocalPort: uint32(l.localPort), RemoteHost: l.host, RemoteHostIpAddr: addrText(l.remote), State: l.state},
		Alarm:        event.Alarm{Resource: l.resource, Condition: conditionLink},
	})
}

// tellHandshake tells a failed attempt: as a notification when it failed for
// another reason than the one before, else for the patient reader of the log.
func (r *run) tellHandshake(l linkRow, repeated bool) {
	e := event.Event{
		ID: MsgHandshakeFailed, Severity: event.Debug,
		Text: fmt.Sprintf("gateway %s: no TLS link to %s (%s): %s, %s", l.gateway, l.host, addrText(l.remote), l.reason, l.detail),
	}
	if !repeated {
		e.Severity = event.Error
		e.Notification = sipep.TlsHandshakeFailed{
			Index: l.index, Gateway: l.gateway, RemoteHost: l.host, LastFailureReason: l.reason, LastFailureDetail: mib.Clip(l.detail, 255),
		}
		e.Alarm = event.Alarm{Resource: l.resource, Condition: conditionLink, Raised: true}
	}
	r.emit(e)
}

// tellRegistration tells a state that lasts.
func (r *run) tellRegistration(row regRow, why string) {
	e := event.Event{
		ID: MsgRegistered, Severity: event.Info,
		Text: fmt.Sprintf("gateway %s: user %s at %s: %s", row.gateway, row.user, row.registrar, row.state),
		Notification: sipep.RegistrationStateChange{
			Index: row.index, Gateway: row.gateway, Username: row.user, Registrar: row.registrar, State: row.state,
		},
		Alarm: event.Alarm{Resource: registerResource(row.gateway, row.user), Condition: conditionRegister},
	}
	if why != "" {
		e.Text += " (" + why + ")"
	}
	switch row.state {
	case sipep.RegistrationStatusStateRegistered:
	case sipep.RegistrationStatusStateUnregistered:
		e.ID = MsgRegistrationEnded
	default:
		e.ID, e.Severity, e.Alarm.Raised = MsgRegistrationFailed, event.Error, true
	}
	r.emit(e)
}

// forgetAlarms clears the alarms about what is configured no more.
func (r *run) forgetAlarms(keep map[string]bool) {
	r.o.Bus.ClearAll(sipep.Module, func(resource string) bool { return keep[resource] })
}
