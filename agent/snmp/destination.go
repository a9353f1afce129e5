package snmp

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"mibgate/mib"
)

// MaxDestinations is how many destinations Snmp.TrapDest may hold.
const MaxDestinations = 5

// trapPort is where managers listen for notifications.
const trapPort = 162

// Destination is one element of Snmp.TrapDest.
type Destination struct {
	Host string // name or address, without brackets
	Port uint16
}

// String is host:port.
func (d Destination) String() string {
	return net.JoinHostPort(d.Host, strconv.Itoa(int(d.Port)))
}

// hostPort is the convention that each destination follows.
var hostPort = &mib.Syntax{Base: mib.OctetString, TC: "IpHostNamePort"}

// ParseDestinations reads Snmp.TrapDest: host or host:port, separated by
// commas. The error says which one is wrong.
func ParseDestinations(list string) ([]Destination, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	parts := strings.Split(list, ",")
	if len(parts) > MaxDestinations {
		return nil, fmt.Errorf("has %d destinations, at most %d are possible", len(parts), MaxDestinations)
	}
	out := make([]Destination, len(parts))
	for i, p := range parts {
		p = strings.TrimSpace(p)
		if p == "" {
			return nil, fmt.Errorf("has an empty destination (number %d)", i+1)
		}
		if err := hostPort.Check(mib.String(p)); err != nil {
			return nil, fmt.Errorf("destination %q %w", p, err)
		}
		out[i] = destination(p)
		if out[i].Port == 0 {
			return nil, fmt.Errorf("destination %q has no usable port", p)
		}
	}
	return out, nil
}

// destination splits what the convention has accepted.
func destination(s string) Destination {
	if hostPortHost, port, err := net.SplitHostPort(s); err == nil {
		n, _ := strconv.ParseUint(port, 10, 16)
		return Destination{Host: hostPortHost, Port: uint16(n)}
	}
	return Destination{Host: strings.Trim(s, "[]"), Port: trapPort}
}
