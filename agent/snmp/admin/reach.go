package admin

import (
	"mibgate/agent/snmp/usm"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/aaa"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/tc"
	usmmib "mibgate/mib/usm"
)

// validateReach refuses a change that leaves no admin who could ask at
// Snmp.MinimumSecurityLevel, so that nobody locks himself out of SNMPv3. A unit
// that no admin can ask is none of its business: it may be meant to be so.
func (a *Admin) validateReach(c mib.Configs) error {
	began := store.Began(c)
	if began == nil || !snmpmib.Of(c).EnableSnmpV3 || a.reaches(c) != "" {
		return nil
	}
	last := a.reaches(began)
	if last == "" {
		return nil
	}
	const detail = "would leave no admin who can use SNMPv3 at Snmp.MinimumSecurityLevel; make another one first"
	key := usmmib.UsmUserKey(a.engineID, last)
	switch row := usmmib.Of(c).FindUsmUser(a.engineID, last); {
	case snmpmib.Of(c).MinimumSecurityLevel != snmpmib.Of(began).MinimumSecurityLevel:
		return bad(snmpmib.Objects.MinimumSecurityLevel, nil, detail)
	case row == nil:
		return bad(aaa.Objects.UsersPassword, aaa.UsersKey(last), detail)
	case row.State() != mib.RowActive:
		return bad(usmmib.Objects.UsmUserStatus, key, detail)
	case row.AuthProtocol.Compare(usm.NoAuth.OID()) == 0:
		return bad(usmmib.Objects.UsmUserAuthProtocol, key, detail)
	}
	return bad(usmmib.Objects.UsmUserPrivProtocol, key, detail)
}

// reaches is an active admin whose messages are taken; "" when there is none.
func (a *Admin) reaches(c mib.Configs) string {
	for row := range usmmib.Of(c).UsmUser.Active() {
		if row.EngineID != a.engineID || RoleOf(a.userOf(c, row.Name).group) != access.Admin {
			continue
		}
		if k, ok := a.keysOf(c, row); ok && k.level() >= levels[snmpmib.Of(c).MinimumSecurityLevel] {
			return row.Name
		}
	}
	return ""
}

// level is the highest that the keys are good for.
func (k *keys) level() tc.SnmpSecurityLevel {
	switch {
	case k.auth == usm.NoAuth:
		return tc.SnmpSecurityLevelNoAuthNoPriv
	case k.priv == usm.NoPriv:
		return tc.SnmpSecurityLevelAuthNoPriv
	}
	return tc.SnmpSecurityLevelAuthPriv
}
