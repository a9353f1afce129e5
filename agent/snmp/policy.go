package snmp

import (
	"crypto/subtle"
	"reflect"
	"strconv"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/agent/snmp/vacm"
	accounts "mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/aaa"
	snmpmib "mibgate/mib/snmp"
)

// policy is who may ask what, and whom to notify: the variables of Snmp and
// Aaa made ready for use. It is immutable; a change of configuration makes
// another one.
type policy struct {
	seq          uint64 // of the snapshot
	v1, v2c, v3  bool
	community    community
	communityWho access.Principal
	minLevel     message.Level
	users        *usm.UserTable
	roles        map[*usm.User]access.Principal
	authenTraps  bool
	authLimit    int           // failures that make a source wait; 0: none do
	authPause    time.Duration // how long at first
	notify       NotifierConfig
}

// community is what v1 and v2c messages must carry, padded so that comparing
// takes the same time whatever is wrong.
type community struct {
	set    bool
	length int
	octets [maxCommunity]byte
}

// maxCommunity is more than Snmp.Community may have.
const maxCommunity = 64

func newCommunity(s string) community {
	c := community{set: s != "" && len(s) <= maxCommunity, length: len(s)}
	copy(c.octets[:], s)
	return c
}

// is compares in constant time; an empty community is nobody's.
func (c *community) is(given []byte) bool {
	var padded [maxCommunity]byte
	n := copy(padded[:], given)
	same := subtle.ConstantTimeCompare(padded[:], c.octets[:])
	return c.set && same&subtle.ConstantTimeEq(int32(n), int32(c.length)) == 1 && len(given) == n //nolint:gosec // short
}

// newPolicy computes keys, which takes milliseconds per new password.
func (s *Service) newPolicy(snap *store.Snapshot) (*policy, error) {
	cfg := snmpmib.Of(snap)
	p := &policy{
		seq: snap.Seq, v1: cfg.EnableSnmpV1, v2c: cfg.EnableSnmpV2, v3: cfg.EnableSnmpV3,
		community:    newCommunity(cfg.Community),
		communityWho: communityPrincipal(snap, cfg),
		minLevel:     levelOf(cfg.MinimumSecurityLevel),
		authLimit:    int(cfg.AuthFailureLimit),
		authPause:    time.Duration(cfg.AuthFailurePause) * time.Second,
		authenTraps:  cfg.AuthenTrapsEnable == snmpmib.AuthenTrapsEnableEnabled,
	}
	var err error
	if p.users, p.roles, err = s.users(cfg, accounts.All(snap)); err != nil {
		return nil, err
	}
	p.notify, err = s.notifierConfig(snap, cfg)
	return p, err
}

// communityPrincipal is on whose behalf a request with the right community
// acts: SnmpUser's account, or CommunityRole while SnmpUser is empty.
func communityPrincipal(snap *store.Snapshot, cfg *snmpmib.Config) access.Principal {
	who := access.Principal{Name: "community", Via: "snmp"}
	if cfg.SnmpUser != "" {
		if a, ok := accounts.Find(snap, cfg.SnmpUser); ok {
			who.Name, who.Role = a.Name, a.Role
		}
		return who
	}
	switch cfg.CommunityRole {
	case snmpmib.CommunityRoleAdmin:
		who.Role = access.Admin
	case snmpmib.CommunityRoleUser:
		who.Role = access.User
	case snmpmib.CommunityRoleObserver:
		who.Role = access.Observer
	}
	return who
}

func levelOf(l snmpmib.MinimumSecurityLevel) message.Level {
	switch l {
	case snmpmib.MinimumSecurityLevelNoAuthNoPriv:
		return message.NoAuthNoPriv
	case snmpmib.MinimumSecurityLevelAuthNoPriv:
		return message.AuthNoPriv
	}
	return message.AuthPriv
}

// everything is the view of the whole tree.
var everything = vacm.NewView([]vacm.Family{{Subtree: mib.OID{1, 3}, Included: true}})

// notifierConfig makes the destinations of TrapDest targets trap-1, trap-2, ….
func (s *Service) notifierConfig(snap *store.Snapshot, cfg *snmpmib.Config) (NotifierConfig, error) {
	dests, err := ParseDestinations(cfg.TrapDest)
	if err != nil {
		return NotifierConfig{}, inconsistent(snmpmib.Objects.TrapDest, err.Error())
	}
	t := Target{
		Notify: "trap", Version: message.V3, Inform: cfg.TrapKind == snmpmib.TrapKindInform && cfg.TrapVersion != snmpmib.TrapVersionV1,
		Timeout: time.Duration(cfg.InformTimeout) * time.Second, Retries: int(cfg.InformRetries),
		Community: cfg.Community, Level: levelOf(cfg.MinimumSecurityLevel),
	}
	switch cfg.TrapVersion {
	case snmpmib.TrapVersionV1:
		t.Version = message.V1
	case snmpmib.TrapVersionV2c:
		t.Version = message.V2c
	}
	if a, ok := accounts.Find(snap, cfg.TrapUser); ok {
		c, ok, err := s.credentials(cfg, a)
		if err != nil {
			return NotifierConfig{}, unavailable(err)
		}
		if ok {
			t.User = c
		}
	}
	if cfg.EnableTrap {
		t.View = everything
	}
	var n NotifierConfig
	for i, d := range dests {
		t.Name, t.Dest = "trap-"+strconv.Itoa(i+1), d
		n.Targets = append(n.Targets, t)
	}
	return n, nil
}

// Prepare computes the policy of a candidate.
func (s *Service) Prepare(old, next *store.Snapshot) (store.Change, error) {
	if !next.Changed(old, snmpmib.Module) && !next.Changed(old, aaa.Module) {
		return nil, nil //nolint:nilnil // nothing to do
	}
	p, err := s.newPolicy(next)
	if err != nil {
		return nil, err
	}
	return store.OnCommit(func() { s.adopt(p) }), nil
}

// refresh brings the policy up to snap, which a start begins with.
func (s *Service) refresh(snap *store.Snapshot) error {
	p, err := s.newPolicy(snap)
	if err != nil {
		return err
	}
	s.adopt(p)
	return nil
}

// adopt puts a policy in force, unless a newer one is.
func (s *Service) adopt(p *policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.policy.Load()
	if old != nil && old.seq > p.seq {
		return
	}
	s.policy.Store(p)
	s.engine.use(p)
	if old != nil && reflect.DeepEqual(old.notify, p.notify) {
		return
	}
	s.sources.tellAgain() // they may go elsewhere now
	if s.notifier != nil && s.run != nil {
		s.notifier.Configure(p.notify)
	}
}
