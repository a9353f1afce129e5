// Package nlm is notifications and logging: it takes the events of the bus,
// keeps those that pass the threshold of their service in the local log, sends
// them to the syslog server and hands them to the program's own log.
//
// It owns the thresholds, the local log and the use of element/syslog; the
// active alarms it shows are the bus's. Changes take effect live. While the
// service is stopped nothing is logged, but the local log, the counters and the
// alarms stay readable.
//
// It imports mib/nlm, mib/hoc (the host name), element/event, element/netif,
// element/store and element/syslog. One goroutine takes events and never waits
// for the network: the syslog sender has its own queue. All methods may be
// called from any goroutine. Start reading at nlm.go.
package nlm
