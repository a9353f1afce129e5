package snmp

import (
	"runtime"
	"time"

	"mibgate/agent/snmp/standard"
	"mibgate/agent/snmp/usm"
	"mibgate/element/service"
	"mibgate/mib"
	"mibgate/mib/framework"
	"mibgate/mib/hoc"
	"mibgate/mib/mpd"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/snmpv2"
	usmmib "mibgate/mib/usm"
)

// status is the Status of MIBGATE-SNMP-MIB.
type status struct{ s *Service }

func (st status) StatsGetRequest() uint32     { return st.s.count.gets.Load() }
func (st status) StatsGetNextRequest() uint32 { return st.s.count.getNexts.Load() }
func (st status) StatsSetRequest() uint32     { return st.s.count.sets.Load() }
func (st status) AuthFailuresDropped() uint32 { return st.s.count.authFailuresDropped.Load() }
func (st status) EngineId() string            { return st.s.engine.text } //nolint:revive // the object's name

func (st status) EngineBoots() uint32 {
	boots, _ := st.s.engine.Time()
	return boots
}

func (st status) NeedRestartInfo() snmpmib.NeedRestartInfo {
	if st.s.el.Services.NeedRestart(snmpmib.Module) {
		return snmpmib.NeedRestartInfoYes
	}
	return snmpmib.NeedRestartInfoNo
}

// SeekTrapDestStatus has one row per target of notifications.
func (st status) SeekTrapDestStatus(key mib.Key, inclusive bool) snmpmib.TrapDestStatusRow {
	if st.s.notifier == nil {
		return nil
	}
	var first *TargetStatus
	all := st.s.notifier.Status()
	for i := range all {
		d := &all[i]
		c := 0
		if len(key) > 0 {
			c = mib.CompareString(d.Name, key[0].Str)
		}
		if c < 0 || c == 0 && !inclusive {
			continue
		}
		if first == nil || mib.CompareString(d.Name, first.Name) < 0 {
			first = d
		}
	}
	if first == nil {
		return nil
	}
	return snmpmib.NewTrapDestStatusRow(first.Name, first.Destination, first.Sent, first.Dropped, first.Acked, first.LastError, first.Queued, first.Since)
}

// system is the Status of SNMPv2-MIB. Its writable objects but the lock are
// aliases of ours; SNMP asks for those, the command line here.
type system struct {
	s *Service
	standard.Modules
}

func (y system) SysDescr() string        { return y.s.o.Description }
func (y system) SysObjectID() mib.OID    { return y.s.product }
func (y system) SysUpTime() uint32       { return ticks(y.s.el.UpTime()) }
func (y system) SysContact() string      { return hoc.Of(y.s.el.Store.Current()).SystemContact }
func (y system) SysName() string         { return hoc.Of(y.s.el.Store.Current()).SystemName }
func (y system) SysLocation() string     { return hoc.Of(y.s.el.Store.Current()).SystemLocation }
func (y system) SysServices() int32      { return 72 } // end-to-end and applications (RFC 3418)
func (y system) SnmpInPkts() uint32      { return y.s.count.inPkts.Load() }
func (y system) SnmpSilentDrops() uint32 { return y.s.count.silentDrops.Load() }
func (y system) SnmpProxyDrops() uint32  { return 0 }

func (y system) SnmpInBadVersions() uint32       { return y.s.count.badVersions.Load() }
func (y system) SnmpInBadCommunityNames() uint32 { return y.s.count.badCommunityNames.Load() }
func (y system) SnmpInBadCommunityUses() uint32  { return y.s.count.badCommunityUses.Load() }
func (y system) SnmpInASNParseErrs() uint32      { return y.s.count.parseErrs.Load() }

func (y system) SnmpSetSerialNo() int32 { return y.s.locks[snmpv2.Objects.SnmpSetSerialNo].Number() }

func (y system) SnmpEnableAuthenTraps() snmpv2.SnmpEnableAuthenTraps {
	return snmpv2.SnmpEnableAuthenTraps(snmpmib.Of(y.s.el.Store.Current()).AuthenTrapsEnable)
}

// ticks is TimeTicks of a duration; it wraps after 497 days (RFC 2578 §7.1.8).
func ticks(d time.Duration) uint32 {
	return uint32(d / (10 * time.Millisecond)) //nolint:gosec // wraps by definition
}

// engineStatus is the Status of SNMP-FRAMEWORK-MIB.
type engineStatus struct{ s *Service }

func (e engineStatus) SnmpEngineID() string            { return e.s.engine.text }
func (e engineStatus) SnmpEngineMaxMessageSize() int32 { return maxMessage }

func (e engineStatus) SnmpEngineBoots() int32 {
	boots, _ := e.s.engine.Time()
	return int32(boots) //nolint:gosec // at most maxBoots
}

func (e engineStatus) SnmpEngineTime() int32 {
	_, seconds := e.s.engine.Time()
	return int32(seconds) //nolint:gosec // at most 2^31-1
}

// dispatcherStatus is the Status of SNMP-MPD-MIB.
type dispatcherStatus struct{ s *Service }

func (d dispatcherStatus) SnmpUnknownSecurityModels() uint32 {
	return d.s.count.unknownSecurityModels.Load()
}
func (d dispatcherStatus) SnmpInvalidMsgs() uint32        { return d.s.count.invalidMsgs.Load() }
func (d dispatcherStatus) SnmpUnknownPDUHandlers() uint32 { return d.s.count.unknownPDUHandlers.Load() }

// securityStatus is the Status of SNMP-USER-BASED-SM-MIB.
type securityStatus struct{ s *Service }

func (u securityStatus) UsmStatsUnsupportedSecLevels() uint32 {
	return u.s.engine.count(usm.ErrUnsupportedSecLevel)
}

func (u securityStatus) UsmStatsNotInTimeWindows() uint32 {
	return u.s.engine.count(usm.ErrNotInTimeWindow)
}

func (u securityStatus) UsmStatsUnknownUserNames() uint32 {
	return u.s.engine.count(usm.ErrUnknownUserName)
}

func (u securityStatus) UsmStatsUnknownEngineIDs() uint32 {
	return u.s.engine.count(usm.ErrUnknownEngineID)
}
func (u securityStatus) UsmStatsWrongDigests() uint32     { return u.s.engine.count(usm.ErrWrongDigest) }
func (u securityStatus) UsmStatsDecryptionErrors() uint32 { return u.s.engine.count(usm.ErrDecryption) }

// The Status of every module we give is complete.
var (
	_ snmpmib.Status   = status{}
	_ snmpv2.Status    = system{}
	_ framework.Status = engineStatus{}
	_ mpd.Status       = dispatcherStatus{}
	_ usmmib.Status    = securityStatus{}
	_ service.Service  = (*Service)(nil)
)

// description is sysDescr when the caller gives none.
func description() string { return "mibgate, " + runtime.GOOS + " " + runtime.GOARCH }
