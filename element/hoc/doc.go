// Package hoc is the host configuration: the element's clock with its SNTP
// servers and time zone, the DNS servers, and the names of the unit.
//
// It owns element/clock for the element: it makes the clock from what the data
// folder remembers, steers it by Hoc.ClockSource and the SNTP servers, and tells
// when it can be trusted. Changes take effect live; nothing needs a restart.
// Others ask it what time it is (Now, Local), wait for it (WaitSynchronized,
// Changed) and resolve names the way the operator wants (DNSServers, Resolver).
//
// It imports mib/hoc, element/clock, element/event, element/netif,
// element/posixtz and element/store. New makes a service whose Now can be given to element.Open;
// Attach, before anything is started, gives it the store and the bus.
// All methods may be called from any goroutine. Start reading at hoc.go.
package hoc
