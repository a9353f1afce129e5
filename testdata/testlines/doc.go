// Package testlines writes the sysfs of hosts with telephone hardware, as the drivers make it: an mISDN card with four
// basic rate ports, and DAHDI cards with analogue lines and with E1 spans. A test changes it as the hardware would change.
//
// It imports the standard library only.
package testlines
