package snmp

import (
	"iter"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/vacm"
	"mibgate/element/store"
	"mibgate/mib"
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
			out.View = notifyView(p, &t, &out)
		}
		n.Targets = append(n.Targets, out)
	}
	return n
}

// Passes tells whether somebody with a notify view may know of a notification, and
// whether it passes his filter (RFC 3413 §3.3 and §6). Names are of its variables;
// sysUpTime.0, snmpTrapOID.0 and snmpTrapEnterprise.0 are a part of the message
// rather than of it.
func Passes(view, filter *vacm.View, filtered bool, oid mib.OID, names iter.Seq[mib.OID]) bool {
	if !view.Contains(oid) || filtered && filter.Match(oid) != vacm.Included {
		return false
	}
	for name := range names {
		if !view.Contains(name) || filtered && filter.Match(name) == vacm.Excluded {
			return false
		}
	}
	return true
}

// whole is the view of everything.
var whole = vacm.NewView([]vacm.Family{{Subtree: mib.OID{1, 3}, Included: true}})

// notifyView is what a target may be told: nothing when whom it is told as has no
// rights. A target that cannot be told for want of a user or community is tried all
// the same: its status says why it fails.
func notifyView(p *vacm.Policy, t *admin.Target, out *Target) *vacm.View {
	if t.Model == admin.ModelUSM && out.User == nil || t.Model != admin.ModelUSM && !t.CommunityOK {
		return whole
	}
	r, err := p.Check(t.Model, t.SecurityName, out.Level, "")
	if err != nil {
		return nil
	}
	return r.Notify
}
