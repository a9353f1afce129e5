package snmp

import (
	"fmt"

	"mibgate/agent/snmp/admin"
	accounts "mibgate/element/aaa"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
	usmmib "mibgate/mib/usm"
	vacmmib "mibgate/mib/vacm"
)

// Validate checks what no single variable can be checked for.
func (s *Service) Validate(c mib.Configs) error {
	cfg := snmpmib.Of(c)
	if cfg.MinimumSecurityLevel == snmpmib.MinimumSecurityLevelAuthPriv && cfg.PrivProtocol == snmpmib.PrivProtocolNone {
		return inconsistent(snmpmib.Objects.PrivProtocol, "must not be None while Snmp.MinimumSecurityLevel is AuthPriv: no message could be encrypted")
	}
	dests, err := admin.ParseDestinations(cfg.TrapDest)
	if err != nil {
		return inconsistent(snmpmib.Objects.TrapDest, err.Error())
	}
	if cfg.SnmpUser != "" && (cfg.EnableSnmpV1 || cfg.EnableSnmpV2) && !grouped(c, cfg.SnmpUser) {
		if _, ok := accounts.Find(c, cfg.SnmpUser); !ok {
			return inconsistent(snmpmib.Objects.SnmpUser, fmt.Sprintf("names account %q, which does not exist or is not active, and vacmSecurityToGroupTable has no group for it", cfg.SnmpUser))
		}
	}
	if len(dests) > 0 && cfg.EnableTrap && cfg.TrapVersion == snmpmib.TrapVersionV3 {
		if err := s.validateTrapUser(c, cfg); err != nil {
			return err
		}
	}
	return s.admin.Validate(c)
}

// grouped tells whether a security name is in a group for a version with
// communities.
func grouped(c mib.Configs, name string) bool {
	for _, model := range []int32{admin.ModelV1, admin.ModelV2c} {
		if row := vacmmib.Of(c).FindVacmSecurityToGroup(model, name); row != nil && row.State() == mib.RowActive {
			return true
		}
	}
	return false
}

// validateTrapUser sees to it that v3 notifications can be sent at all.
func (s *Service) validateTrapUser(c mib.Configs, cfg *snmpmib.Config) error {
	if row := usmmib.Of(c).FindUsmUser(s.engine.text, cfg.TrapUser); row != nil && row.State() == mib.RowActive {
		return nil
	}
	_, ok := accounts.Find(c, cfg.TrapUser)
	switch {
	case !ok:
		return inconsistent(snmpmib.Objects.TrapUser, fmt.Sprintf("names account %q, which does not exist or is not active; SNMPv3 notifications need one", cfg.TrapUser))
	case cfg.MinimumSecurityLevel != snmpmib.MinimumSecurityLevelNoAuthNoPriv:
		return inconsistent(snmpmib.Objects.TrapUser, fmt.Sprintf("names account %q, whose password is shorter than the %d octets that SNMPv3 needs", cfg.TrapUser, accounts.MinPassword))
	}
	return nil
}

func inconsistent(o *mib.Object, detail string) error {
	return &mib.Error{Kind: mib.ErrInconsistent, Path: o.Path(), Detail: detail, Position: -1}
}
