package cert

import (
	"math"
	"time"

	"mibgate/mib/cert"
)

var _ cert.Status = status{}

type status struct{ s *Service }

func (st status) NeedRestartInfo() cert.NeedRestartInfo { return cert.NeedRestartInfoNo }

func (st status) host(r *cert.HostCertificatesInfoRow) *parsed {
	return st.s.parsed.host(r.Certificate, r.PrivateKey)
}

func (st status) HostCertificatesInfoIssuedTo(r *cert.HostCertificatesInfoRow) string {
	return st.host(r).info.IssuedTo
}

func (st status) HostCertificatesInfoIssuedBy(r *cert.HostCertificatesInfoRow) string {
	return st.host(r).info.IssuedBy
}

func (st status) HostCertificatesInfoValidFrom(r *cert.HostCertificatesInfoRow) string {
	return st.dateTime(st.host(r).info.NotBefore)
}

func (st status) HostCertificatesInfoValidTo(r *cert.HostCertificatesInfoRow) string {
	return st.dateTime(st.host(r).info.NotAfter)
}

func (st status) HostCertificatesInfoUsage(r *cert.HostCertificatesInfoRow) string {
	return st.host(r).info.Usage
}

func (st status) HostCertificatesInfoKeyType(r *cert.HostCertificatesInfoRow) string {
	return st.host(r).info.KeyType
}

func (st status) HostCertificatesInfoSerialNumber(r *cert.HostCertificatesInfoRow) string {
	return st.host(r).info.Serial
}

func (st status) HostCertificatesInfoSha256Fingerprint(r *cert.HostCertificatesInfoRow) string {
	return st.host(r).info.Fingerprint
}

func (st status) HostCertificatesInfoDaysToExpiry(r *cert.HostCertificatesInfoRow) int32 {
	return st.days(st.host(r))
}

func (st status) HostCertificatesInfoState(r *cert.HostCertificatesInfoRow) cert.HostCertificatesInfoState {
	p, now := st.host(r), st.s.clock.Now()
	switch {
	case p.err != nil || p.keyErr != nil:
		return cert.HostCertificatesInfoStateUnusable
	case !p.usable():
		return cert.HostCertificatesInfoStateNoPrivateKey
	case now.Before(p.info.NotBefore):
		return cert.HostCertificatesInfoStateNotYetValid
	case now.After(p.info.NotAfter):
		return cert.HostCertificatesInfoStateExpired
	}
	return cert.HostCertificatesInfoStateValid
}

func (st status) other(r *cert.OthersCertificatesInfoRow) *parsed {
	return st.s.parsed.other(r.Certificate)
}

func (st status) OthersCertificatesInfoIssuedTo(r *cert.OthersCertificatesInfoRow) string {
	return st.other(r).info.IssuedTo
}

func (st status) OthersCertificatesInfoIssuedBy(r *cert.OthersCertificatesInfoRow) string {
	return st.other(r).info.IssuedBy
}

func (st status) OthersCertificatesInfoValidFrom(r *cert.OthersCertificatesInfoRow) string {
	return st.dateTime(st.other(r).info.NotBefore)
}

func (st status) OthersCertificatesInfoValidTo(r *cert.OthersCertificatesInfoRow) string {
	return st.dateTime(st.other(r).info.NotAfter)
}

func (st status) OthersCertificatesInfoUsage(r *cert.OthersCertificatesInfoRow) string {
	return st.other(r).info.Usage
}

func (st status) OthersCertificatesInfoCertificateAuthority(r *cert.OthersCertificatesInfoRow) cert.OthersCertificatesInfoCertificateAuthority {
	if st.other(r).info.IsCA {
		return cert.OthersCertificatesInfoCertificateAuthorityYes
	}
	return cert.OthersCertificatesInfoCertificateAuthorityNo
}

func (st status) OthersCertificatesInfoKeyType(r *cert.OthersCertificatesInfoRow) string {
	return st.other(r).info.KeyType
}

func (st status) OthersCertificatesInfoSerialNumber(r *cert.OthersCertificatesInfoRow) string {
	return st.other(r).info.Serial
}

func (st status) OthersCertificatesInfoSha256Fingerprint(r *cert.OthersCertificatesInfoRow) string {
	return st.other(r).info.Fingerprint
}

func (st status) OthersCertificatesInfoDaysToExpiry(r *cert.OthersCertificatesInfoRow) int32 {
	return st.days(st.other(r))
}

func (st status) OthersCertificatesInfoState(r *cert.OthersCertificatesInfoRow) cert.OthersCertificatesInfoState {
	p, now := st.other(r), st.s.clock.Now()
	switch {
	case p.err != nil:
		return cert.OthersCertificatesInfoStateUnusable
	case now.Before(p.info.NotBefore):
		return cert.OthersCertificatesInfoStateNotYetValid
	case now.After(p.info.NotAfter):
		return cert.OthersCertificatesInfoStateExpired
	}
	return cert.OthersCertificatesInfoStateValid
}

// days is 0 for what cannot be read.
func (st status) days(p *parsed) int32 {
	if p.err != nil {
		return 0
	}
	return int32(max(math.MinInt32, min(math.MaxInt32, p.info.Days(st.s.clock.Now()))))
}

// dateTime is a DateTimeText in the time zone of the unit; "" for the zero time.
func (st status) dateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return st.s.clock.Local(t).Format(time.RFC3339)
}
