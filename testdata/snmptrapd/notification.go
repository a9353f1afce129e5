package snmptrapd

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Marks that no value of ours contains.
const (
	begin = "<@>"
	end   = "<#>"
	field = "<|>"
	comma = "<+>"
)

// format is what snmptrapd prints of a notification: version, source, security
// information, security name or community, enterprise, generic and specific
// number, agent address, sysUpTime (v1 only), varbinds.
const format = begin + "%s" + field + "%b" + field + "%P" + field + "%u" + field + "%N" + field + "%w" + field + "%q" +
	field + "%a" + field + "%T" + field + "%V" + comma + "%v" + end + "\n"

// fields is how many fields a record has.
const fields = 10

// Varbind is one variable binding as net-snmp prints it.
type Varbind struct {
	OID   string // without leading dot: "1.3.6.1.2.1.1.3.0"
	Type  string // "STRING", "INTEGER", "Gauge32", "OID", "Timeticks" …; "" of an empty string
	Value string // without quotes; OIDs without leading dot; time in hundredths of a second
}

// Notification is one trap or inform that snmptrapd has accepted.
type Notification struct {
	Version   string // "v1", "v2c", "v3"
	Inform    bool
	Source    netip.AddrPort
	Community string // v1, v2c
	User      string // v3

	// Of a v1 trap:
	Enterprise        string
	Generic, Specific int
	AgentAddr         string

	UpTime  uint32 // hundredths of a second
	TrapOID string // of a v1 trap by RFC 3584 §3.1
	// Varbinds are those after sysUpTime.0 and snmpTrapOID.0, All with them.
	Varbinds, All []Varbind
}

// String is one line.
func (n Notification) String() string {
	kind := "trap"
	if n.Inform {
		kind = "inform"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s from %s", n.Version, kind, n.TrapOID, n.Source)
	for _, v := range n.Varbinds {
		fmt.Fprintf(&b, " %s=%q", v.OID, v.Value)
	}
	return b.String()
}

// Values are those of Varbinds, in order.
func (n Notification) Values() []string {
	out := make([]string, len(n.Varbinds))
	for i, v := range n.Varbinds {
		out[i] = v.Value
	}
	return out
}

// nextRecord takes the next whole record out of b.
func nextRecord(b *bytes.Buffer) (string, bool) {
	all := b.Bytes()
	from := bytes.Index(all, []byte(begin))
	if from < 0 {
		return "", false
	}
	length := bytes.Index(all[from:], []byte(end))
	if length < 0 {
		return "", false
	}
	record := string(all[from+len(begin) : from+length])
	b.Next(from + length + len(end))
	return record, true
}

func parse(record string) (Notification, error) {
	f := strings.Split(record, field)
	if len(f) != fields {
		return Notification{}, fmt.Errorf("%d fields in %q", len(f), record)
	}
	n := Notification{Inform: strings.HasPrefix(f[2], "INFORM")}
	var err error
	if n.Source, err = source(f[1]); err != nil {
		return n, err
	}
	if n.All, err = varbinds(f[9]); err != nil {
		return n, err
	}
	switch f[0] {
	case "0":
		n.Version, n.Community = "v1", f[3]
		return n, n.v1(f)
	case "1":
		n.Version, n.Community = "v2c", f[3]
	case "3":
		n.Version, n.User = "v3", f[3]
	default:
		return n, fmt.Errorf("version %q", f[0])
	}
	return n, n.v2()
}

// source reads "UDP: [127.0.0.1]:52499->[127.0.0.1]:162" and
// "UDP/IPv6: [::1]:52499".
func source(s string) (netip.AddrPort, error) {
	_, s, _ = strings.Cut(s, ": ")
	s, _, _ = strings.Cut(s, "->")
	i := strings.LastIndex(s, "]:")
	if i < 1 {
		return netip.AddrPort{}, fmt.Errorf("source %q", s)
	}
	addr, err := netip.ParseAddr(s[1:i])
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(s[i+2:], 10, 16)
	return netip.AddrPortFrom(addr, uint16(port)), err
}

func (n *Notification) v1(f []string) error {
	n.Enterprise, n.AgentAddr = strings.TrimPrefix(f[4], "."), f[7]
	n.Varbinds = n.All
	var err error
	if n.Generic, err = strconv.Atoi(f[5]); err != nil {
		return err
	}
	if n.Specific, err = strconv.Atoi(strings.TrimPrefix(f[6], ".")); err != nil {
		return err
	}
	up, err := strconv.ParseUint(f[8], 10, 32)
	n.UpTime = uint32(up)
	n.TrapOID = fmt.Sprintf("%s.0.%d", n.Enterprise, n.Specific)
	if n.Generic < 6 {
		n.TrapOID = fmt.Sprintf("1.3.6.1.6.3.1.1.5.%d", n.Generic+1)
	}
	return err
}

func (n *Notification) v2() error {
	if len(n.All) < 2 || n.All[0].OID != "1.3.6.1.2.1.1.3.0" || n.All[1].OID != "1.3.6.1.6.3.1.1.4.1.0" {
		return fmt.Errorf("sysUpTime.0 and snmpTrapOID.0 do not come first: %v", n.All)
	}
	up, err := strconv.ParseUint(n.All[0].Value, 10, 32)
	n.UpTime, n.TrapOID, n.Varbinds = uint32(up), n.All[1].Value, n.All[2:]
	return err
}

// varbinds reads `.1.3.6 = STRING: "text"`, separated by comma.
func varbinds(s string) ([]Varbind, error) {
	if s == "" {
		return nil, nil
	}
	var out []Varbind
	for _, part := range strings.Split(s, comma) {
		name, value, ok := strings.Cut(part, " = ")
		if !ok {
			return nil, fmt.Errorf("varbind %q", part)
		}
		v := Varbind{OID: strings.TrimPrefix(name, ".")}
		if kind, rest, typed := strings.Cut(value, ": "); typed && !strings.HasPrefix(value, `"`) {
			v.Type, value = kind, rest
		}
		v.Value = plain(value, v.Type)
		out = append(out, v)
	}
	return out, nil
}

// plain takes off what net-snmp puts around a value.
func plain(value, kind string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(value[1 : len(value)-1])
	}
	if kind == "OID" {
		value = strings.TrimPrefix(value, ".")
	}
	return value
}
