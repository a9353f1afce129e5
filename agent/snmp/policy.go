package snmp

import (
	"reflect"
	"time"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/element/store"
	snmpmib "mibgate/mib/snmp"
)

// policy is who may ask what, and whom to notify: the tables of the
// administration made ready for use. It is immutable; a change of configuration
// makes another one.
type policy struct {
	seq          uint64 // of the snapshot
	v1, v2c, v3  bool
	communities  []community
	communityMax int // octets of an answer to one
	minLevel     message.Level
	users        *usm.UserTable
	grants       map[*usm.User]*userGrants
	authenTraps  bool
	authLimit    int           // failures that make a source wait; 0: none do
	authPause    time.Duration // how long at first
	notify       NotifierConfig
}

// newPolicy computes keys, which takes milliseconds per new password.
func (s *Service) newPolicy(snap *store.Snapshot) (*policy, error) {
	cfg := snmpmib.Of(snap)
	p := &policy{
		seq: snap.Seq, v1: cfg.EnableSnmpV1, v2c: cfg.EnableSnmpV2, v3: cfg.EnableSnmpV3,
		communityMax: int(cfg.CommunityMessageSize),
		minLevel:     levelOf(cfg.MinimumSecurityLevel),
		authLimit:    int(cfg.AuthFailureLimit),
		authPause:    time.Duration(cfg.AuthFailurePause) * time.Second,
		authenTraps:  cfg.AuthenTrapsEnable == snmpmib.AuthenTrapsEnableEnabled,
	}
	g := newGranter(s.tree, s.admin.Policy(snap, contexts[:]), s.engine.text)
	p.communities = g.communities(admin.Communities(snap))
	users, err := s.admin.Users(snap)
	if err != nil {
		return nil, err
	}
	p.users, p.grants = usm.NewUserTable(users...), g.users(users)
	p.notify = s.notifierConfig(snap, g.policy)
	return p, nil
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

// Prepare computes the policy of a candidate.
func (s *Service) Prepare(old, next *store.Snapshot) (store.Change, error) {
	if !admin.Changed(old, next) {
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
