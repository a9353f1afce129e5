package snmp

import (
	"fmt"

	accounts "mibgate/element/aaa"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
)

// Validate checks what no single variable can be checked for.
func (s *Service) Validate(c mib.Configs) error {
	cfg := snmpmib.Of(c)
	if cfg.MinimumSecurityLevel == snmpmib.MinimumSecurityLevelAuthPriv && cfg.PrivProtocol == snmpmib.PrivProtocolNone {
		return inconsistent(snmpmib.Objects.PrivProtocol, "must not be None while Snmp.MinimumSecurityLevel is AuthPriv: no message could be encrypted")
	}
	dests, err := ParseDestinations(cfg.TrapDest)
	if err != nil {
		return inconsistent(snmpmib.Objects.TrapDest, err.Error())
	}
	if cfg.SnmpUser != "" && (cfg.EnableSnmpV1 || cfg.EnableSnmpV2) {
		if _, ok := accounts.Find(c, cfg.SnmpUser); !ok {
			return inconsistent(snmpmib.Objects.SnmpUser, fmt.Sprintf("names account %q, which does not exist or is not active", cfg.SnmpUser))
		}
	}
	if len(dests) > 0 && cfg.EnableTrap && cfg.TrapVersion == snmpmib.TrapVersionV3 {
		return validateTrapUser(c, cfg)
	}
	return nil
}

// validateTrapUser sees to it that v3 notifications can be sent at all.
func validateTrapUser(c mib.Configs, cfg *snmpmib.Config) error {
	a, ok := accounts.Find(c, cfg.TrapUser)
	switch {
	case !ok:
		return inconsistent(snmpmib.Objects.TrapUser, fmt.Sprintf("names account %q, which does not exist or is not active; SNMPv3 notifications need one", cfg.TrapUser))
	case cfg.MinimumSecurityLevel != snmpmib.MinimumSecurityLevelNoAuthNoPriv && len(a.Password) < accounts.MinPassword:
		return inconsistent(snmpmib.Objects.TrapUser, fmt.Sprintf("names account %q, whose password is shorter than the %d octets that SNMPv3 needs", cfg.TrapUser, accounts.MinPassword))
	}
	return nil
}

func inconsistent(o *mib.Object, detail string) error {
	return &mib.Error{Kind: mib.ErrInconsistent, Path: o.Path(), Detail: detail, Position: -1}
}
