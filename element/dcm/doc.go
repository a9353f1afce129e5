// Package dcm is the unit itself: what it is called, its serial number and
// address, how much memory and disk it has and uses.
//
// It imports mib/dcm, element/netif and element/store. Figures are read from
// the kernel when they are asked for.
package dcm
