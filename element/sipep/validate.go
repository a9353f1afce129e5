package sipep

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"mibgate/element/netif"
	"mibgate/element/sipdns"
	"mibgate/element/siptransport"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// How many rows there may be, and how many registrations they may come to: a
// user of all gateways counts once for each.
const (
	MaxGateways      = 100
	MaxUsers         = 1000
	MaxCredentials   = 1000
	MaxRegistrations = 1000
)

// Validate refuses what cannot work or is not safe. It looks at the
// configuration alone and never at the host, whose interfaces come and go: what
// was accepted once is accepted at the next start. Ports that turn out to be
// taken are a state of the gateway.
func (s *Service) Validate(c mib.Configs) error {
	if err := validateSizes(c); err != nil {
		return err
	}
	cfg := sipep.Of(c)
	for _, rule := range []func(*sipep.Config) error{
		validateTLS, validateHeader, validateDomains, validateInterfaces, validatePriorities, validateRegistrations,
	} {
		if err := rule(cfg); err != nil {
			return err
		}
	}
	return validatePorts(newPlan(c))
}

func validateSizes(c mib.Configs) error {
	for _, bound := range []struct {
		table *mib.Table
		most  int
	}{
		{sipep.Tables.Gateway, MaxGateways}, {sipep.Tables.UnitRegistrations, MaxUsers}, {sipep.Tables.Authentication, MaxCredentials},
	} {
		if err := store.CheckRows(c, bound.table, bound.most); err != nil {
			return err
		}
	}
	return nil
}

func wrong(path, value, detail string) error {
	return &mib.Error{Kind: mib.ErrWrongValue, Path: path, Value: value, HasValue: true, Detail: detail, Position: -1}
}

func inconsistent(path, value, detail string) error {
	return &mib.Error{Kind: mib.ErrInconsistent, Path: path, Value: value, HasValue: true, Detail: detail, Position: -1}
}

func validateTLS(cfg *sipep.Config) error {
	if cfg.TransportTlsVersion == sipep.TransportTlsVersionSSLv3 {
		return wrong(sipep.Objects.TransportTlsVersion.Path(), cfg.TransportTlsVersion.String(), "is not safe and not offered; TLSv1_2 is the default")
	}
	return nil
}

func validateHeader(cfg *sipep.Config) error {
	parts := strings.Split(cfg.InteropUaHeaderFormat, "%")
	for i, word := range parts {
		if i%2 == 1 && (i == len(parts)-1 || macros[word] == nil) {
			return wrong(sipep.Objects.InteropUaHeaderFormat.Path(), cfg.InteropUaHeaderFormat,
				"has a percent sign that begins none of %product%, %version%, %profile%, %serial%, %mac% and %%")
		}
	}
	return nil
}

func validateDomains(cfg *sipep.Config) error {
	const detail = "is not a host name or address"
	if d := cfg.InteropRegisterHomeDomainOverride; !isDomain(d) {
		return wrong(sipep.Objects.InteropRegisterHomeDomainOverride.Path(), d, detail)
	}
	for row := range cfg.Gateway.All() {
		if !isDomain(row.Domain) {
			return wrong(sipep.Objects.GatewayDomain.Instance(sipep.GatewayKey(row.Name)), row.Domain, detail)
		}
	}
	return nil
}

// isDomain takes what may stand behind the @ of an address, and "".
func isDomain(s string) bool {
	if s == "" {
		return true
	}
	_, port, err := sipdns.Split(s)
	return err == nil && port == 0 && !strings.HasSuffix(s, ":0") && strings.TrimSpace(s) == s
}

func validateInterfaces(cfg *sipep.Config) error {
	for row := range cfg.Gateway.All() {
		key := sipep.GatewayKey(row.Name)
		if row.NetworkInterface == netif.All || strings.ContainsFunc(row.NetworkInterface, notInterface) {
			return wrong(sipep.Objects.GatewayNetworkInterface.Instance(key), row.NetworkInterface, "is not the name of one interface: Loop, Lan1 or one of the host")
		}
		if row.Name == allGateways {
			return wrong(sipep.Objects.GatewayName.Instance(key), row.Name, "is kept for every gateway together; choose another name")
		}
	}
	return nil
}

func notInterface(r rune) bool { return r == '/' || unicode.IsSpace(r) || unicode.IsControl(r) }

func validatePriorities(cfg *sipep.Config) error {
	for row := range cfg.TransportConfig.All() {
		key := sipep.TransportConfigKey(row.GatewayName)
		for _, q := range []struct {
			object *mib.Object
			value  string
		}{
			{sipep.Objects.TransportConfigUdpQValue, row.UdpQValue},
			{sipep.Objects.TransportConfigTcpQValue, row.TcpQValue},
			{sipep.Objects.TransportConfigTlsQValue, row.TlsQValue},
		} {
			if !isPriority(q.value) {
				return wrong(q.object.Instance(key), q.value, "is not a number from 0 to 1 with up to three decimals, nor empty")
			}
		}
	}
	return nil
}

// isPriority takes a qvalue (RFC 3261 §25.1), and "".
func isPriority(s string) bool {
	if s == "" {
		return true
	}
	whole, decimals, _ := strings.Cut(s, ".")
	if len(decimals) > 3 || strings.Trim(decimals, "0123456789") != "" {
		return false
	}
	return whole == "0" || whole == "1" && strings.Trim(decimals, "0") == ""
}

// validateRegistrations wants the gateway of every registration to exist, and no
// user twice on one gateway: one would end what the other begins.
func validateRegistrations(cfg *sipep.Config) error {
	seen := map[[2]string]uint32{}
	for row := range cfg.UnitRegistrations.Active() {
		key := sipep.UnitRegistrationsKey(row.Index)
		if row.GatewayName != allGateways && cfg.FindGateway(row.GatewayName) == nil {
			return inconsistent(sipep.Objects.UnitRegistrationsGatewayName.Instance(key), row.GatewayName, "is neither a gateway nor all")
		}
		if row.Username == "" {
			continue
		}
		for g := range cfg.Gateway.All() {
			if row.GatewayName != allGateways && row.GatewayName != g.Name {
				continue
			}
			at := [2]string{g.Name, row.Username}
			if other, twice := seen[at]; twice {
				return inconsistent(sipep.Objects.UnitRegistrationsUsername.Instance(key), row.Username,
					fmt.Sprintf("is registered by gateway %s already, by row %d", g.Name, other))
			}
			seen[at] = row.Index
			if len(seen) > MaxRegistrations {
				return inconsistent(sipep.Objects.UnitRegistrationsGatewayName.Instance(key), row.GatewayName,
					fmt.Sprintf("would be more than %d registrations, counting each gateway of each user", MaxRegistrations))
			}
		}
	}
	return nil
}

// validatePorts wants no two sockets of ours at one place: listeners of two
// gateways, or a listener among the local ports of the links.
func validatePorts(p plan) error {
	taken := map[string]string{}
	links := 0
	for _, g := range p.gateways {
		links += len(g.servers)
	}
	last := int(p.basePort) + max(int(p.portInterval), links-1)
	for _, g := range p.gateways {
		for _, t := range g.transports {
			object, port := sipep.Objects.GatewayPort, g.port
			if t.transport == siptransport.TLS {
				object, port = sipep.Objects.GatewaySecurePort, g.securePort
			}
			if port == 0 {
				continue // the system chooses
			}
			path, value := object.Instance(sipep.GatewayKey(g.name)), strconv.Itoa(int(port))
			at := fmt.Sprintf("%s %s %d", sameInterface(g.iface), t.transport, port)
			if other, ok := taken[at]; ok {
				return inconsistent(path, value, fmt.Sprintf("is the %s port of gateway %s on the same interface; give each its own", t.transport, other))
			}
			taken[at] = g.name
			if p.tls && links > 0 && int(port) >= int(p.basePort) && int(port) <= last {
				return inconsistent(path, value, fmt.Sprintf("is among the local ports of the persistent links, %d to %d (TransportPersistentBasePort)", p.basePort, last))
			}
		}
	}
	return nil
}

// sameInterface is one name for what is one interface on every host.
func sameInterface(name string) string {
	if name == "lo" {
		return netif.Loop
	}
	return name
}
