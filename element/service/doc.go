// Package service is what a restartable service is, and the supervisor that
// starts, stops and restarts services without touching the others.
//
// A Service is written once and started many times: its Status and Commands
// outlive its runs, so that every object stays readable while it is stopped or
// restarting. Start is given the snapshot that the run begins with; what a run
// cannot absorb live shows as NeedRestart, which compares the snapshot a run
// began with to the one in force, so that taking a change back clears it; InForce
// puts together what the services work by meanwhile.
//
// A service that fails, panics or does not start or stop in time shows as not
// responding, with the reason; the others go on, and a start that failed is tried
// again every RetryTime.
//
// It imports mib and element/store. Start and Stop of one service never
// overlap; different services run beside each other, but start in dependency
// order and stop in reverse. Start reading at supervisor.go, then
// entry.go.
package service
