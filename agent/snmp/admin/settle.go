package admin

import (
	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/community"
	"mibgate/mib/notification"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/target"
	"mibgate/mib/tc"
	usmmib "mibgate/mib/usm"
	vacmmib "mibgate/mib/vacm"
)

// settle sets the storage type of the rows that have a face. A row that says no
// more than its face is of the type other: it is kept as the face, and made anew
// at every start. So an export, which is for any unit, has the face alone, and
// nothing of this unit's engine.
func (e *edit) settle() {
	e.settleUsers()
	e.settleCommunity()
	e.settleGroups()
	e.settleTargets()
	e.settleNotify()
}

// stored is the storage type that a row should have; o is its column. volatile
// stays, if Validate lets it. nonVolatile is refused where it would not be so: of a
// row that has been there, for one that a manager makes may say so without a need.
func (e *edit) stored(o *mib.Object, key mib.Key, have tc.StorageType, faceOnly bool) tc.StorageType {
	switch {
	case have != keep && have != tc.StorageTypeOther:
		return have
	case !faceOnly:
		return keep
	}
	if have == keep && e.before != nil && e.Assigned(o, key) {
		if _, ok := o.Table.Lookup(e.before.Config(o.Module), key); ok {
			e.fail(o.Instance(key), "can only be other(1): the row says no more than the variables of Snmp and Aaa that it is one with, and is kept as these")
		}
	}
	return tc.StorageTypeOther
}

func (e *edit) settleUsers() {
	auth, priv := Protocols(snmpmib.Of(e))
	change := map[*usmmib.UsmUserRow]tc.StorageType{}
	for row := range usmmib.Of(e).UsmUser.All() {
		faceOnly := row.EngineID == e.a.engineID && ownKeys(e, row.EngineID, row.Name) == nil && row.Public == "" &&
			e.a.userOf(e, row.Name).usable(accountOf(e, row.Name)) &&
			row.AuthProtocol.Compare(auth) == 0 && row.PrivProtocol.Compare(priv) == 0
		if want := e.stored(usmmib.Objects.UsmUserStorageType, row.AppendKey(nil), row.StorageType, faceOnly); want != row.StorageType {
			change[row] = want
		}
	}
	for row, want := range change {
		cfg, tok := e.usm()
		cfg.EditUsmUser(tok, row).StorageType = want
	}
}

func (e *edit) settleCommunity() {
	row := community.Of(e).FindSnmpCommunity(DefaultCommunity)
	if row == nil {
		return
	}
	faceOnly := row.State() == mib.RowActive && communityFace.agree(e) && e.communityGrouped() && row.ContextEngineID == "" && row.ContextName == "" && row.TransportTag == ""
	if want := e.stored(community.Objects.SnmpCommunityStorageType, row.AppendKey(nil), row.StorageType, faceOnly); want != row.StorageType {
		cfg, tok := e.community()
		cfg.EditSnmpCommunity(tok, row).StorageType = want
	}
}

// communityGrouped tells whether the account that the default community stands
// for is in the groups that communityGroups makes, for v1 and v2c alike.
func (e *edit) communityGrouped() bool {
	v := communityAccountOf(e)
	for _, model := range []int32{ModelV1, ModelV2c} {
		row := vacmmib.Of(e).FindVacmSecurityToGroup(model, v.name)
		if v.role != access.None && (row == nil || row.State() != mib.RowActive || row.VacmGroupName != v.role.String()) {
			return false
		}
	}
	return true
}

// settleGroups is for the groups of accounts, and of the one that the default
// community stands for.
func (e *edit) settleGroups() {
	asCommunity := ""
	if row := community.Of(e).FindSnmpCommunity(DefaultCommunity); row != nil && row.StorageType == tc.StorageTypeOther {
		asCommunity = snmpmib.Of(e).SnmpUser
	}
	change := map[*vacmmib.VacmSecurityToGroupRow]tc.StorageType{}
	for row := range vacmmib.Of(e).VacmSecurityToGroup.All() {
		acc := accountOf(e, row.VacmSecurityName)
		faceOnly := acc.there && acc.role != access.None && RoleOf(row.VacmGroupName) == acc.role && row.State() == mib.RowActive &&
			(row.VacmSecurityModel == ModelUSM || acc.active && row.VacmSecurityName == asCommunity)
		if want := e.stored(vacmmib.Objects.VacmSecurityToGroupStorageType, row.AppendKey(nil), row.StorageType, faceOnly); want != row.StorageType {
			change[row] = want
		}
	}
	for row, want := range change {
		cfg, tok := e.vacm()
		cfg.EditVacmSecurityToGroup(tok, row).StorageType = want
	}
}

// settleTargets keeps either none of the targets of TrapDest as rows or all: which
// destination a row is of is told by those before it.
func (e *edit) settleTargets() {
	var rows []*target.SnmpTargetAddrRow
	faceTargets(e, func(row *target.SnmpTargetAddrRow) { rows = append(rows, row) })
	list, err := ParseDestinations(snmpmib.Of(e).TrapDest)
	faceOnly := err == nil && len(list) == len(rows)
	for i := 0; faceOnly && i < len(rows); i++ {
		faceOnly = e.destinationOnly(rows[i], i, list[i])
	}
	for _, row := range rows {
		if want := e.stored(target.Objects.SnmpTargetAddrStorageType, row.AppendKey(nil), row.StorageType, faceOnly); want != row.StorageType {
			cfg, tok := e.target()
			cfg.EditSnmpTargetAddr(tok, row).StorageType = want
		}
	}
}

// destinationOnly tells whether a row is what TrapDest makes of its i-th
// destination.
func (e *edit) destinationOnly(row *target.SnmpTargetAddrRow, i int, d Destination) bool {
	timeout, retries := timing(snmpmib.Of(e))
	domain, address := d.Address()
	return row.Name == trapTarget(i+1) && row.State() == mib.RowActive && row.Timeout == timeout && row.RetryCount == retries &&
		row.TagList == TrapNotify && row.Params == trapParams && row.TDomain.Compare(domain) == 0 && row.TAddress == address && !e.extended(row.Name)
}

// extended tells whether a target's row of snmpTargetAddrExtTable says anything.
func (e *edit) extended(name string) bool {
	ext := community.Of(e).FindSnmpTargetAddrExt(name)
	return ext != nil && (ext.TMask != "" || ext.MMS != 0)
}

// settleNotify is for the rows that all targets of TrapDest share.
func (e *edit) settleNotify() {
	if row := target.Of(e).FindSnmpTargetParams(trapParams); row != nil {
		if want := e.stored(target.Objects.SnmpTargetParamsStorageType, row.AppendKey(nil), row.StorageType, paramsDerived(e, row)); want != row.StorageType {
			cfg, tok := e.target()
			cfg.EditSnmpTargetParams(tok, row).StorageType = want
		}
	}
	if row := notification.Of(e).FindSnmpNotify(TrapNotify); row != nil {
		faceOnly := kindFace.agree(e) && row.Tag == TrapNotify && row.State() == mib.RowActive
		if want := e.stored(notification.Objects.SnmpNotifyStorageType, row.AppendKey(nil), row.StorageType, faceOnly); want != row.StorageType {
			cfg, tok := e.notification()
			cfg.EditSnmpNotify(tok, row).StorageType = want
		}
	}
}
