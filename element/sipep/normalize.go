package sipep

import (
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// DefaultGateway is the gateway of the factory configuration.
const DefaultGateway = "default"

// Factory makes the gateway of the factory configuration.
func Factory(c *store.Candidate) {
	cfg, tok := c.Edit(sipep.Module)
	cfg.(*sipep.Config).AddGateway(tok, sipep.NewGatewayRow(DefaultGateway)) //nolint:forcetypeassert // the module's own type
}

// Normalize keeps one row per gateway in the tables that have one.
func (s *Service) Normalize(c *store.Candidate) {
	gateways := &sipep.Of(c).Gateway
	keys := make([]mib.Key, 0, gateways.Len())
	for row := range gateways.All() {
		keys = append(keys, sipep.GatewayKey(row.Name))
	}
	for _, t := range []*mib.Table{sipep.Tables.TransportConfig, sipep.Tables.GwSpecificProxy, sipep.Tables.GwSpecificRegistration} {
		c.Rows(t, keys)
	}
}
