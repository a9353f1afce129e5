package snmp

import (
	"mibgate/agent/snmp/responder"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	communitymib "mibgate/mib/community"
	"mibgate/mib/notification"
	nlog "mibgate/mib/notificationlog"
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

// StatusOf is the Status of the standard modules that the agent is configured
// by, which the command line shows as well; nil for other modules.
func (s *Service) StatusOf(m *mib.Module) any {
	switch m {
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
	return nil
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
