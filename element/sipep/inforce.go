package sipep

import (
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// InForce implements service.Holder: what a plan is made of is as it was when the
// run began, everything else is read live.
func (s *Service) InForce(running, stored *store.Snapshot, c *service.Configs) {
	cfg := *sipep.Of(stored)
	hold(&cfg, sipep.Of(running))
	c.Put(sipep.Module, &cfg)
}

// hold gives cfg, which is nobody else's, what newPlan reads of was.
func hold(cfg, was *sipep.Config) {
	cfg.DefaultStaticProxyHomeDomainHost = was.DefaultStaticProxyHomeDomainHost
	cfg.DefaultStaticProxyOutboundHost = was.DefaultStaticProxyOutboundHost
	cfg.DefaultProxyOutboundType = was.DefaultProxyOutboundType
	cfg.DefaultStaticRegistrarServerHost = was.DefaultStaticRegistrarServerHost
	cfg.TransportPersistentBasePort = was.TransportPersistentBasePort
	cfg.TransportPersistentPortInterval = was.TransportPersistentPortInterval
	cfg.TransportFailbackInterval = was.TransportFailbackInterval
	cfg.TransportTlsCipherSuite = was.TransportTlsCipherSuite
	cfg.TransportTlsVersion = was.TransportTlsVersion
	cfg.SipKeepAliveMethod = was.SipKeepAliveMethod
	cfg.SipKeepAliveInterval = was.SipKeepAliveInterval
	cfg.SipKeepAliveRetry = was.SipKeepAliveRetry
	cfg.InteropTransmissionTimeout = was.InteropTransmissionTimeout
	cfg.InteropTcpConnectTimeout = was.InteropTcpConnectTimeout
	cfg.InteropTlsClientAuthenticationEnable = was.InteropTlsClientAuthenticationEnable
	cfg.InteropTlsCertificateValidation = was.InteropTlsCertificateValidation
	cfg.Gateway, cfg.TransportConfig, cfg.GwSpecificProxy = was.Gateway, was.TransportConfig, was.GwSpecificProxy
	holdRegistrars(cfg, was)
}

// holdRegistrars keeps the registrars of single gateways as they were. The times
// beside them are read live.
func holdRegistrars(cfg, was *sipep.Config) {
	live := cfg.GwSpecificRegistration
	cfg.GwSpecificRegistration = mib.Rows[sipep.GwSpecificRegistrationRow, *sipep.GwSpecificRegistrationRow]{}
	for old := range was.GwSpecificRegistration.All() {
		row := *old
		if now := live.Find(sipep.GwSpecificRegistrationKey(row.GatewayName)); now != nil {
			row.RefreshTime, row.ExpirationValue = now.RefreshTime, now.ExpirationValue
			row.ProposedExpirationValue, row.RetryTime = now.ProposedExpirationValue, now.RetryTime
		}
		cfg.AddGwSpecificRegistration(0, &row)
	}
}
