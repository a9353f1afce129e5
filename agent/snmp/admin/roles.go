package admin

import (
	"strings"

	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/tc"
	vacmmib "mibgate/mib/vacm"
)

// Security models (RFC 3411 §5, SnmpSecurityModel).
const (
	ModelV1  = 1
	ModelV2c = 2
	ModelUSM = 3
)

// Names of what the unit makes. A group is named as its role; the group none
// gets notifications, and may ask nothing.
const (
	noGroup = "none"
	// CommunityPrefix begins the security names of the default community while it
	// stands for no account; the group's name follows.
	CommunityPrefix = "community-"
	viewOfRead      = "-read"
	viewOfWrite     = "-write"
)

var roles = []access.Role{access.Observer, access.User, access.Admin}

// RoleOf is the role of a group; None when it is none of ours.
func RoleOf(group string) access.Role {
	for _, r := range roles {
		if r.String() == group {
			return r
		}
	}
	return access.None
}

// RoleGroup tells the groups that the unit makes.
func RoleGroup(group string) bool { return group == noGroup || RoleOf(group) != access.None }

// roles makes the rows that nobody changes: the groups of the roles, what they
// may, and the security names of the default community.
func (e *edit) roles() {
	if e.before != nil && e.Config(vacmmib.Module) == e.before.Config(vacmmib.Module) {
		return
	}
	want := e.a.roleRows()
	have := vacmmib.Of(e)
	for _, row := range want.groups {
		if old := have.FindVacmSecurityToGroup(row.VacmSecurityModel, row.VacmSecurityName); old == nil || old.VacmGroupName != row.VacmGroupName || old.StorageType != row.StorageType || old.State() != mib.RowActive {
			cfg, tok := e.vacm()
			cfg.AddVacmSecurityToGroup(tok, row)
		}
	}
	e.roleAccess(want.access)
	e.roleViews(want.views)
}

// roleAccess makes the rows of the roles' groups, which have no others: what a
// role may is the same over SNMP and at the command line.
func (e *edit) roleAccess(want []*vacmmib.VacmAccessRow) {
	wanted := map[string]bool{}
	name := func(r *vacmmib.VacmAccessRow) string { return vacmmib.Tables.VacmAccess.Instance(r.AppendKey(nil)) }
	for _, row := range want {
		wanted[name(row)] = true
		old := vacmmib.Of(e).FindVacmAccess(row.VacmGroupName, row.ContextPrefix, row.SecurityModel, row.SecurityLevel)
		if old == nil || !sameAccess(old, row) {
			cfg, tok := e.vacm()
			cfg.AddVacmAccess(tok, row)
		}
	}
	for row := range vacmmib.Of(e).VacmAccess.All() {
		if RoleGroup(row.VacmGroupName) && !wanted[name(row)] {
			e.fail(name(row), "is of the group of a role, which has the rows that the unit makes: make a group of its own")
			return
		}
	}
}

// roleViews replaces the views of the roles, which depend on where the tree is
// served.
func (e *edit) roleViews(want []*vacmmib.VacmViewTreeFamilyRow) {
	wanted := map[string]*vacmmib.VacmViewTreeFamilyRow{}
	name := func(r *vacmmib.VacmViewTreeFamilyRow) string { return r.ViewName + " " + r.Subtree.String() }
	for _, row := range want {
		wanted[name(row)] = row
	}
	var extra []*vacmmib.VacmViewTreeFamilyRow
	for old := range vacmmib.Of(e).VacmViewTreeFamily.All() {
		if roleView(old.ViewName) && wanted[name(old)] == nil {
			extra = append(extra, old)
		}
	}
	for _, row := range extra {
		if e.before != nil {
			e.fail(vacmmib.Tables.VacmViewTreeFamily.Instance(vacmmib.VacmViewTreeFamilyKey(row.ViewName, row.Subtree)), "is in a view of a role, which the unit makes: give the view another name")
			return
		}
		cfg, tok := e.vacm()
		cfg.RemoveVacmViewTreeFamily(tok, row.ViewName, row.Subtree)
	}
	for _, row := range want {
		old := vacmmib.Of(e).FindVacmViewTreeFamily(row.ViewName, row.Subtree)
		if old == nil || old.Type != row.Type || old.Mask != row.Mask || old.StorageType != row.StorageType || old.State() != mib.RowActive {
			cfg, tok := e.vacm()
			cfg.AddVacmViewTreeFamily(tok, row)
		}
	}
}

// roleView tells the views that the unit makes.
func roleView(name string) bool {
	role, ok := strings.CutSuffix(name, viewOfRead)
	if !ok {
		role, ok = strings.CutSuffix(name, viewOfWrite)
	}
	return ok && RoleOf(role) != access.None
}

// roleRows are the rows of the roles.
type roleRows struct {
	groups []*vacmmib.VacmSecurityToGroupRow
	access []*vacmmib.VacmAccessRow
	views  []*vacmmib.VacmViewTreeFamilyRow
}

func (a *Admin) roleRows() roleRows {
	var r roleRows
	for _, model := range []int32{ModelV1, ModelV2c} {
		for _, group := range []string{noGroup, access.Observer.String(), access.User.String(), access.Admin.String()} {
			row := vacmmib.NewVacmSecurityToGroupRow(model, CommunityPrefix+group)
			row.VacmGroupName, row.StorageType = group, tc.StorageTypeReadOnly
			r.groups = append(r.groups, row)
		}
		r.grant(noGroup, model, tc.SnmpSecurityLevelNoAuthNoPriv, "", "", access.Observer)
	}
	for _, role := range roles {
		group, level := role.String(), tc.SnmpSecurityLevelNoAuthNoPriv
		write := group + viewOfWrite
		if role == access.Observer {
			write = "" // it has the keys of a user only
		}
		r.grant(group, ModelV1, level, group+viewOfRead, write, role)
		r.grant(group, ModelV2c, level, group+viewOfRead, write, role)
		// What is not authenticated reads as an observer: anybody can write a name.
		r.grant(group, ModelUSM, level, access.Observer.String()+viewOfRead, "", role)
		r.grant(group, ModelUSM, tc.SnmpSecurityLevelAuthNoPriv, group+viewOfRead, group+viewOfWrite, role)
		r.view(group+viewOfRead, a, role, false)
		r.view(group+viewOfWrite, a, role, true)
	}
	return r
}

// grant is a row of vacmAccessTable, for every context.
func (r *roleRows) grant(group string, model int32, level tc.SnmpSecurityLevel, read, write string, told access.Role) {
	row := vacmmib.NewVacmAccessRow(group, "", model, level)
	row.ContextMatch = vacmmib.VacmAccessContextMatchPrefix
	row.ReadViewName, row.WriteViewName, row.NotifyViewName = read, write, told.String()+viewOfRead
	row.StorageType = tc.StorageTypeReadOnly
	r.access = append(r.access, row)
}

func (r *roleRows) view(name string, a *Admin, role access.Role, write bool) {
	for _, f := range a.families(role, write) {
		row := vacmmib.NewVacmViewTreeFamilyRow(name, f.Subtree)
		row.Mask, row.StorageType = string(f.Mask), tc.StorageTypeReadOnly
		if !f.Included {
			row.Type = vacmmib.VacmViewTreeFamilyTypeExcluded
		}
		r.views = append(r.views, row)
	}
}

func sameAccess(a, b *vacmmib.VacmAccessRow) bool {
	return a.ContextMatch == b.ContextMatch && a.ReadViewName == b.ReadViewName && a.WriteViewName == b.WriteViewName &&
		a.NotifyViewName == b.NotifyViewName && a.StorageType == b.StorageType && a.State() == b.State()
}
