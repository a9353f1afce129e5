package admin

import (
	"mibgate/agent/snmp/usm"
	"mibgate/agent/snmp/vacm"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/aaa"
	"mibgate/mib/community"
	"mibgate/mib/notification"
	"mibgate/mib/notificationlog"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/target"
	usmmib "mibgate/mib/usm"
	vacmmib "mibgate/mib/vacm"
)

// Options are what the tables of one engine depend on.
type Options struct {
	// EngineID is snmpEngineID.
	EngineID []byte
	// Serve is where an OID of the model is served.
	Serve func(mib.OID) mib.OID
	// Families are the subtrees of what a role may read, or change.
	Families func(role access.Role, write bool) []vacm.Family
}

// Admin keeps the tables and their faces in line, and reads them.
type Admin struct {
	engineID string
	serve    func(mib.OID) mib.OID
	families func(role access.Role, write bool) []vacm.Family
	keys     usm.KeyCache
}

// New makes an Admin.
func New(o Options) *Admin {
	return &Admin{engineID: string(o.EngineID), serve: o.Serve, families: o.Families}
}

// modules are those whose configuration says who may do what, and who is told.
var modules = []*mib.Module{aaa.Module, snmpmib.Module, usmmib.Module, vacmmib.Module, target.Module, notification.Module, notificationlog.Module, community.Module}

// Changed tells whether anything of the administration may differ between two
// snapshots.
func Changed(old, next *store.Snapshot) bool {
	for _, m := range modules {
		if next.Changed(old, m) {
			return true
		}
	}
	return false
}

// Normalize makes the rows of the unit and brings both sides in line. What
// cannot be is refused by Candidate.Fail.
func (a *Admin) Normalize(c *store.Candidate) {
	before := c.Before()
	if before != nil && !changed(c, before) {
		return
	}
	e := &edit{Candidate: c, a: a, before: before}
	e.roles()
	e.accounts()
	e.forgetKeys()
	e.keepProtocols()
	e.ownEngine()
	for _, f := range []face{protocolsFace, communityFace, timingFace, destinationsFace, paramsFace, kindFace} {
		f.sync(e)
	}
	if e.before != nil {
		e.communityGroups()
	}
	if !timingFace.agree(e) {
		timingFace.project(e) // a target that had its own has gone with TrapDest
	}
	e.settle()
	e.extensions()
	e.logs()
}

func changed(c *store.Candidate, before *store.Snapshot) bool {
	for _, m := range modules {
		if c.Config(m) != before.Config(m) {
			return true
		}
	}
	return false
}
