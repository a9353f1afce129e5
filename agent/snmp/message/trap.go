package message

import (
	"mibgate/agent/snmp/ber"
	"mibgate/mib"
)

// Trap is the part of a v1 Trap-PDU that the others have not (RFC 1157 §4.1.6).
type Trap struct {
	Enterprise mib.OID
	AgentAddr  [4]byte
	Generic    int32 // GenericEnterprise: look at Specific
	Specific   int32
	Timestamp  uint32 // sysUpTime, hundredths of a second
}

// GenericEnterprise is enterpriseSpecific(6) of generic-trap.
const GenericEnterprise = 6

// Names of RFC 3418 that coexistence needs. They must not be changed.
var (
	// SnmpTraps is the prefix of the standard notifications.
	SnmpTraps = mib.OID{1, 3, 6, 1, 6, 3, 1, 1, 5}
	// SysUpTime is sysUpTime.0, the first varbind of a notification.
	SysUpTime = mib.OID{1, 3, 6, 1, 2, 1, 1, 3, 0}
	// SnmpTrapOID is snmpTrapOID.0, the second varbind of a notification.
	SnmpTrapOID = mib.OID{1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0}
	// SnmpTrapEnterprise is snmpTrapEnterprise.0.
	SnmpTrapEnterprise = mib.OID{1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0}
)

// TrapFrom maps the snmpTrapOID of a notification to v1 (RFC 3584 §3.2).
// enterprise is the value of a snmpTrapEnterprise varbind, or nil; it matters
// for the standard traps only. addr is the agent's IPv4 address, zero for an
// agent reached otherwise; upTime is in hundredths of a second.
func TrapFrom(trapOID, enterprise mib.OID, addr [4]byte, upTime uint32) Trap {
	t := Trap{AgentAddr: addr, Timestamp: upTime}
	n := len(trapOID)
	if n == len(SnmpTraps)+1 && trapOID.HasPrefix(SnmpTraps) && trapOID[n-1] >= 1 && trapOID[n-1] <= 6 {
		t.Enterprise, t.Generic = SnmpTraps, int32(trapOID[n-1])-1 //nolint:gosec // 1..6
		if enterprise != nil {
			t.Enterprise = enterprise
		}
		return t
	}
	t.Generic = GenericEnterprise
	switch {
	case n >= 2 && trapOID[n-2] == 0:
		t.Enterprise = trapOID[: n-2 : n-2]
	case n >= 1:
		t.Enterprise = trapOID[: n-1 : n-1]
	}
	if n >= 1 {
		t.Specific = int32(trapOID[n-1]) //nolint:gosec // the wire has the same 32 bits
	}
	return t
}

// OID is the snmpTrapOID that t stands for (RFC 3584 §3.1).
func (t *Trap) OID() mib.OID {
	if t.Generic >= 0 && t.Generic < GenericEnterprise {
		return SnmpTraps.Append(uint32(t.Generic) + 1)
	}
	return t.Enterprise.Append(0, uint32(t.Specific)) //nolint:gosec // the same 32 bits
}

func (t *Trap) decode(b []byte) (rest []byte, err error) {
	name, b, err := ber.Expect(b, ber.ObjectIdentifier)
	if err != nil {
		return nil, errPDU
	}
	if t.Enterprise, err = ber.AppendOID(nil, name); err != nil {
		return nil, errPDU
	}
	addr, b, err := ber.Expect(b, ber.IPAddress)
	if err != nil || len(addr) != 4 {
		return nil, errPDU
	}
	t.AgentAddr = [4]byte(addr)
	if t.Generic, b, err = ber.ReadInt32(b); err != nil {
		return nil, errPDU
	}
	if t.Specific, b, err = ber.ReadInt32(b); err != nil {
		return nil, errPDU
	}
	stamp, b, err := ber.Expect(b, ber.TimeTicks)
	if err != nil {
		return nil, errPDU
	}
	if t.Timestamp, err = ber.Uint32(stamp); err != nil {
		return nil, errPDU
	}
	return b, nil
}

// prepend writes the fields before the VarBindList.
func (t *Trap) prepend(w *ber.Writer) error {
	w.PrependInt(ber.TimeTicks, int64(t.Timestamp))
	w.PrependInt(ber.Integer, int64(t.Specific))
	w.PrependInt(ber.Integer, int64(t.Generic))
	w.PrependBytes(ber.IPAddress, t.AgentAddr[:])
	return w.PrependOID(t.Enterprise)
}

// size is the number of octets that prepend writes.
func (t *Trap) size() int {
	oid := 1 // the first two sub-identifiers: at most 79, or a longer one
	for i, s := range t.Enterprise {
		switch {
		case i == 0:
			continue
		case i == 1 && t.Enterprise[0] == 2:
			for n := uint64(s) + 80; n >= 0x80; n >>= 7 {
				oid++
			}
		case i > 1:
			for oid++; s >= 0x80; s >>= 7 {
				oid++
			}
		}
	}
	return ber.SizeTLV(oid) + 6 + ber.SizeInt(int64(t.Generic)) +
		ber.SizeInt(int64(t.Specific)) + ber.SizeInt(int64(t.Timestamp))
}
