package cert

import (
	"context"
	"strings"
	"time"

	"mibgate/element/event"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/cert"
)

// How many certificates there may be. A bundle of trust anchors is one.
const (
	MaxHostCertificates  = 32
	MaxOtherCertificates = 200
)

// Clock is what the service needs of the element's clock; hoc.Service is one.
type Clock interface {
	Now() time.Time
	// Changed is closed at the next step of the time.
	Changed() <-chan struct{}
	// Local is t in the time zone of the unit.
	Local(t time.Time) time.Time
}

// Service is the certificates.
type Service struct {
	store  *store.Store
	bus    *event.Bus
	clock  Clock
	parsed cache
	views  viewCache
	kick   chan struct{} // holds a token when the configuration has changed
	stages map[string]notice

	cancel context.CancelFunc
	done   chan struct{}
}

// New makes the service.
func New(st *store.Store, bus *event.Bus, clock Clock) *Service {
	return &Service{store: st, bus: bus, clock: clock, kick: make(chan struct{}, 1)}
}

// Module is MIBGATE-CERT-MIB.
func (s *Service) Module() *mib.Module { return cert.Module }

// Start begins to watch the dates of the certificates.
func (s *Service) Start(context.Context, *store.Snapshot) error {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.done = cancel, make(chan struct{})
	s.stages = map[string]notice{}
	go func() {
		defer close(s.done)
		s.watch(ctx)
	}()
	return nil
}

// Stop ends watching. What is configured stays in use.
func (s *Service) Stop(context.Context) error {
	if s.cancel != nil {
		s.cancel()
		<-s.done
	}
	return nil
}

// NeedRestart is never needed: the next handshake has the new certificates.
func (s *Service) NeedRestart(_, _ *store.Snapshot) bool { return false }

// Status implements service.Service.
func (s *Service) Status() any { return status{s} }

// Commands implements service.Service.
func (s *Service) Commands() any { return nil }

// Prepare makes the new certificates be looked at.
func (s *Service) Prepare(old, next *store.Snapshot) (store.Change, error) {
	if !old.Changed(next, cert.Module) {
		return nil, nil //nolint:nilnil // nil means nothing to do
	}
	return store.OnCommit(func() {
		select {
		case s.kick <- struct{}{}:
		default:
		}
	}), nil
}

// Normalize puts certificates and keys into their normal form and keeps one
// association per host certificate. A private key that came with a certificate
// moves to where it is sealed. What cannot be read is left for Validate.
func (s *Service) Normalize(c *store.Candidate) {
	s.normalizeHosts(c)
	s.normalizeOthers(c)
	var want []mib.Key
	for row := range cert.Of(c).HostCertificatesInfo.All() {
		want = append(want, cert.HostCertificateAssociationKey(row.FileName))
	}
	c.Rows(cert.Tables.HostCertificateAssociation, want)
}

func (s *Service) normalizeHosts(c *store.Candidate) {
	for row := range cert.Of(c).HostCertificatesInfo.All() {
		p := s.parsed.host(row.Certificate, row.PrivateKey)
		if p.pem == "" || p.pem == row.Certificate && p.key == row.PrivateKey {
			continue
		}
		cfg, tok := c.Edit(cert.Module)
		row = cfg.(*cert.Config).EditHostCertificatesInfo(tok, row) //nolint:forcetypeassert // the module's own type
		row.Certificate, row.PrivateKey = p.pem, p.key
	}
}

func (s *Service) normalizeOthers(c *store.Candidate) {
	for row := range cert.Of(c).OthersCertificatesInfo.All() {
		p := s.parsed.other(row.Certificate)
		if p.pem == "" || p.pem == row.Certificate {
			continue
		}
		cfg, tok := c.Edit(cert.Module)
		cfg.(*cert.Config).EditOthersCertificatesInfo(tok, row).Certificate = p.pem //nolint:forcetypeassert // the module's own type
	}
}

// Validate refuses an active row that cannot be used, a private key where
// everybody could read it, and more rows than there may be.
func (s *Service) Validate(c mib.Configs) error {
	if err := store.CheckRows(c, cert.Tables.HostCertificatesInfo, MaxHostCertificates); err != nil {
		return err
	}
	if err := store.CheckRows(c, cert.Tables.OthersCertificatesInfo, MaxOtherCertificates); err != nil {
		return err
	}
	for row := range cert.Of(c).HostCertificatesInfo.All() {
		if err := s.validateHost(row); err != nil {
			return err
		}
	}
	for row := range cert.Of(c).OthersCertificatesInfo.All() {
		if err := s.validateOther(row); err != nil {
			return err
		}
	}
	return nil
}

const (
	needCertificate = "is empty: an active row needs a certificate; create the row with createAndWait(5) and activate it when it is complete"
	needKey         = "is empty: an active row needs the private key of its certificate; create the row with createAndWait(5) and activate it when it is complete"
	keyInTheOpen    = "holds a private key, which does not belong here"
)

func (s *Service) validateHost(row *cert.HostCertificatesInfoRow) error {
	key := cert.HostCertificatesInfoKey(row.FileName)
	certificate, private := cert.Objects.HostCertificatesInfoCertificate.Instance(key), cert.Objects.HostCertificatesInfoPrivateKey.Instance(key)
	if hasKey(row.Certificate) {
		return refuse(mib.ErrWrongValue, certificate, keyInTheOpen)
	}
	if row.State() != mib.RowActive {
		return nil
	}
	p := s.parsed.host(row.Certificate, row.PrivateKey)
	switch {
	case row.Certificate == "":
		return refuse(mib.ErrInconsistent, certificate, needCertificate)
	case p.err != nil:
		return refuse(mib.ErrWrongValue, certificate, "cannot be used: "+p.err.Error())
	case row.PrivateKey == "":
		return refuse(mib.ErrInconsistent, private, needKey)
	case p.keyErr != nil:
		return refuse(mib.ErrInconsistent, private, "cannot be used: "+p.keyErr.Error())
	}
	return nil
}

func (s *Service) validateOther(row *cert.OthersCertificatesInfoRow) error {
	path := cert.Objects.OthersCertificatesInfoCertificate.Instance(cert.OthersCertificatesInfoKey(row.FileName))
	if hasKey(row.Certificate) {
		return refuse(mib.ErrWrongValue, path, keyInTheOpen)
	}
	if row.State() != mib.RowActive {
		return nil
	}
	if row.Certificate == "" {
		return refuse(mib.ErrInconsistent, path, needCertificate)
	}
	if p := s.parsed.other(row.Certificate); p.err != nil {
		return refuse(mib.ErrWrongValue, path, "cannot be used: "+p.err.Error())
	}
	return nil
}

func hasKey(pem string) bool { return strings.Contains(pem, "PRIVATE KEY-----") }

func refuse(kind mib.ErrorKind, path, detail string) error {
	return &mib.Error{Kind: kind, Path: path, Detail: detail, Position: -1}
}
