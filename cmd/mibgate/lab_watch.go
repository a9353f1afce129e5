package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gosnmp/gosnmp"

	"mibgate/cmd/mibgate/lab"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
)

// labPassword is the password of the lab's account admin.
const labPassword = "mibgate-lab"

const (
	upTimeout  = 20 * time.Second // for link and registrations, with time to synchronize the clock
	pollPeriod = 100 * time.Millisecond
)

// awaitUp polls the unit as an NMS does, until its link is up and its lines
// are registered.
func awaitUp(ctx context.Context, port uint16, lines int, ended <-chan struct{}) error {
	nms := &gosnmp.GoSNMP{
		Target: "127.0.0.1", Port: port, Version: gosnmp.Version2c, Community: lab.Community,
		Timeout: time.Second, Retries: 2, MaxOids: gosnmp.MaxOids,
	}
	if err := nms.Connect(); err != nil {
		return fmt.Errorf("lab: SNMP: %w", err)
	}
	defer nms.Conn.Close()
	deadline := time.After(upTimeout)
	tick := time.NewTicker(pollPeriod)
	defer tick.Stop()
	for {
		up := count(nms, sipep.Objects.TlsPersistentConnectionStatusState, int(sipep.TlsPersistentConnectionStatusStateUp))
		registered := count(nms, sipep.Objects.RegistrationStatusState, int(sipep.RegistrationStatusStateRegistered))
		if up > 0 && registered == lines {
			return nil
		}
		select {
		case <-tick.C:
		case <-ended:
			return errors.New("lab: the unit ended")
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return fmt.Errorf("lab: after %v %d links are up and %d of %d lines are registered; the log above says why", upTimeout, up, registered, lines)
		}
	}
}

// count walks a column and counts the cells that have a value.
func count(nms *gosnmp.GoSNMP, column *mib.Object, value int) int {
	n := 0
	cells, err := nms.WalkAll("." + column.OID.String())
	if err != nil {
		return 0
	}
	for _, c := range cells {
		if v, ok := c.Value.(int); ok && v == value {
			n++
		}
	}
	return n
}

// advise prints commands that work as they stand.
func advise(out io.Writer, o labOptions, p lab.Ports) {
	agent := fmt.Sprintf("127.0.0.1:%d", p.SNMP)
	tool := func(name, rest string) string {
		return fmt.Sprintf("  %s -v2c -c %s -On %s %s\n", name, lab.Community, agent, rest)
	}
	restart := mib.AppendInstance(scm.Tables.ServiceCommands.Index, scm.Objects.ServiceCommandsRestart.OID.Append(), scm.ServiceCommandsKey("SipEp"))
	fmt.Fprint(out, "Walk the persistent TLS links (state 100 is up) and the registrations (300 is registered):\n",
		tool("snmpwalk", sipep.Tables.TlsPersistentConnectionStatus.OID.String()),
		tool("snmpwalk", sipep.Tables.RegistrationStatus.OID.String()),
		"Change a variable, here ", sipep.Objects.TransportFailbackInterval.Path(), ", and ", hoc.Objects.SystemLocation.Path(), ":\n",
		tool("snmpset", fmt.Sprintf("%s.0 u 5 %s.0 s 'rack 12'", sipep.Objects.TransportFailbackInterval.OID, hoc.Objects.SystemLocation.OID)),
		"Cut the TLS link at the server: the trap appears here at once, the link is back after 5 seconds:\n",
		fmt.Sprintf("  kill -USR1 %d\n", os.Getpid()),
		"Restart the SIP service by SET, and no other:\n",
		tool("snmpset", restart.String()+" i 10"),
		"The same as SNMPv3 at authPriv:\n",
		fmt.Sprintf("  snmpwalk -v3 -l authPriv -u admin -a SHA-256 -A %[1]s -x AES -X %[1]s -On %[2]s %[3]s\n", labPassword, agent, sipep.Tables.GatewayStatus.OID),
		"And by name, on this machine:\n",
		fmt.Sprintf("  %s show SipEp.TlsPersistentConnectionStatus --data %s\n\n", executable(), o.data))
}

func executable() string {
	if self, err := os.Executable(); err == nil {
		return self
	}
	return "mibgate"
}
