package admin

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"mibgate/agent/snmp/usm"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/aaa"
	"mibgate/mib/community"
	"mibgate/mib/notification"
	"mibgate/mib/notificationlog"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/target"
	"mibgate/mib/tc"
	usmmib "mibgate/mib/usm"
	vacmmib "mibgate/mib/vacm"
)

// caps are the most rows of each table: every row costs memory, and time at each
// change.
var caps = []struct {
	table *mib.Table
	most  int
}{
	{usmmib.Tables.UsmUser, 64},
	{snmpmib.Tables.UserKeys, 64},
	{vacmmib.Tables.VacmSecurityToGroup, 256},
	{vacmmib.Tables.VacmAccess, 256},
	{vacmmib.Tables.VacmViewTreeFamily, 1024},
	{target.Tables.SnmpTargetAddr, 64},
	{target.Tables.SnmpTargetParams, 64},
	{notification.Tables.SnmpNotify, 32},
	{notification.Tables.SnmpNotifyFilterProfile, 64},
	{notification.Tables.SnmpNotifyFilter, 512},
	{community.Tables.SnmpCommunity, 64},
	{notificationlog.Tables.NlmConfigLog, maxLogs + 1}, // that of the unit
	{snmpmib.Tables.LogCreator, maxLogs},
}

// Validate refuses rows that cannot have an effect, naming the object.
func (a *Admin) Validate(c mib.Configs) error {
	for _, l := range caps {
		if err := store.CheckRows(c, l.table, l.most); err != nil {
			return err
		}
	}
	for _, check := range []func(c mib.Configs) error{
		validateKeys, a.validateUsers, a.validateReach, validateGroups, validateSnmpUser, a.validateCommunities, validateTargets, validateParams, validateNotify,
	} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

// bad is what is wrong with one cell.
func bad(o *mib.Object, key mib.Key, detail string) error {
	return &mib.Error{Kind: mib.ErrInconsistent, Path: o.Instance(key), Detail: detail, Position: -1}
}

// unknown is a cell with a value that is none of its convention, or none that we
// have (wrongValue).
func unknown(o *mib.Object, key mib.Key, detail string) error {
	return &mib.Error{Kind: mib.ErrWrongValue, Path: o.Instance(key), Detail: detail, Position: -1}
}

// validateUsers is for usmUserTable: protocols that we have, and keys for them.
func (a *Admin) validateUsers(c mib.Configs) error {
	objects := &usmmib.Objects
	for row := range usmmib.Of(c).UsmUser.All() {
		key := usmmib.UsmUserKey(row.EngineID, row.Name)
		auth, okAuth := usm.AuthByOID(row.AuthProtocol)
		priv, okPriv := usm.PrivByOID(row.PrivProtocol)
		switch {
		case !okAuth:
			return unknown(objects.UsmUserAuthProtocol, key, "is no authentication protocol that we have")
		case !okPriv:
			return unknown(objects.UsmUserPrivProtocol, key, "is no privacy protocol that we have")
		case auth == usm.NoAuth && priv != usm.NoPriv:
			return bad(objects.UsmUserPrivProtocol, key, "must be usmNoPrivProtocol while usmUserAuthProtocol is usmNoAuthProtocol")
		case row.EngineID == a.engineID && row.StorageType == tc.StorageTypeVolatile:
			return bad(objects.UsmUserStorageType, key, "cannot be volatile: the user is also an account of Aaa.Users, which is kept")
		case row.State() != mib.RowActive:
			continue
		}
		if own := ownKeys(c, row.EngineID, row.Name); own != nil && own.AuthKey == "" {
			continue // an export has no secrets: nobody is this user until he has keys again
		}
		if _, ok := a.keysOf(c, row); !ok {
			return bad(objects.UsmUserAuthProtocol, key, "has no key for this user: a user whose keys come from no password has those of the user it was cloned from, and may only be set to the none protocols")
		}
	}
	return nil
}

// validateGroups keeps what accounts may from being volatile: their AccessRights
// are not, and would make the row again at the next start (RFC 2579, StorageType).
func validateGroups(c mib.Configs) error {
	for row := range vacmmib.Of(c).VacmSecurityToGroup.All() {
		if row.StorageType != tc.StorageTypeVolatile {
			continue
		}
		key := vacmmib.VacmSecurityToGroupKey(row.VacmSecurityModel, row.VacmSecurityName)
		switch {
		case row.VacmSecurityModel == ModelUSM && aaa.Of(c).FindUsers(row.VacmSecurityName) != nil:
			return bad(vacmmib.Objects.VacmSecurityToGroupStorageType, key, "cannot be volatile: the group is also AccessRights of the account in Aaa.Users, which is kept")
		case row.VacmSecurityModel != ModelUSM && row.VacmSecurityName == snmpmib.Of(c).SnmpUser:
			return bad(vacmmib.Objects.VacmSecurityToGroupStorageType, key, "cannot be volatile: the account is also Snmp.SnmpUser, which is kept")
		}
	}
	return nil
}

// validateKeys is for Snmp.UserKeys.
func validateKeys(c mib.Configs) error {
	for row := range snmpmib.Of(c).UserKeys.All() {
		key := snmpmib.UserKeysKey(row.EngineId, row.Name)
		if _, err := hex.DecodeString(row.AuthKey); err != nil {
			return bad(snmpmib.Objects.UserKeysAuthKey, key, "must be hexadecimal digits, two for each octet of the key")
		}
		if _, err := hex.DecodeString(row.PrivKey); err != nil {
			return bad(snmpmib.Objects.UserKeysPrivKey, key, "must be hexadecimal digits, two for each octet of the key")
		}
	}
	return nil
}

// validateCommunities is for snmpCommunityTable: the engine is ours, for we are
// no proxy.
func (a *Admin) validateCommunities(c mib.Configs) error {
	for row := range community.Of(c).SnmpCommunity.All() {
		if row.StorageType == tc.StorageTypeVolatile && row.Index == DefaultCommunity {
			return bad(community.Objects.SnmpCommunityStorageType, community.SnmpCommunityKey(row.Index), "cannot be volatile: the row is also Snmp.Community, which is kept")
		}
		if strings.ContainsAny(row.TransportTag, delimiters) {
			return unknown(community.Objects.SnmpCommunityTransportTag, community.SnmpCommunityKey(row.Index), "must be one tag, without spaces")
		}
		if len(row.Name) > MaxCommunity {
			return bad(community.Objects.SnmpCommunityName, community.SnmpCommunityKey(row.Index), fmt.Sprintf("must have %d octets at most", MaxCommunity))
		}
		if id := row.ContextEngineID; id != "" && id != a.engineID {
			return bad(community.Objects.SnmpCommunityContextEngineID, community.SnmpCommunityKey(row.Index), "must be snmpEngineID of this unit, or empty, which means the same")
		}
	}
	for row := range community.Of(c).SnmpTargetAddrExt.All() {
		if addr := target.Of(c).FindSnmpTargetAddr(row.SnmpTargetAddrName); addr != nil && row.TMask != "" && len(row.TMask) != len(addr.TAddress) {
			return bad(community.Objects.SnmpTargetAddrTMask, community.SnmpTargetAddrExtKey(row.SnmpTargetAddrName),
				fmt.Sprintf("must be empty or as long as snmpTargetAddrTAddress, %d octets", len(addr.TAddress)))
		}
	}
	return nil
}

// validateTargets is for snmpTargetAddrTable.
func validateTargets(c mib.Configs) error {
	for row := range target.Of(c).SnmpTargetAddr.All() {
		key := target.SnmpTargetAddrKey(row.Name)
		if row.StorageType == tc.StorageTypeVolatile && isTrapTarget(row.Name) {
			return bad(target.Objects.SnmpTargetAddrStorageType, key, "cannot be volatile: the target is also in Snmp.TrapDest, which is kept")
		}
		if !tagList(row.TagList) {
			return unknown(target.Objects.SnmpTargetAddrTagList, key, "must be tags with one space between them, and none around them")
		}
		if row.State() != mib.RowActive {
			continue // may lack either
		}
		_, err := destinationAt(row.TDomain, row.TAddress)
		switch {
		case err == nil, errors.Is(err, errAddress) && sourceOnly(row):
		case errors.Is(err, errDomain):
			return bad(target.Objects.SnmpTargetAddrTDomain, key, err.Error())
		default:
			return bad(target.Objects.SnmpTargetAddrTAddress, key, err.Error())
		}
	}
	return nil
}

// sourceOnly tells an address that only says where requests may come from: its
// port is 0, which stands for any (RFC 3584 §5.3).
func sourceOnly(row *target.SnmpTargetAddrRow) bool {
	want := 0
	switch {
	case row.TDomain.Compare(udpDomain) == 0, row.TDomain.Compare(udpIPv4Domain) == 0:
		want = 6
	case row.TDomain.Compare(udpIPv6Domain) == 0:
		want = 18
	}
	return len(row.TAddress) == want && want > 0
}

// delimiters stand between the tags of a list, and in none (RFC 3413, SnmpTagValue).
const delimiters = " \t\r\n"

// tagList is SnmpTagList (RFC 3413): the delimiters stand between tags only.
func tagList(s string) bool {
	if s == "" {
		return true
	}
	delimited := true
	for _, r := range s {
		is := strings.ContainsRune(delimiters, r)
		if is && delimited {
			return false
		}
		delimited = is
	}
	return !delimited
}

// validateParams is for snmpTargetParamsTable: a version and its security model.
// A row that is not active may be given one after the other (RFC 3413,
// snmpTargetParamsRowStatus), unless it is a version of Snmp.TrapVersion as well.
func validateParams(c mib.Configs) error {
	for row := range target.Of(c).SnmpTargetParams.All() {
		key := target.SnmpTargetParamsKey(row.Name)
		face := row.Name == trapParams
		if face && row.StorageType == tc.StorageTypeVolatile {
			return bad(target.Objects.SnmpTargetParamsStorageType, key, "cannot be volatile: the row is also Snmp.TrapVersion and Snmp.TrapUser, which are kept")
		}
		if !face && row.State() != mib.RowActive {
			continue
		}
		ok := false
		for _, models := range versions {
			ok = ok || models == [2]int32{row.MPModel, row.SecurityModel}
		}
		if !ok {
			return bad(target.Objects.SnmpTargetParamsSecurityModel, key, "does not go with snmpTargetParamsMPModel: SNMPv1 is 0 and 1, SNMPv2c 1 and 2, SNMPv3 3 and 3")
		}
	}
	return nil
}

// validateNotify is for snmpNotifyTable: a tag, which is no list of them.
func validateNotify(c mib.Configs) error {
	for row := range notification.Of(c).SnmpNotify.All() {
		if row.StorageType == tc.StorageTypeVolatile && row.Name == TrapNotify {
			return bad(notification.Objects.SnmpNotifyStorageType, notification.SnmpNotifyKey(row.Name), "cannot be volatile: the row is also Snmp.TrapKind, which is kept")
		}
		if strings.ContainsAny(row.Tag, delimiters) {
			return unknown(notification.Objects.SnmpNotifyTag, notification.SnmpNotifyKey(row.Name), "must be one tag, without spaces")
		}
	}
	return nil
}
