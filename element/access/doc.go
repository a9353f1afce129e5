// Package access says who may see and change what: the three roles of an
// account and the rules over services, the same for every view. The SNMP
// agent's views, the CLI's and the web's answers all come from here.
//
// It imports mib. All functions are pure.
package access
