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

// ByRole gives a request the views of its sender's role.
func (r *Responder) ByRole(q *Request) {
	of := rights{}
	if int(q.Who.Role) < len(r.roles) {
		of = r.roles[q.Who.Role]
	}
	q.Sight, q.Write = of.sight, of.write
}
