package snmp

import (
	"crypto/subtle"
	"net/netip"
	"strings"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/tree"
	"mibgate/agent/snmp/usm"
	"mibgate/agent/snmp/vacm"
	"mibgate/element/access"
	"mibgate/mib"
	usmmib "mibgate/mib/usm"
)

// grant is what requests of one sender may do: on whose behalf they act, and
// what they see and change, nil where there is no view. err says why they may do
// nothing (RFC 3415 §3.2).
type grant struct {
	who   access.Principal
	sight *tree.Sight
	write *vacm.View
	err   error
}

// denies tells whether the answer to a request is authorizationError: its sender
// has no rights at all, or no view for requests of its class (noSuchView, RFC 3413
// §3.2, RFC 3415 §3.2 step 5).
func (g *grant) denies(t message.PDUType) bool {
	return g.err != nil || t == message.Set && g.write == nil || t != message.Set && g.sight == nil
}

// userGrants are the grants of a user by context and level.
type userGrants [len(contexts)][message.AuthPriv + 1]grant

// community is a row of snmpCommunityTable and what requests with it may do. Its
// octets are padded so that comparing takes the same time whatever is wrong.
type community struct {
	admin.Community
	octets  [admin.MaxCommunity]byte
	context int // in contexts; 0 as well when there is none of the name, which the grants refuse
	v1      grant
	v2c     grant
}

// is compares in constant time; an empty community is nobody's.
func (c *community) is(given []byte) bool {
	var padded [admin.MaxCommunity]byte
	n := copy(padded[:], given)
	same := subtle.ConstantTimeCompare(padded[:], c.octets[:])
	length := subtle.ConstantTimeEq(int32(n), int32(len(c.Name))) //nolint:gosec // both are short
	return c.Name != "" && same&length == 1 && len(given) == n
}

// byCommunity finds the grant of a v1 or v2c message, and its context. Every
// community is compared, so that the time tells nothing of how many have been.
func (p *policy) byCommunity(m *message.Message, from netip.AddrPort) (found *grant, context int) {
	for i := range p.communities {
		c := &p.communities[i]
		if !c.is(m.Community) || !c.Admits(from) || found != nil {
			continue
		}
		found, context = &c.v2c, c.context
		if m.Version == message.V1 {
			found = &c.v1
		}
	}
	return found, context
}

// granted is what an authentic v3 message may do. When another policy has come
// meanwhile, it is what the user of its name may now.
func (s *Service) granted(x *exchange) grant {
	u, level := x.security.User(), x.security.Level()
	if g := x.policy.grants[u]; g != nil {
		return g[x.context][level]
	}
	now := s.policy.Load()
	if g := now.grants[u]; g != nil {
		return g[x.context][level]
	}
	if named := now.users.User([]byte(u.Name())); named != nil {
		return now.grants[named][x.context][min(level, named.MaxLevel())]
	}
	return grant{err: vacm.ErrNoGroup}
}

// renewer is Request.Renew of a SET: what its sender may under the policy that is
// in force when it is carried out; nil for other requests.
func (s *Service) renewer(x *exchange) func(q *responder.Request) bool {
	if x.message.PDU.Type != message.Set {
		return nil
	}
	return func(q *responder.Request) bool {
		now := s.policy.Load()
		if now == x.policy {
			return false
		}
		x.policy = now
		g := s.renewed(x)
		q.Who, q.Sight, q.Write, q.Denied, q.Configs = g.who, g.sight, g.write, g.denies(message.Set), s.configs(x.context)
		return true
	}
}

// renewed is the grant of a message under another policy than that with which
// it was authentic.
func (s *Service) renewed(x *exchange) grant {
	p, m := x.policy, &x.message
	switch {
	case m.Version == message.V3 && p.v3 && x.security.Level() >= p.minLevel:
		return s.granted(x)
	case m.Version == message.V1 && p.v1, m.Version == message.V2c && p.v2c:
		if g, context := p.byCommunity(m, x.from); g != nil {
			x.context = context
			return *g
		}
	}
	return grant{err: vacm.ErrNoGroup}
}

// granter makes grants of a policy; a view is compared with the tree once.
type granter struct {
	tree   *tree.Tree
	engine string // snmpEngineID
	policy *vacm.Policy
	views  map[ownView]*vacm.View
	sights map[*vacm.View]*tree.Sight
}

// ownView is a view of a role as one of those who have it: a user, or "" for who
// is none.
type ownView struct {
	of   *vacm.View
	user string
}

func newGranter(t *tree.Tree, p *vacm.Policy, engine string) *granter {
	return &granter{tree: t, engine: engine, policy: p, views: map[ownView]*vacm.View{}, sights: map[*vacm.View]*tree.Sight{}}
}

// grant is what a security name may. Who is in a group of a role acts with that
// role at most; what others may is for their views alone to say.
func (g *granter) grant(model int32, name string, level message.Level, context string) grant {
	r, err := g.policy.Check(model, name, level, context)
	if err != nil {
		return grant{err: err}
	}
	role := access.Admin
	if admin.RoleGroup(r.Group) {
		role = admin.RoleOf(r.Group)
	}
	if role == access.None {
		return grant{err: vacm.ErrNoAccess}
	}
	via, user := "community", ""
	if model == admin.ModelUSM {
		via = access.ViaUSM
		if level >= message.AuthNoPriv { // else anybody may be the user
			user = name
		}
	}
	if role < access.Admin {
		r.Read, r.Write = g.own(r.Read, user), g.own(r.Write, user)
	}
	return grant{who: access.Principal{Name: name, Role: role, Via: via, Credentials: admin.Credentials(model, name, level)}, sight: g.sight(r.Read), write: r.Write}
}

// own narrows a view of a role to what of it is the user's own: of usmUserPublic,
// which its group has whole, the user's row (see access.OwnRow).
func (g *granter) own(v *vacm.View, user string) *vacm.View {
	if v == nil {
		return nil
	}
	key := ownView{v, user}
	if g.views[key] == nil {
		public := g.tree.Serve(usmmib.Objects.UsmUserPublic.OID)
		families := []vacm.Family{{Subtree: public}}
		if user != "" {
			row := mib.AppendInstance(usmmib.Tables.UsmUser.Index, public.Append(), usmmib.UsmUserKey(g.engine, user))
			families = append(families, vacm.Family{Subtree: row, Included: true})
		}
		if !v.Contains(public) {
			families = nil
		}
		g.views[key] = v.With(families...)
	}
	return g.views[key]
}

func (g *granter) sight(v *vacm.View) *tree.Sight {
	if v == nil {
		return nil
	}
	s := g.sights[v]
	if s == nil {
		s = g.tree.Sight(v)
		g.sights[v] = s
	}
	return s
}

func (g *granter) communities(all []admin.Community) []community {
	out := make([]community, len(all))
	for i, c := range all {
		context, _ := contextNamed(c.Context)
		out[i] = community{
			Community: c,
			context:   context,
			v1:        g.grant(admin.ModelV1, c.SecurityName, message.NoAuthNoPriv, c.Context),
			v2c:       g.grant(admin.ModelV2c, c.SecurityName, message.NoAuthNoPriv, c.Context),
		}
		copy(out[i].octets[:], c.Name)
		if strings.HasPrefix(c.SecurityName, admin.CommunityPrefix) {
			out[i].v1.who.Name, out[i].v2c.who.Name = "community", "community"
		}
	}
	return out
}

func (g *granter) users(all []*usm.User) map[*usm.User]*userGrants {
	out := make(map[*usm.User]*userGrants, len(all))
	for _, u := range all {
		grants := &userGrants{}
		for i, context := range contexts {
			for level := message.NoAuthNoPriv; level <= u.MaxLevel(); level++ {
				grants[i][level] = g.grant(admin.ModelUSM, u.Name(), level, context)
			}
		}
		out[u] = grants
	}
	return out
}
