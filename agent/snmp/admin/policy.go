package admin

import (
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/vacm"
	"mibgate/mib"
	"mibgate/mib/tc"
	vacmmib "mibgate/mib/vacm"
)

// Policy is who may do what, as the active rows of SNMP-VIEW-BASED-ACM-MIB say.
func Policy(c mib.Configs, contexts []string) *vacm.Policy {
	cfg := vacmmib.Of(c)
	p := vacm.Config{Views: views(cfg), Contexts: contexts}
	for row := range cfg.VacmSecurityToGroup.Active() {
		p.Groups = append(p.Groups, vacm.Group{Model: row.VacmSecurityModel, Name: row.VacmSecurityName, Group: row.VacmGroupName})
	}
	for row := range cfg.VacmAccess.Active() {
		p.Access = append(p.Access, vacm.Access{
			Group: row.VacmGroupName, Context: row.ContextPrefix, Exact: row.ContextMatch == vacmmib.VacmAccessContextMatchExact,
			Model: row.SecurityModel, Level: Level(row.SecurityLevel),
			Read: row.ReadViewName, Write: row.WriteViewName, Notify: row.NotifyViewName,
		})
	}
	return vacm.NewPolicy(p)
}

// views are those of vacmViewTreeFamilyTable, by name.
func views(cfg *vacmmib.Config) map[string]*vacm.View {
	families := map[string][]vacm.Family{}
	for row := range cfg.VacmViewTreeFamily.Active() {
		families[row.ViewName] = append(families[row.ViewName], vacm.Family{
			Subtree: row.Subtree, Mask: []byte(row.Mask), Included: row.Type == vacmmib.VacmViewTreeFamilyTypeIncluded,
		})
	}
	out := make(map[string]*vacm.View, len(families))
	for name, fs := range families {
		out[name] = vacm.NewView(fs)
	}
	return out
}

// Level is a security level as a message has it.
func Level(l tc.SnmpSecurityLevel) message.Level {
	switch l {
	case tc.SnmpSecurityLevelNoAuthNoPriv:
		return message.NoAuthNoPriv
	case tc.SnmpSecurityLevelAuthNoPriv:
		return message.AuthNoPriv
	}
	return message.AuthPriv
}
