package admin

import (
	"fmt"
	"slices"
	"strconv"

	"mibgate/mib"
	"mibgate/mib/community"
	"mibgate/mib/notification"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/target"
	"mibgate/mib/tc"
)

// Names of the rows that the trap variables of Snmp are faces of: the notify
// row with its tag, the parameters, and, with a number from 1 behind it, the
// targets.
const (
	TrapNotify   = "trap"
	trapParams   = "trap"
	targetPrefix = "trap-"
)

// Message processing models (RFC 3411 §5, SnmpMessageProcessingModel).
const (
	mpV1  = 0
	mpV2c = 1
	mpV3  = 3
)

func trapTarget(i int) string { return targetPrefix + strconv.Itoa(i) }

func isTrapTarget(name string) bool {
	for i := 1; i <= MaxDestinations; i++ {
		if name == trapTarget(i) {
			return true
		}
	}
	return false
}

// faceTargets yields the targets of TrapDest that are there.
func faceTargets(c mib.Configs, yield func(row *target.SnmpTargetAddrRow)) {
	for i := 1; i <= MaxDestinations; i++ {
		if row := target.Of(c).FindSnmpTargetAddr(trapTarget(i)); row != nil {
			yield(row)
		}
	}
}

// timing is InformTimeout and InformRetries as a target has them.
func timing(cfg *snmpmib.Config) (hundredths, retries int32) {
	return int32(cfg.InformTimeout) * 100, int32(cfg.InformRetries) //nolint:gosec // small ranges
}

type targetTiming struct{ timeout, retries int32 }

// timings are those of the targets of TrapDest.
func timings(c mib.Configs) (out []targetTiming) {
	faceTargets(c, func(row *target.SnmpTargetAddrRow) { out = append(out, targetTiming{row.Timeout, row.RetryCount}) })
	return out
}

// told is what the variables can say of timings: one that all targets have.
func told(c mib.Configs) (timeout, retries uint32, ok bool) {
	all := timings(c)
	if len(all) == 0 || len(slices.Compact(all)) != 1 || all[0].timeout%100 != 0 {
		return 0, 0, false
	}
	timeout, retries = uint32(all[0].timeout/100), uint32(all[0].retries) //nolint:gosec // neither is negative
	ok = snmpmib.Objects.InformTimeout.Syntax.Check(mib.Uint(timeout)) == nil && snmpmib.Objects.InformRetries.Syntax.Check(mib.Uint(retries)) == nil
	return timeout, retries, ok
}

// timingFace is InformTimeout and InformRetries, which all targets of TrapDest
// share until one is given its own.
var timingFace = face{
	variable: "Snmp.InformTimeout", rows: `Timeout and RetryCount of the targets "trap-1" to "trap-5" in snmpTargetAddrTable`,
	variables: func(c mib.Configs) any {
		return [2]uint32{snmpmib.Of(c).InformTimeout, snmpmib.Of(c).InformRetries}
	},
	tables: func(c mib.Configs) any { return timings(c) },
	agree: func(c mib.Configs) bool {
		timeout, retries, ok := told(c)
		return !ok || timeout == snmpmib.Of(c).InformTimeout && retries == snmpmib.Of(c).InformRetries
	},
	derive: func(e *edit) {
		timeout, retries := timing(snmpmib.Of(e))
		var rows []*target.SnmpTargetAddrRow
		faceTargets(e, func(row *target.SnmpTargetAddrRow) { rows = append(rows, row) })
		for _, row := range rows {
			cfg, tok := e.target()
			row = cfg.EditSnmpTargetAddr(tok, row)
			row.Timeout, row.RetryCount = timeout, retries
		}
	},
	project: func(e *edit) {
		if timeout, retries, ok := told(e); ok {
			cfg, _ := e.snmp()
			cfg.InformTimeout, cfg.InformRetries = timeout, retries
		}
	},
}

// paramsVariables are what snmpTargetParams "trap" is derived from.
type paramsVariables struct {
	version snmpmib.TrapVersion
	user    string
	level   snmpmib.MinimumSecurityLevel
	name    string // of the community, for v1 and v2c
}

func paramsVariablesOf(c mib.Configs) paramsVariables {
	cfg := snmpmib.Of(c)
	v := paramsVariables{version: cfg.TrapVersion, user: cfg.TrapUser, level: cfg.MinimumSecurityLevel}
	if cfg.TrapVersion != snmpmib.TrapVersionV3 {
		v.name = communityName(c)
	}
	return v
}

// sentAs is the security name and level of the row.
func (v paramsVariables) sentAs() (string, tc.SnmpSecurityLevel) {
	if v.version == snmpmib.TrapVersionV3 {
		return v.user, levels[v.level]
	}
	return v.name, tc.SnmpSecurityLevelNoAuthNoPriv
}

// paramsDerived tells whether a row says what paramsFace derives.
func paramsDerived(c mib.Configs, row *target.SnmpTargetParamsRow) bool {
	v := paramsVariablesOf(c)
	name, level := v.sentAs()
	return [2]int32{row.MPModel, row.SecurityModel} == versions[v.version] && row.SecurityName == name && row.SecurityLevel == level &&
		row.State() == stateOf(name != "")
}

// communityName is the security name of the default community, or what it
// would be.
func communityName(c mib.Configs) string {
	if row := community.Of(c).FindSnmpCommunity(DefaultCommunity); row != nil {
		return row.SecurityName
	}
	return securityName(snmpmib.Of(c))
}

type paramsRow struct {
	there     bool
	mp, model int32
	name      string
}

func paramsRowOf(c mib.Configs) paramsRow {
	row := target.Of(c).FindSnmpTargetParams(trapParams)
	if row == nil {
		return paramsRow{}
	}
	return paramsRow{there: true, mp: row.MPModel, model: row.SecurityModel, name: row.SecurityName}
}

var versions = map[snmpmib.TrapVersion][2]int32{
	snmpmib.TrapVersionV1: {mpV1, ModelV1}, snmpmib.TrapVersionV2c: {mpV2c, ModelV2c}, snmpmib.TrapVersionV3: {mpV3, ModelUSM},
}

// paramsFace is TrapVersion and TrapUser. The row has MinimumSecurityLevel as its
// level until it is given another.
var paramsFace = face{
	variable: "Snmp.TrapVersion", rows: `the row "trap" of snmpTargetParamsTable`,
	variables: func(c mib.Configs) any { return paramsVariablesOf(c) },
	tables:    func(c mib.Configs) any { return paramsRowOf(c) },
	agree: func(c mib.Configs) bool {
		v, row := paramsVariablesOf(c), paramsRowOf(c)
		return row.there && versions[v.version] == [2]int32{row.mp, row.model} && (row.mp != mpV3 || row.name == v.user)
	},
	derive: func(e *edit) {
		v := paramsVariablesOf(e)
		cfg, tok := e.target()
		row := cfg.FindSnmpTargetParams(trapParams)
		if row == nil {
			row = target.NewSnmpTargetParamsRow(trapParams)
			cfg.AddSnmpTargetParams(tok, row)
		}
		row = cfg.EditSnmpTargetParams(tok, row)
		row.MPModel, row.SecurityModel = versions[v.version][0], versions[v.version][1]
		row.SecurityName, row.SecurityLevel = v.sentAs()
		row.SetState(stateOf(row.SecurityName != ""))
	},
	project: func(e *edit) {
		row := paramsRowOf(e)
		if !row.there {
			e.fail(target.Tables.SnmpTargetParams.Instance(target.SnmpTargetParamsKey(trapParams)), "cannot be removed: it is Snmp.TrapVersion and Snmp.TrapUser, too; empty Snmp.TrapDest if its targets shall be told nothing")
			return
		}
		cfg, _ := e.snmp()
		for version, models := range versions {
			if models != [2]int32{row.mp, row.model} {
				continue
			}
			cfg.TrapVersion = version
			if version != snmpmib.TrapVersionV3 {
				return
			}
			if err := snmpmib.Objects.TrapUser.Syntax.Check(mib.String(row.name)); err != nil {
				e.fail("Target.SnmpTargetParams", fmt.Sprintf("the SecurityName of row %q is also Snmp.TrapUser, the name of an account: make another row for others", trapParams))
				return
			}
			cfg.TrapUser = row.name
		}
	},
}

var levels = map[snmpmib.MinimumSecurityLevel]tc.SnmpSecurityLevel{
	snmpmib.MinimumSecurityLevelNoAuthNoPriv: tc.SnmpSecurityLevelNoAuthNoPriv,
	snmpmib.MinimumSecurityLevelAuthNoPriv:   tc.SnmpSecurityLevelAuthNoPriv,
	snmpmib.MinimumSecurityLevelAuthPriv:     tc.SnmpSecurityLevelAuthPriv,
}

// kindFace is TrapKind.
var kindFace = face{
	variable: "Snmp.TrapKind", rows: `the row "trap" of snmpNotifyTable`,
	variables: func(c mib.Configs) any { return snmpmib.Of(c).TrapKind },
	tables: func(c mib.Configs) any {
		if row := notification.Of(c).FindSnmpNotify(TrapNotify); row != nil {
			return row.Type
		}
		return nil
	},
	agree: func(c mib.Configs) bool {
		row := notification.Of(c).FindSnmpNotify(TrapNotify)
		return row != nil && (row.Type == notification.SnmpNotifyTypeInform) == (snmpmib.Of(c).TrapKind == snmpmib.TrapKindInform)
	},
	derive: func(e *edit) {
		cfg, tok := e.notification()
		row := cfg.FindSnmpNotify(TrapNotify)
		if row == nil {
			row = notification.NewSnmpNotifyRow(TrapNotify)
			row.Tag = TrapNotify
			cfg.AddSnmpNotify(tok, row)
		}
		row = cfg.EditSnmpNotify(tok, row)
		e.resumeNotify()
		row.Type = notification.SnmpNotifyTypeTrap
		if snmpmib.Of(e).TrapKind == snmpmib.TrapKindInform {
			row.Type = notification.SnmpNotifyTypeInform
		}
	},
	project: func(e *edit) {
		row := notification.Of(e).FindSnmpNotify(TrapNotify)
		if row == nil {
			e.fail(notification.Tables.SnmpNotify.Instance(notification.SnmpNotifyKey(TrapNotify)), "cannot be removed: it is Snmp.TrapKind, too; empty Snmp.TrapDest if its targets shall be told nothing")
			return
		}
		cfg, _ := e.snmp()
		cfg.TrapKind = snmpmib.TrapKindTrap
		if row.Type == notification.SnmpNotifyTypeInform {
			cfg.TrapKind = snmpmib.TrapKindInform
		}
	},
}

// resumeNotify puts the notify row into service again for a face that is set,
// unless it is this transaction that has taken it out.
func (e *edit) resumeNotify() {
	if e.before == nil {
		return
	}
	if old := notification.Of(e.before).FindSnmpNotify(TrapNotify); old == nil || old.State() == mib.RowActive {
		return
	}
	cfg, tok := e.notification()
	if row := cfg.FindSnmpNotify(TrapNotify); row != nil && row.State() != mib.RowActive {
		cfg.EditSnmpNotify(tok, row).SetState(mib.RowActive)
	}
}

// extensions gives every target its row of snmpTargetAddrExtTable, which
// augments snmpTargetAddrTable.
func (e *edit) extensions() {
	var want []mib.Key
	for row := range target.Of(e).SnmpTargetAddr.All() {
		want = append(want, target.SnmpTargetAddrKey(row.Name))
	}
	e.Rows(community.Tables.SnmpTargetAddrExt, want)
}
