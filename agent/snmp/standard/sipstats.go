package standard

import (
	"slices"

	sipservice "mibgate/element/sipep"
	"mibgate/element/siptx"
	"mibgate/mib"
	"mibgate/mib/sipcommon"
)

// active is what the status of a service tells that counts.
type active interface{ Activity() sipservice.Activity }

// sipStats are the counters of one moment.
type sipStats struct {
	methods mib.Sorted[sipcommon.SipCommonMethodSupportedRow]
	summary mib.Sorted[sipcommon.SipCommonSummaryStatsRow]
	method  mib.Sorted[sipcommon.SipCommonMethodStatsRow]
	code    mib.Sorted[sipcommon.SipCommonStatusCodeRow]
	now     mib.Sorted[sipcommon.SipCommonTransCurrentRow]
	retry   mib.Sorted[sipcommon.SipCommonStatsRetryRow]
	other   mib.Sorted[sipcommon.SipCommonOtherStatsRow]
}

func buildSIPStats(a *sipservice.Activity) sipStats {
	t := &a.Messages
	method, retry := methodRows(t)
	return sipStats{
		mib.NewSorted(supportedRows(a.Methods), sipcommon.CompareSipCommonMethodSupported),
		mib.NewSorted([]sipcommon.SipCommonSummaryStatsRow{sipcommon.NewSipCommonSummaryStatsRow(
			endpoint, low(t.InRequests), low(t.OutRequests), low(t.InResponses), low(t.OutResponses), low(t.Transactions), 0,
		)}, sipcommon.CompareSipCommonSummaryStats),
		mib.NewSorted(method, sipcommon.CompareSipCommonMethodStats),
		mib.NewSorted(codeRows(t), sipcommon.CompareSipCommonStatusCode),
		mib.NewSorted([]sipcommon.SipCommonTransCurrentRow{sipcommon.NewSipCommonTransCurrentRow(endpoint, uint32(a.Transactions))}, sipcommon.CompareSipCommonTransCurrent), //nolint:gosec // bounded by siptx
		mib.NewSorted(retry, sipcommon.CompareSipCommonStatsRetry),
		mib.NewSorted([]sipcommon.SipCommonOtherStatsRow{sipcommon.NewSipCommonOtherStatsRow(
			endpoint, low(t.UnsupportedURIs), low(t.UnsupportedMethods), low(a.Discarded), 0,
		)}, sipcommon.CompareSipCommonOtherStats),
	}
}

// supportedRows are the methods of Allow; the number of one is its place among
// all that there are.
func supportedRows(methods []string) []sipcommon.SipCommonMethodSupportedRow {
	var rows []sipcommon.SipCommonMethodSupportedRow
	for i, name := range siptx.Methods {
		if slices.Contains(methods, name) {
			rows = append(rows, sipcommon.NewSipCommonMethodSupportedRow(endpoint, uint32(i+1), name)) //nolint:gosec // a few
		}
	}
	return rows
}

func methodRows(t *siptx.TallyReport) (all []sipcommon.SipCommonMethodStatsRow, retries []sipcommon.SipCommonStatsRetryRow) {
	for name, c := range t.Methods {
		all = append(all, sipcommon.NewSipCommonMethodStatsRow(endpoint, name, low(c.Out), low(c.In), 0))
		retries = append(retries, sipcommon.NewSipCommonStatsRetryRow(endpoint, name, low(c.Retries), low(c.FinalRetries), low(c.OtherRetries), 0))
	}
	sipcommon.SortSipCommonMethodStats(all)
	sipcommon.SortSipCommonStatsRetry(retries)
	return all, retries
}

func codeRows(t *siptx.TallyReport) []sipcommon.SipCommonStatusCodeRow {
	var rows []sipcommon.SipCommonStatusCodeRow
	for code, c := range t.Codes {
		rows = append(rows, sipcommon.NewSipCommonStatusCodeRow(endpoint, code.Method, uint32(code.Status), low(c.In), low(c.Out), mib.RowActive, 0)) //nolint:gosec // never negative
	}
	sipcommon.SortSipCommonStatusCode(rows)
	return rows
}

func (s sip) SeekSipCommonMethodSupported(key mib.Key, inclusive bool) sipcommon.SipCommonMethodSupportedRow {
	row, _ := s.tables().stats.methods.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipCommonSummaryStats(key mib.Key, inclusive bool) sipcommon.SipCommonSummaryStatsRow {
	row, _ := s.tables().stats.summary.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipCommonMethodStats(key mib.Key, inclusive bool) sipcommon.SipCommonMethodStatsRow {
	row, _ := s.tables().stats.method.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipCommonStatusCode(key mib.Key, inclusive bool) sipcommon.SipCommonStatusCodeRow {
	row, _ := s.tables().stats.code.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipCommonTransCurrent(key mib.Key, inclusive bool) sipcommon.SipCommonTransCurrentRow {
	row, _ := s.tables().stats.now.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipCommonStatsRetry(key mib.Key, inclusive bool) sipcommon.SipCommonStatsRetryRow {
	row, _ := s.tables().stats.retry.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipCommonOtherStats(key mib.Key, inclusive bool) sipcommon.SipCommonOtherStatsRow {
	row, _ := s.tables().stats.other.Seek(key, inclusive)
	return row
}
