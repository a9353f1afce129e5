// Package event carries what happens from the services to those who tell it:
// traps and informs, syslog, the local log and the table of active alarms.
//
// A service emits an Event: a numbered message with severity and text, and,
// where the MIB defines one, a notification. A message that raises or clears an
// alarm says so; the pairs are kept in one table that a manager reads when it
// has missed a trap. Emit never blocks: each sink has a bounded queue and
// counts what it had to drop, the oldest first. Severity thresholds are the log sinks' matter;
// alarms and traps pass unfiltered, or a clear would be lost.
//
// It imports mib. Bus is safe for concurrent use; events of one goroutine
// reach a sink in order. Start reading at bus.go.
package event
