// Package nms writes what network management systems need to know of us: a
// configuration of Prometheus's snmp_exporter, a Zabbix template, a LibreNMS
// definition, the events of snmptt, and the MIB modules under the root they are
// served at.
//
// It owns these files and nothing that runs. It reads the descriptor table
// (mib.Registry) and mib/modules, and imports nothing else of ours; what the
// table cannot tell, which state is good and which string names a row, is in
// catalogue.go. Everything is a pure function of its arguments, safe for
// concurrent use.
//
// What is in the files is what the unit reports: read-only objects, those of
// standard modules in the Zabbix template only (standard.go), and notifications
// (trap.go). The configuration is left to managers that walk the MIB. A new
// status object or table is in every file after `make generate`; a new state
// whose labels are to raise alarms gets a line in the catalogue.
//
// `mibgate mib nms` writes the files for an operator, with his --oid-root; the
// copies under testdata/nms are the same with the root of the model.
//
// Start reading at nms.go, then catalogue.go. yaml.go writes the YAML: a
// hundred lines of our own, since the files need key order, flow style and
// anchors, and nothing here reads YAML.
package nms
