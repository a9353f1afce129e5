// Package vacm is the View-based Access Control Model (RFC 3415): which names
// are in a view, and which views a request, or a notification, may use.
//
// A View is made of the families of vacmViewTreeFamilyTable that have one view
// name, a Policy of vacmSecurityToGroupTable, vacmAccessTable, the views and
// the names of the contexts. Where these tables are kept and how they change is
// the agent's business.
//
// It imports mib and agent/snmp/message. View and Policy are immutable and may
// be shared; nothing that asks them makes garbage. Start reading at view.go.
package vacm
