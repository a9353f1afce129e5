package standard

import (
	"strings"

	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/snmpv2"
)

// Modules is sysORTable and sysORLastChange: our statements of capabilities, and
// the MIB modules that are answered, ours first. They are those of the software
// and never change.
type Modules struct{ rows mib.Sorted[snmpv2.SysORRow] }

// The AGENT-CAPABILITIES, below the root: mibgateAgentCapabilities of
// MIBGATE-CAPS-MIB, mibgateStandardAgentCapabilities of MIBGATE-STANDARD-CAPS-MIB.
var (
	capabilities         = model.Root.Append(200, 61010, 1, 1)
	standardCapabilities = model.Root.Append(200, 61011, 1, 1)
)

// NewModules lists the modules of reg.
func NewModules(reg *mib.Registry) Modules {
	var rows []snmpv2.SysORRow
	add := func(id mib.OID, what string) {
		rows = append(rows, snmpv2.NewSysORRow(int32(len(rows)+1), id, mib.Clip(what, 255), 0)) //nolint:gosec // they are few
	}
	add(capabilities, "MIBGATE-CAPS-MIB: What the agent implements of the modules of mibgate.")
	add(standardCapabilities, "MIBGATE-STANDARD-CAPS-MIB: What the agent implements of the standard modules.")
	for _, m := range reg.Modules() {
		add(m.Identity, m.Name+": "+firstSentence(m.Description))
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
