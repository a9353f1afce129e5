package admin

import (
	"time"

	"mibgate/agent/snmp/vacm"
	"mibgate/mib"
	"mibgate/mib/community"
	"mibgate/mib/notification"
	"mibgate/mib/target"
	"mibgate/mib/tc"
)

// Target is one row of snmpTargetAddrTable that a row of snmpNotifyTable has
// selected by its tag (RFC 3413 §6), with its parameters.
type Target struct {
	Name, Notify string
	Dest         Destination
	Model        int32 // security model: 1, 2 or 3
	SecurityName string
	Level        tc.SnmpSecurityLevel
	Inform       bool
	Timeout      time.Duration
	Retries      int
	MaxSize      int
	// Community is what v1 and v2c send with SecurityName; ok is false when no
	// row of snmpCommunityTable has it.
	Community   string
	CommunityOK bool
	Filtered    bool
	Filter      *vacm.View
}

// Targets are all, in the order of snmpNotifyTable and then snmpTargetAddrTable.
func (a *Admin) Targets(c mib.Configs) []Target {
	var out []Target
	for n := range notification.Of(c).SnmpNotify.Active() {
		for row := range target.Of(c).SnmpTargetAddr.Active() {
			if n.Tag == "" || !tagged(row, n.Tag) {
				continue
			}
			if t, ok := a.newTarget(c, row); ok {
				t.Notify = n.Name
				t.Inform = n.Type == notification.SnmpNotifyTypeInform && t.Model != ModelV1
				out = append(out, t)
			}
		}
	}
	return out
}

func (a *Admin) newTarget(c mib.Configs, row *target.SnmpTargetAddrRow) (Target, bool) {
	params := target.Of(c).FindSnmpTargetParams(row.Params)
	d, err := destinationAt(row.TDomain, row.TAddress)
	if err != nil || params == nil || params.State() != mib.RowActive {
		return Target{}, false
	}
	t := Target{
		Name: row.Name, Dest: d, Model: params.SecurityModel, SecurityName: params.SecurityName, Level: params.SecurityLevel,
		Timeout: time.Duration(row.Timeout) * 10 * time.Millisecond, Retries: int(row.RetryCount),
	}
	if ext := community.Of(c).FindSnmpTargetAddrExt(row.Name); ext != nil {
		t.MaxSize = int(ext.MMS)
	}
	if t.Model != ModelUSM {
		t.Community, t.CommunityOK = communityOf(c, t.SecurityName)
	}
	t.Filter, t.Filtered = a.filter(c, row.Params)
	return t, true
}

// communityOf is what a security name sends in v1 and v2c (RFC 3584 §5.2.3).
func communityOf(c mib.Configs, securityName string) (string, bool) {
	for _, row := range Communities(c) {
		if row.SecurityName == securityName && row.Context == "" {
			return row.Name, true
		}
	}
	return "", false
}

// filter is what a target with these parameters wants to be told; ok is false
// when it has no filter.
func (a *Admin) filter(c mib.Configs, params string) (v *vacm.View, ok bool) {
	profile := notification.Of(c).FindSnmpNotifyFilterProfile(params)
	if profile == nil || profile.State() != mib.RowActive {
		return nil, false
	}
	return a.filterNamed(c, profile.Name)
}

// filterNamed is a filter of snmpNotifyFilterTable; ok is false when it has no
// rows: then targets are not filtered (RFC 3413 §6).
func (a *Admin) filterNamed(c mib.Configs, name string) (v *vacm.View, ok bool) {
	var families []vacm.Family
	for row := range notification.Of(c).SnmpNotifyFilter.Active() {
		if row.SnmpNotifyFilterProfileName == name {
			families = append(families, a.family(row.Subtree, row.Mask, row.Type == notification.SnmpNotifyFilterTypeIncluded))
		}
	}
	if len(families) == 0 {
		return nil, false
	}
	return vacm.NewView(families), true
}
