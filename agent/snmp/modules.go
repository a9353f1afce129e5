package snmp

import (
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/usm"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	communitymib "mibgate/mib/community"
	"mibgate/mib/framework"
	"mibgate/mib/mpd"
	"mibgate/mib/notification"
	nlog "mibgate/mib/notificationlog"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/snmpv2"
	"mibgate/mib/target"
	usmmib "mibgate/mib/usm"
	vacmmib "mibgate/mib/vacm"
)

// locks are the objects by which managers take turns, one for each table or
// group of them that they may change together.
type locks map[*mib.Object]*responder.TestAndIncr

func newLocks() locks {
	return locks{
		snmpv2.Objects.SnmpSetSerialNo:    responder.NewTestAndIncr(),
		usmmib.Objects.UsmUserSpinLock:    responder.NewTestAndIncr(),
		vacmmib.Objects.VacmViewSpinLock:  responder.NewTestAndIncr(),
		target.Objects.SnmpTargetSpinLock: responder.NewTestAndIncr(),
	}
}

// frozen are the columns that stay as they are while their row is active, as the
// DESCRIPTIONs of snmpTargetAddrRowStatus and snmpTargetParamsRowStatus have it.
// We do not ask that of snmpTargetAddrTMask, whose row is made with its target's.
func frozen() map[*mib.Object]*mib.Table {
	addr, params := target.Tables.SnmpTargetAddr, target.Tables.SnmpTargetParams
	return map[*mib.Object]*mib.Table{
		target.Objects.SnmpTargetAddrTDomain:         addr,
		target.Objects.SnmpTargetAddrTAddress:        addr,
		target.Objects.SnmpTargetParamsMPModel:       params,
		target.Objects.SnmpTargetParamsSecurityModel: params,
		target.Objects.SnmpTargetParamsSecurityName:  params,
		target.Objects.SnmpTargetParamsSecurityLevel: params,
	}
}

// final are the protocols of users, which a manager changes to none only: those
// of a password as well, which the command line and scripts may give others.
func final() map[*mib.Object]mib.Value {
	return map[*mib.Object]mib.Value{
		usmmib.Objects.UsmUserAuthProtocol: mib.Ident(usm.NoAuth.OID()),
		usmmib.Objects.UsmUserPrivProtocol: mib.Ident(usm.NoPriv.OID()),
	}
}

// stands is what an empty value is answered as: snmpCommunityContextEngineID,
// which is empty so that the configuration of a unit fits another one, is no
// SnmpEngineID then.
func stands(engineID []byte) map[*mib.Object]mib.Value {
	return map[*mib.Object]mib.Value{
		communitymib.Objects.SnmpCommunityContextEngineID: mib.String(string(engineID)),
	}
}

// StatusOf is the Status of every standard module, which the command line shows
// as well; nil for other modules.
func (s *Service) StatusOf(m *mib.Module) any {
	switch m {
	case snmpv2.Module:
		return system{s, s.standard.Modules}
	case framework.Module:
		return engineStatus{s}
	case mpd.Module:
		return dispatcherStatus{s}
	case usmmib.Module:
		return securityStatus{s}
	case vacmmib.Module:
		return accessStatus{s}
	case target.Module:
		return targetStatus{s}
	case nlog.Module:
		return s.history.Status(m)
	case notification.Module, communitymib.Module:
		return struct{}{} // they have none
	}
	if st := s.standard.Status(m); st != nil {
		return st
	}
	return s.history.Status(m)
}

// statuses are the Status of every module by ordinal: what a tree reads.
func (s *Service) statuses() []any {
	out := make([]any, len(s.el.Registry.Modules()))
	for i, m := range s.el.Registry.Modules() {
		switch {
		case m == snmpmib.Module:
			out[i] = status{s}
		case m.Standard:
			out[i] = s.StatusOf(m)
		default:
			out[i] = s.el.Services.Status(m)
		}
	}
	return out
}

func (u securityStatus) UsmUserSpinLock() int32 {
	return u.s.locks[usmmib.Objects.UsmUserSpinLock].Number()
}

func (u securityStatus) UsmUserSecurityName(row *usmmib.UsmUserRow) string { return row.Name }

// accessStatus is the Status of SNMP-VIEW-BASED-ACM-MIB.
type accessStatus struct{ s *Service }

func (a accessStatus) VacmViewSpinLock() int32 {
	return a.s.locks[vacmmib.Objects.VacmViewSpinLock].Number()
}

func (a accessStatus) SeekVacmContext(key mib.Key, inclusive bool) vacmmib.VacmContextRow {
	row, _ := mib.NewSorted(contextRows[:], vacmmib.CompareVacmContext).Seek(key, inclusive)
	return row
}

// targetStatus is the Status of SNMP-TARGET-MIB.
type targetStatus struct{ s *Service }

func (t targetStatus) SnmpTargetSpinLock() int32 {
	return t.s.locks[target.Objects.SnmpTargetSpinLock].Number()
}

func (t targetStatus) SnmpUnavailableContexts() uint32 { return 0 }
func (t targetStatus) SnmpUnknownContexts() uint32     { return t.s.count.unknownContexts.Load() }

// The Status of every module is complete.
var (
	_ usmmib.Status  = securityStatus{}
	_ vacmmib.Status = accessStatus{}
	_ target.Status  = targetStatus{}

	_ service.Provider = (*Service)(nil)
	_ store.Editor     = (*Service)(nil)
)
