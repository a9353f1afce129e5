// Package dcm is the unit itself: what it is called, its serial number and
// address, how much memory and disk it has and uses.
//
// It raises the alarm when the disk fails in the middle of a commit (DESIGN §3).
//
// It imports mib/dcm, element/event, element/netif and element/store. Figures are read from
// the kernel when they are asked for; the serial number is made once and kept
// with the data folder. All methods may be called from any goroutine.
//
// The kernel is read by statfs(2) and /proc, which need no library. Start
// reading at dcm.go.
package dcm
