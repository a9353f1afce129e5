// Package sipfuzz makes damaged SIP messages and feeds them to a SIP port, to see that it goes on answering. It imports
// the standard library only, so that it serves unit tests and tests of the whole binary alike.
//
// Nothing but loopback addresses stands in the messages: answers and proxies follow what they name. Functions may be
// called from any goroutine; a Feed is run by one.
//
// Start reading at Feed.Run.
package sipfuzz
