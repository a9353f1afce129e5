package admin

import (
	"fmt"
	"strings"

	accounts "mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/community"
	snmpmib "mibgate/mib/snmp"
	vacmmib "mibgate/mib/vacm"
)

// DefaultCommunity is the index in snmpCommunityTable of the row that
// Snmp.Community is a face of.
const DefaultCommunity = "default"

// maxCommunityFace is what Snmp.Community holds, maxSecurityName what a row can
// have of Snmp.SnmpUser.
const (
	maxCommunityFace = 32
	maxSecurityName  = 32
)

// communityVariables are what the default community's rows are derived from.
type communityVariables struct {
	community, security string
}

func communityVariablesOf(c mib.Configs) communityVariables {
	cfg := snmpmib.Of(c)
	return communityVariables{community: cfg.Community, security: securityName(cfg)}
}

// communityAccount is the account that the default community stands for; it has
// the role None when there is none.
type communityAccount struct {
	name string
	role access.Role
}

func communityAccountOf(c mib.Configs) communityAccount {
	a := communityAccount{name: snmpmib.Of(c).SnmpUser}
	if found, ok := accounts.Find(c, a.name); ok && a.name != "" {
		a.role = found.Role
	}
	return a
}

// securityName is whom the default community stands for: the account, or a name
// in the group of a role.
func securityName(cfg *snmpmib.Config) string {
	if cfg.SnmpUser != "" {
		return cfg.SnmpUser
	}
	switch cfg.CommunityRole {
	case snmpmib.CommunityRoleAdmin:
		return CommunityPrefix + access.Admin.String()
	case snmpmib.CommunityRoleUser:
		return CommunityPrefix + access.User.String()
	case snmpmib.CommunityRoleObserver:
		return CommunityPrefix + access.Observer.String()
	}
	return CommunityPrefix + noGroup
}

// communityRow is what of the default community its face shows.
type communityRow struct {
	there          bool
	name, security string
}

func communityRowOf(c mib.Configs) communityRow {
	row := community.Of(c).FindSnmpCommunity(DefaultCommunity)
	if row == nil || row.State() != mib.RowActive {
		return communityRow{}
	}
	return communityRow{there: true, name: row.Name, security: row.SecurityName}
}

// communityFace is Community, SnmpUser and CommunityRole.
var communityFace = face{
	variable: "Snmp.Community", rows: `the row "default" of snmpCommunityTable`,
	variables: func(c mib.Configs) any { return communityVariablesOf(c) },
	tables:    func(c mib.Configs) any { return communityRowOf(c) },
	agree: func(c mib.Configs) bool {
		v, row := communityVariablesOf(c), communityRowOf(c)
		return row.there == (v.community != "") && (!row.there || row.name == v.community && row.security == v.security)
	},
	derive:  (*edit).deriveCommunity,
	project: (*edit).projectCommunity,
}

func (e *edit) deriveCommunity() {
	v := communityVariablesOf(e)
	cfg, tok := e.community()
	if v.community == "" {
		cfg.RemoveSnmpCommunity(tok, DefaultCommunity)
		return
	}
	row := cfg.FindSnmpCommunity(DefaultCommunity)
	if row == nil {
		row = community.NewSnmpCommunityRow(DefaultCommunity)
		cfg.AddSnmpCommunity(tok, row)
	}
	row = cfg.EditSnmpCommunity(tok, row)
	row.Name, row.SecurityName = v.community, v.security
	row.SetState(mib.RowActive)
	if e.before == nil {
		e.communityGroups() // which are on disk when the row is
	}
}

// ownEngine makes the engine of a community's context empty where it is ours, so
// that the configuration fits another unit.
func (e *edit) ownEngine() {
	var rows []*community.SnmpCommunityRow
	for row := range community.Of(e).SnmpCommunity.All() {
		if row.ContextEngineID == e.a.engineID {
			rows = append(rows, row)
		}
	}
	for _, row := range rows {
		cfg, tok := e.community()
		cfg.EditSnmpCommunity(tok, row).ContextEngineID = ""
	}
}

// communityGroups puts the account that the default community stands for into
// the group of its role for v1 and v2c as well, and the one before out of it.
// Other groups that it was given there stay.
func (e *edit) communityGroups() {
	old, now := communityAccount{}, communityAccountOf(e)
	if e.before != nil {
		old = communityAccountOf(e.before)
	}
	if old == now {
		return
	}
	for _, model := range []int32{ModelV1, ModelV2c} {
		cfg, tok := e.vacm()
		if row := cfg.FindVacmSecurityToGroup(model, old.name); row != nil && row.VacmGroupName == old.role.String() {
			cfg.RemoveVacmSecurityToGroup(tok, model, old.name)
		}
		if now.role == access.None || cfg.FindVacmSecurityToGroup(model, now.name) != nil {
			continue
		}
		row := vacmmib.NewVacmSecurityToGroupRow(model, now.name)
		row.VacmGroupName = now.role.String()
		cfg.AddVacmSecurityToGroup(tok, row)
	}
}

func (e *edit) projectCommunity() {
	row := communityRowOf(e)
	switch {
	case snmpmib.Objects.Community.Syntax.Check(mib.String(row.name)) != nil:
		e.fail(e.communityPath("Name"), fmt.Sprintf("is also Snmp.Community, text of at most %d octets: put other names into another row", maxCommunityFace))
		return
	case strings.HasPrefix(row.security, CommunityPrefix) && !unitName(row.security):
		e.fail(e.communityPath("SecurityName"), fmt.Sprintf("is also Snmp.SnmpUser or Snmp.CommunityRole: an account, or %snone, -observer, -user or -admin; put others into another row", CommunityPrefix))
		return
	}
	cfg, _ := e.snmp()
	cfg.Community = row.name
	if !row.there {
		return
	}
	cfg.SnmpUser = ""
	switch group, ok := strings.CutPrefix(row.security, CommunityPrefix); {
	case !ok:
		cfg.SnmpUser = row.security
	case group == noGroup:
		cfg.CommunityRole = snmpmib.CommunityRoleNone
	default:
		cfg.CommunityRole = map[access.Role]snmpmib.CommunityRole{
			access.Observer: snmpmib.CommunityRoleObserver, access.User: snmpmib.CommunityRoleUser, access.Admin: snmpmib.CommunityRoleAdmin,
		}[RoleOf(group)]
	}
}

func unitName(security string) bool { return RoleGroup(strings.TrimPrefix(security, CommunityPrefix)) }

// validateSnmpUser keeps Snmp.SnmpUser to what is an account: the names of the
// default community without one are in groups already.
func validateSnmpUser(c mib.Configs) error {
	switch name := snmpmib.Of(c).SnmpUser; {
	case len(name) > maxSecurityName:
		return bad(snmpmib.Objects.SnmpUser, nil, fmt.Sprintf("must have %d octets at most, as the name of an account has", maxSecurityName))
	case strings.HasPrefix(name, CommunityPrefix):
		return bad(snmpmib.Objects.SnmpUser, nil, fmt.Sprintf("must not begin with %q: such names are the unit's own", CommunityPrefix))
	}
	return nil
}

func (e *edit) communityPath(column string) string {
	return community.Tables.SnmpCommunity.Instance(community.SnmpCommunityKey(DefaultCommunity)) + "." + column
}
