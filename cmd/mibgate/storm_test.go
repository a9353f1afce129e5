package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// stormFor is how long walks go on in the storm.
const stormFor = 2 * time.Second

// TestWalkInAStorm: while operators set values and make and destroy rows over
// the network, net-snmp walks everything, in every version, with its check of
// the order on, and never meets an error.
func TestWalkInAStorm(t *testing.T) {
	for _, tool := range []string{"snmpwalk", "snmpbulkwalk"} {
		peer(t, tool)
	}
	_, port := snmpUnit(t, "")
	var stop atomic.Bool
	var sets atomic.Int64
	var wg sync.WaitGroup
	for writer := range uint32(3) {
		m := newManager(t, port)
		m.id = int32(writer) << 20
		wg.Go(func() {
			for !stop.Load() && !t.Failed() {
				sets.Add(int64(churn(m, writer)))
			}
		})
	}
	defer func() {
		stop.Store(true)
		wg.Wait()
	}()
	walks, instances := 0, 0
	for end := time.Now().Add(stormFor); time.Now().Before(end); walks++ {
		for version, n := range managers(t, port) {
			tool := "snmpbulkwalk"
			if version == "v1" || walks%2 == 0 {
				tool = "snmpwalk" // it asks one by one: the tree changes meanwhile
			}
			instances += inOrder(t, n, tool)
		}
	}
	stop.Store(true)
	wg.Wait()
	t.Logf("%d walks of %d instances during %d SETs", 3*walks, instances/(3*walks), sets.Load())
	if sets.Load() < 20 {
		t.Errorf("%d SETs are no storm", sets.Load())
	}
}

// churn makes a row of a table, or two, sets values, and destroys them again;
// each SET must be carried out.
func churn(m *manager, writer uint32) (sets int) {
	name, status := modelOID(m.t, "Hoc.SystemName", 0), "SipEp.Authentication.RowStatus"
	rows := []uint32{10 + writer, 500 + writer}
	set := func(vbs ...varbind) {
		answer := m.ask(m.community(message.V2c, message.Set, 0, 0, vbs))
		if answer.PDU.ErrorStatus() != message.NoError {
			m.t.Errorf("SET %v: %v", vbs, answer.PDU.ErrorStatus())
		}
		sets++
	}
	var create, destroy []varbind
	for _, r := range rows {
		oid := mib.MustOID(modelOID(m.t, status, r))
		create = append(create, varbind{oid, mib.Int(4)})
		destroy = append(destroy, varbind{oid, mib.Int(6)})
	}
	set(create...)
	set(varbind{mib.MustOID(name), mib.String(fmt.Sprint(writer, " ", m.id))},
		varbind{mib.MustOID(modelOID(m.t, "SipEp.Authentication.Username", rows[0])), mib.String(fmt.Sprint(m.id))})
	set(destroy...)
	return sets
}

// inOrder walks everything and returns how much there was.
func inOrder(t *testing.T, n nms, tool string) int {
	t.Helper()
	out, err := n.run(tool, ".1.3") // without -Cc: it stops at what does not increase
	if err != nil || strings.Contains(out, "Error in packet") || strings.Contains(out, "Error: ") || strings.Contains(out, "Timeout") {
		t.Fatalf("%s %v: %v\n%s", tool, n.access, err, out[max(0, len(out)-1000):])
	}
	out, _, _ = strings.Cut(out, "End of MIB") // v1
	var names []string
	for _, w := range parseWalk(t, out) {
		if !strings.HasPrefix(w.value, "No more variables") {
			names = append(names, w.oid)
		}
	}
	increasing(t, fmt.Sprint(tool, n.access), names)
	if len(names) < 300 {
		t.Errorf("%s %v found %d instances", tool, n.access, len(names))
	}
	return len(names)
}
