package snmp

import (
	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/vacm"
	"mibgate/element/store"
	snmpmib "mibgate/mib/snmp"
)

// Destination is where a notification goes.
type Destination = admin.Destination

// notifyVersions are the versions by security model.
var notifyVersions = map[int32]message.Version{admin.ModelV1: message.V1, admin.ModelV2c: message.V2c, admin.ModelUSM: message.V3}

// notifierConfig is whom to notify of what: the targets of the administration,
// each with the notify view of whom it is sent as.
func (s *Service) notifierConfig(snap *store.Snapshot, p *vacm.Policy) NotifierConfig {
	var n NotifierConfig
	for _, t := range s.admin.Targets(snap) {
		out := Target{
			Name: t.Name, Notify: t.Notify, Dest: t.Dest, Version: notifyVersions[t.Model], Inform: t.Inform,
			Timeout: t.Timeout, Retries: t.Retries, MaxSize: t.MaxSize, Community: t.Community,
			Level: admin.Level(t.Level), Filter: t.Filter, Filtered: t.Filtered,
		}
		if t.Model == admin.ModelUSM {
			if sender := s.admin.Sender(snap, t.SecurityName); sender != nil {
				out.User = sender
			}
		}
		if snmpmib.Of(snap).EnableTrap {
			if r, err := p.Check(t.Model, t.SecurityName, out.Level, ""); err == nil {
				out.View = r.Notify
			}
		}
		n.Targets = append(n.Targets, out)
	}
	return n
}
