package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
	"github.com/slayercat/GoSNMPServer"

	"mibgate/mib"
)

// baselineVerb makes this program GoSNMPServer.
const baselineVerb = "serve-gosnmpserver"

// writeObjects writes the objects a line each, for readObjects.
func writeObjects(path string, objects []object) error {
	var b strings.Builder
	for _, o := range objects {
		if o.value.IsString() {
			fmt.Fprintf(&b, "%s s %s\n", o.name, o.value.Str)
		} else {
			fmt.Fprintf(&b, "%s i %d\n", o.name, o.value.Num)
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}

func readObjects(path string) ([]object, error) {
	text, err := os.ReadFile(path) //nolint:gosec // our own file
	if err != nil {
		return nil, err
	}
	var out []object
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		name, err := mib.ParseOID(parts[0])
		if err != nil || len(parts) != 3 {
			return nil, fmt.Errorf("%q is no object: %w", line, err)
		}
		o := object{name, mib.String(parts[2])}
		if parts[1] == "i" {
			n, err := strconv.ParseInt(parts[2], 10, 32)
			if err != nil {
				return nil, err
			}
			o.value = mib.Int(int32(n))
		}
		out = append(out, o)
	}
	return out, nil
}

// engineID is that of the baseline.
var engineID = GoSNMPServer.SNMPEngineID{EngineIDData: "mibbench"}

func baselineEngineID() []byte { return engineID.Marshal() }

// serveBaseline answers with GoSNMPServer until it is killed.
func serveBaseline(addr, auth, list string) error {
	objects, err := readObjects(list)
	if err != nil {
		return err
	}
	protocol := gosnmp.SHA
	if auth == "SHA-256" {
		protocol = gosnmp.SHA256
	}
	log := GoSNMPServer.NewDiscardLogger()
	gosnmp.Default.Logger = gosnmp.NewLogger(discard{})
	master := GoSNMPServer.MasterAgent{
		Logger: log,
		SecurityConfig: GoSNMPServer.SecurityConfig{
			AuthoritativeEngineID: engineID, AuthoritativeEngineBoots: 1,
			Users: []gosnmp.UsmSecurityParameters{{
				UserName: user, AuthenticationProtocol: protocol, AuthenticationPassphrase: password,
				PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: password,
			}},
		},
		// Context names are communities to it; v3 asks in the context "".
		SubAgents: []*GoSNMPServer.SubAgent{{CommunityIDs: []string{community, ""}, OIDs: items(objects)}},
	}
	server := GoSNMPServer.NewSNMPServer(master)
	if err := server.ListenUDP("udp", addr); err != nil {
		return err
	}
	return server.ServeForever()
}

// items are the objects as GoSNMPServer wants them. It serves one request
// after the other, so they need no lock.
func items(objects []object) []*GoSNMPServer.PDUValueControlItem {
	var out []*GoSNMPServer.PDUValueControlItem
	for _, o := range objects {
		item := &GoSNMPServer.PDUValueControlItem{OID: o.name.String(), Type: gosnmp.OctetString}
		value := any(o.value.Str)
		if !o.value.IsString() {
			item.Type, value = gosnmp.Integer, int(o.value.Num)
		}
		item.OnGet = func() (any, error) { return value, nil }
		item.OnSet = func(v any) error {
			if octets, ok := v.([]byte); ok {
				v = string(octets)
			}
			value = v
			return nil
		}
		out = append(out, item)
	}
	return out
}

// discard keeps gosnmp's own log away.
type discard struct{}

func (discard) Print(...any)          {}
func (discard) Printf(string, ...any) {}
