package admin_test

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/aaa"
	"mibgate/mib/community"
	"mibgate/mib/model"
	"mibgate/mib/notification"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/target"
	usmmib "mibgate/mib/usm"
	vacmmib "mibgate/mib/vacm"
)

func snmpOf(c mib.Configs) *snmpmib.Config { return snmpmib.Of(c) }

// disagreements are where a configuration says two things at once. It says again
// what the faces are, without what the package has to tell them by.
func disagreements(c mib.Configs) (out []string) {
	wrong := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	accountsOracle(c, wrong)
	communityOracle(c, wrong)
	trapsOracle(c, wrong)
	admins := 0
	for row := range aaa.Of(c).Users.Active() {
		if row.AccessRights == aaa.UsersAccessRightsAdmin && row.Password != "" {
			admins++
		}
	}
	if admins == 0 {
		wrong("nobody can administer the unit")
	}
	for row := range target.Of(c).SnmpTargetAddr.All() {
		if community.Of(c).FindSnmpTargetAddrExt(row.Name) == nil {
			wrong("target %q has no row of snmpTargetAddrExtTable", row.Name)
		}
	}
	if a, b := target.Of(c).SnmpTargetAddr.Len(), community.Of(c).SnmpTargetAddrExt.Len(); a != b {
		wrong("%d targets and %d rows that augment them", a, b)
	}
	return out
}

func hasKeys(c mib.Configs, engine, name string) bool {
	row := snmpmib.Of(c).FindUserKeys(engine, name)
	return row != nil && row.State() == mib.RowActive
}

func accountsOracle(c mib.Configs, wrong func(string, ...any)) {
	groups := map[string]string{}
	for row := range vacmmib.Of(c).VacmSecurityToGroup.Active() {
		if row.VacmSecurityModel == 3 {
			groups[row.VacmSecurityName] = row.VacmGroupName
		}
	}
	rights := map[string]aaa.UsersAccessRights{"admin": aaa.UsersAccessRightsAdmin, "user": aaa.UsersAccessRightsUser, "observer": aaa.UsersAccessRightsObserver}
	for acc := range aaa.Of(c).Users.All() {
		role, ok := rights[groups[acc.UserName]]
		if !ok {
			role = aaa.UsersAccessRightsNone
		}
		if role != acc.AccessRights {
			wrong("account %q has rights %v and is in group %q", acc.UserName, acc.AccessRights, groups[acc.UserName])
		}
		u := usmmib.Of(c).FindUsmUser(string(engineID), acc.UserName)
		keys := len(acc.Password) >= 8 || hasKeys(c, string(engineID), acc.UserName)
		switch {
		case u == nil && keys:
			wrong("account %q has keys and is no user", acc.UserName)
		case u == nil:
		case u.State() != acc.State():
			wrong("account %q is %v, its user %v", acc.UserName, acc.State(), u.State())
		case u.State() == mib.RowActive && !keys && u.AuthProtocol.String() != "1.3.6.1.6.3.10.1.1.1":
			wrong("user %q has no keys", acc.UserName)
		}
	}
	for u := range usmmib.Of(c).UsmUser.All() {
		if u.EngineID == string(engineID) && aaa.Of(c).FindUsers(u.Name) == nil {
			wrong("user %q has no account", u.Name)
		}
	}
}

func communityOracle(c mib.Configs, wrong func(string, ...any)) {
	cfg, row := snmpmib.Of(c), community.Of(c).FindSnmpCommunity("default")
	if row == nil || row.State() != mib.RowActive {
		if cfg.Community != "" {
			wrong("the community is %q, and its row is not active", cfg.Community)
		}
		return
	}
	want := cfg.SnmpUser
	if want == "" {
		want = "community-" + [...]string{"none", "observer", "user", "admin"}[rank(cfg.CommunityRole)]
	}
	if row.Name != cfg.Community || row.SecurityName != want {
		wrong("the community is %q of %q, its row %q of %q", cfg.Community, want, row.Name, row.SecurityName)
	}
}

func rank(r snmpmib.CommunityRole) int {
	return map[snmpmib.CommunityRole]int{snmpmib.CommunityRoleObserver: 1, snmpmib.CommunityRoleUser: 2, snmpmib.CommunityRoleAdmin: 3}[r]
}

// whereTo is a target's address as Snmp.TrapDest has it, with its port.
func whereTo(row *target.SnmpTargetAddrRow) string {
	a := row.TAddress
	if row.TDomain.String() == "1.3.6.1.2.1.100.1.14" {
		return normal(a)
	}
	if n := len(a) - 2; n == 4 || n == 16 {
		ip, _ := netip.AddrFromSlice([]byte(a[:n]))
		if port := int(a[n])<<8 | int(a[n+1]); port != 0 {
			return net.JoinHostPort(ip.String(), strconv.Itoa(port))
		}
	}
	return ""
}

func normal(s string) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), "162"
	}
	n, _ := strconv.Atoi(port)
	return net.JoinHostPort(host, strconv.Itoa(n))
}

func trapsOracle(c mib.Configs, wrong func(string, ...any)) {
	cfg := snmpmib.Of(c)
	var have, want []string
	timing := map[[2]int32]bool{}
	for i := 1; i <= 5; i++ {
		row := target.Of(c).FindSnmpTargetAddr("trap-" + strconv.Itoa(i))
		if row == nil {
			continue
		}
		timing[[2]int32{row.Timeout, row.RetryCount}] = true
		if to := whereTo(row); to != "" && row.State() == mib.RowActive {
			have = append(have, to)
		}
	}
	for d := range strings.SplitSeq(cfg.TrapDest, ",") {
		if d = strings.TrimSpace(d); d != "" {
			want = append(want, normal(d))
		}
	}
	slices.Sort(have) // each has an order of its own
	slices.Sort(want)
	if a, b := strings.Join(have, ","), strings.Join(want, ","); a != b {
		wrong("TrapDest is %q, the targets are %q", b, a)
	}
	for tm := range timing {
		s, ok := tm[0]/100, tm[0]%100 == 0
		if len(timing) == 1 && ok && s >= 1 && s <= 60 && tm[1] <= 10 && (uint32(s) != cfg.InformTimeout || uint32(tm[1]) != cfg.InformRetries) {
			wrong("all targets have %v, and InformTimeout and InformRetries are %d and %d", tm, cfg.InformTimeout, cfg.InformRetries)
		}
	}
	p := target.Of(c).FindSnmpTargetParams("trap")
	n := notification.Of(c).FindSnmpNotify("trap")
	switch {
	case p == nil || n == nil:
		wrong("a row that is the traps' is not there")
	case p.MPModel != [...]int32{0, 1, 3}[versionRank(cfg.TrapVersion)]:
		wrong("TrapVersion is %v, the row has %d", cfg.TrapVersion, p.MPModel)
	case cfg.TrapVersion == snmpmib.TrapVersionV3 && p.SecurityName != cfg.TrapUser:
		wrong("TrapUser is %q, the row has %q", cfg.TrapUser, p.SecurityName)
	case (n.Type == notification.SnmpNotifyTypeInform) != (cfg.TrapKind == snmpmib.TrapKindInform):
		wrong("TrapKind is %v, the row has %v", cfg.TrapKind, n.Type)
	}
}

func versionRank(v snmpmib.TrapVersion) int {
	return map[snmpmib.TrapVersion]int{snmpmib.TrapVersionV2c: 1, snmpmib.TrapVersionV3: 2}[v]
}

// leftovers are what a transaction should have taken with it.
func leftovers(before, now mib.Configs) (out []string) {
	for u := range usmmib.Of(before).UsmUser.All() {
		if usmmib.Of(now).FindUsmUser(u.EngineID, u.Name) == nil && hasKeys(now, u.EngineID, u.Name) {
			out = append(out, fmt.Sprintf("user %q has gone and left its keys", u.Name))
		}
	}
	return out
}

// contents is everything of a configuration, by cell; behind a cell of a row of
// StorageType is that.
func contents(snap *store.Snapshot) map[string]string {
	out := map[string]string{}
	for _, m := range model.Registry.Modules() {
		cfg := snap.Config(m)
		if cfg == nil {
			continue
		}
		for _, o := range m.Objects {
			if o.Table == nil && o.Source == mib.SourceConfig {
				out[o.Path()] = mib.ValueText(o.Syntax, o.Read(cfg, nil))
			}
		}
		for _, t := range m.Tables {
			if t.Source == mib.SourceConfig {
				rowContents(out, t, cfg)
			}
		}
	}
	return out
}

func rowContents(out map[string]string, t *mib.Table, cfg any) {
	for place := range t.Len(cfg) {
		row, _ := t.At(cfg, place)
		storage := ""
		if t.Storage != nil {
			storage = " " + mib.ValueText(t.Storage.Syntax, t.Storage.Read(cfg, row))
		}
		key := t.KeyOf(row, nil)
		if t.RowStatus != nil {
			out[t.RowStatus.Instance(key)] = fmt.Sprint(t.State(row)) + storage
		}
		for _, o := range t.Columns {
			if o.Source == mib.SourceConfig {
				out[o.Instance(key)] = mib.ValueText(o.Syntax, o.Read(cfg, row)) + storage
			}
		}
	}
}

// only are the cells of rows of one StorageType.
func only(all map[string]string, storage string) map[string]string {
	out := map[string]string{}
	for name, v := range all {
		if strings.HasSuffix(v, ` `+storage) || strings.HasSuffix(v, ` "`+storage+`"`) {
			out[name] = v
		}
	}
	return out
}

// volatile is what a restart does not keep: rows of that type, and what augments
// them.
func volatile(all map[string]string) map[string]string {
	out := only(all, "Volatile")
	for name := range maps.Clone(out) {
		if row, ok := strings.CutPrefix(name, "Target.SnmpTargetAddr[Name="); ok {
			ext := "Community.SnmpTargetAddrExt[SnmpTargetAddrName=" + row[:strings.LastIndex(row, "].")]
			out[ext+"].TMask"], out[ext+"].MMS"] = "", ""
		}
	}
	return out
}

func sameContents(a, b map[string]string) bool { return maps.Equal(a, b) }
