package message

import (
	"testing"

	"mibgate/mib"
)

func TestTrapFrom(t *testing.T) {
	oid := mib.MustOID
	tests := []struct {
		name       string
		trap       mib.OID
		enterprise mib.OID
		want       mib.OID
		generic    int32
		specific   int32
		back       mib.OID // RFC 3584 §3.1 may give another OID with the same meaning
	}{
		{"coldStart", oid("1.3.6.1.6.3.1.1.5.1"), nil, SnmpTraps, 0, 0, nil},
		{"authenticationFailure of an enterprise", oid("1.3.6.1.6.3.1.1.5.5"), oid("1.3.6.1.4.1.32473"), oid("1.3.6.1.4.1.32473"), 4, 0, nil},
		{"egpNeighborLoss", oid("1.3.6.1.6.3.1.1.5.6"), nil, SnmpTraps, 5, 0, nil},
		{"not standard", oid("1.3.6.1.6.3.1.1.5.7"), nil, oid("1.3.6.1.6.3.1.1.5"), 6, 7, oid("1.3.6.1.6.3.1.1.5.0.7")},
		{"zero before last", oid("1.3.6.1.4.1.32473.100.0.1"), nil, oid("1.3.6.1.4.1.32473.100"), 6, 1, nil},
		{"enterprise does not matter", oid("1.3.6.1.4.1.9.0.2"), oid("1.3.6"), oid("1.3.6.1.4.1.9"), 6, 2, nil},
		{"no zero before last", oid("1.3.6.1.4.1.9.8"), nil, oid("1.3.6.1.4.1.9"), 6, 8, oid("1.3.6.1.4.1.9.0.8")},
		{"specific above 2^31-1", oid("1.3.6.1.4.1.9.0.4294967295"), nil, oid("1.3.6.1.4.1.9"), 6, -1, nil},
		{"shortest", oid("1"), nil, mib.OID{}, 6, 1, oid("0.1")},
		{"empty", nil, nil, nil, 6, 0, oid("0.0")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := TrapFrom(tt.trap, tt.enterprise, [4]byte{192, 0, 2, 1}, 99)
			if got.Enterprise.Compare(tt.want) != 0 || got.Generic != tt.generic || got.Specific != tt.specific || got.Timestamp != 99 {
				t.Errorf("got %+v", got)
			}
			back := tt.back
			if back == nil {
				back = tt.trap
			}
			if got.OID().Compare(back) != 0 {
				t.Errorf("back to %v, want %v", got.OID(), back)
			}
		})
	}
}

func TestTrapMessage(t *testing.T) {
	var b Builder
	var m Message
	trap := TrapFrom(mib.MustOID("1.3.6.1.4.1.32473.4000000000.0.200"), nil, [4]byte{192, 0, 2, 1}, 4e9)
	out := build(t, &b, Envelope{Version: V1, Type: TrapV1, Community: []byte("c"), Trap: trap}, 0, 0, "1.3.6.1.2.1", mib.Int(1))
	if err := Decode(out, &m); err != nil {
		t.Fatal(err)
	}
	got := m.PDU.Trap
	if got.Enterprise.Compare(trap.Enterprise) != 0 || got.AgentAddr != trap.AgentAddr || got.Specific != 200 || got.Timestamp != 4e9 {
		t.Errorf("got %+v", got)
	}
	if len(m.PDU.Varbinds) != 1 {
		t.Errorf("varbinds %v", m.PDU.Varbinds)
	}
}

func TestErrorStatusV1(t *testing.T) {
	want := map[ErrorStatus]ErrorStatus{
		NoError: NoError, TooBig: TooBig, NoSuchName: NoSuchName, GenErr: GenErr,
		NoAccess: NoSuchName, WrongType: BadValue, WrongLength: BadValue, WrongEncoding: BadValue, WrongValue: BadValue,
		NoCreation: NoSuchName, InconsistentValue: BadValue, ResourceUnavailable: GenErr, CommitFailed: GenErr,
		UndoFailed: GenErr, AuthorizationError: NoSuchName, NotWritable: NoSuchName, InconsistentName: NoSuchName,
	}
	for s, w := range want {
		if s.V1() != w {
			t.Errorf("%v maps to %v, want %v", s, s.V1(), w)
		}
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		Get.String(): "Get", Report.String(): "Report", PDUType(1).String(): "PDU type 1",
		V2c.String(): "v2c", V1.String(): "v1", V3.String(): "v3", Version(7).String(): "version 7",
		AuthPriv.String(): "authPriv", Level(9).String(): "level 9", UndoFailed.String(): "undoFailed",
		ErrorStatus(-1).String(): "error-status -1",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, l := range []Level{NoAuthNoPriv, AuthNoPriv, AuthPriv} {
		if l.Flags().Level() != l {
			t.Errorf("%v does not survive", l)
		}
	}
	for pdu, want := range map[PDUType]bool{Get: true, Set: true, GetBulk: true, Inform: true, Response: false, TrapV2: false, Report: false} {
		if pdu.Confirmed() != want {
			t.Errorf("%v confirmed: %v", pdu, !want)
		}
	}
}
