// Package scm is the service controller: it shows the services of the
// supervisor as MIB tables, carries out the commands on them and tells their
// changes of state.
//
// It imports mib/scm, element/event, element/service and element/store. It
// holds no state of its own: everything is read from the supervisor.
package scm
