// Package history keeps what has happened for managers that missed it: the
// logs of notifications of NOTIFICATION-LOG-MIB (RFC 3014) and the alarms of
// ALARM-MIB (RFC 3877): which there may be, which are active, which were
// cleared.
//
// It owns the logs, the rows of the alarms and the model of them, and makes the
// notifications of alarms that have none of their own (supply.go); the pairing
// of what raises and what clears an alarm is element/event's. It watches the
// bus from the moment it is made, so that the logs are complete whether or not
// the agent runs or anything is sent anywhere. Everything is bounded: the logs
// by number and age, the cleared alarms by number, the active ones by the bus.
// Nothing outlives the process, as RFC 3014 expects.
//
// It imports element/event, mib and the generated modules. OIDs are those of
// the model; who answers a request moves them. All methods may be called from
// any goroutine; one mutex guards everything, and rows do not change once they
// are made. Start reading at history.go.
package history
