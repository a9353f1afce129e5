// Package testguest boots a Linux kernel of Debian in an emulated machine, for tests that need drivers which no kernel of
// a build machine has: a kernel tree as .ci/guest leaves it in .cache/guest, an initial file system of one program, the
// folder guest beside this file, and what a test adds.
//
// The test tells the guest on its serial console what to do, one command per line; the guest is on a network of its own,
// of which ports are forwarded to 127.0.0.1. There, 10.0.2.2 is 127.0.0.1 of the test.
//
// It imports the standard library only. Start reading at machine.go.
package testguest
