// Package testnetns runs a test in a network namespace of its own, where it may
// make interfaces and pull cables.
//
// It needs root, unshare(1) of util-linux and ip(8) of iproute2, and imports
// nothing of ours. A namespace belongs to a process, so that the test binary is
// run again for the one test. Start reading at Enter.
package testnetns
