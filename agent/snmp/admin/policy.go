package admin

import (
	"bytes"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/vacm"
	"mibgate/mib"
	"mibgate/mib/tc"
	vacmmib "mibgate/mib/vacm"
)

// Policy is who may do what, as the active rows of SNMP-VIEW-BASED-ACM-MIB say.
func (a *Admin) Policy(c mib.Configs, contexts []string) *vacm.Policy {
	cfg := vacmmib.Of(c)
	p := vacm.Config{Views: a.views(cfg), Contexts: contexts}
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
func (a *Admin) views(cfg *vacmmib.Config) map[string]*vacm.View {
	families := map[string][]vacm.Family{}
	for row := range cfg.VacmViewTreeFamily.Active() {
		families[row.ViewName] = append(families[row.ViewName], a.family(row.Subtree, row.Mask, row.Type == vacmmib.VacmViewTreeFamilyTypeIncluded))
	}
	out := make(map[string]*vacm.View, len(families))
	for name, fs := range families {
		out[name] = vacm.NewView(fs)
	}
	return out
}

// family is a row of subtrees over the OIDs as they are served. The mask of what
// is moved goes with it: what is above it must match.
func (a *Admin) family(subtree mib.OID, mask string, included bool) vacm.Family {
	served := a.serve(subtree)
	f := vacm.Family{Subtree: served, Mask: []byte(mask), Included: included}
	shift := len(served) - len(subtree)
	if mask == "" || shift == 0 {
		return f
	}
	f.Mask = bytes.Repeat([]byte{0xff}, (len(served)+7)/8)
	for i := range subtree {
		to := i + shift
		if wild := i/8 < len(mask) && mask[i/8]&(0x80>>(i%8)) == 0; wild && to >= 0 {
			f.Mask[to/8] &^= 0x80 >> (to % 8)
		}
	}
	return f
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
