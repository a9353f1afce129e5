package standard

import (
	"strings"

	"mibgate/mib"
	"mibgate/mib/snmpv2"
)

// Modules is sysORTable and sysORLastChange: the MIB modules that are answered,
// ours first. They are those of the software and never change.
type Modules struct{ rows mib.Sorted[snmpv2.SysORRow] }

// NewModules lists the modules of reg.
func NewModules(reg *mib.Registry) Modules {
	var rows []snmpv2.SysORRow
	for i, m := range reg.Modules() {
		rows = append(rows, snmpv2.NewSysORRow(int32(i+1), m.Identity, clip(m.Name+": "+firstSentence(m.Description), 255), 0)) //nolint:gosec // they are few
	}
	return Modules{mib.NewSorted(rows, snmpv2.CompareSysOR)}
}

func firstSentence(text string) string {
	if first, _, more := strings.Cut(text, ". "); more {
		return first + "."
	}
	return text
}

// SysORLastChange is 0, for at the start.
func (m Modules) SysORLastChange() uint32 { return 0 }

// SeekSysOR is a part of snmpv2.Status.
func (m Modules) SeekSysOR(key mib.Key, inclusive bool) snmpv2.SysORRow {
	row, _ := m.rows.Seek(key, inclusive)
	return row
}
