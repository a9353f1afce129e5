package responder

import (
	"mibgate/agent/snmp/tree"
	"mibgate/agent/snmp/vacm"
	"mibgate/element/access"
)

// rights are what a request may read and change.
type rights struct {
	sight *tree.Sight
	write *vacm.View
}

func roleRights(t *tree.Tree) (r [access.Admin + 1]rights) {
	for role := range access.Admin + 1 {
		r[role] = rights{
			t.Sight(vacm.NewView(t.RoleFamilies(role, false))),
			vacm.NewView(t.RoleFamilies(role, true)),
		}
	}
	return r
}

// byRole are the views of the tester's role.
func (g *rig) byRole() rights {
	if g.roles == nil {
		r := roleRights(g.tree)
		g.roles = r[:]
	}
	if int(g.who.Role) >= len(g.roles) {
		return rights{}
	}
	return g.roles[g.who.Role]
}
