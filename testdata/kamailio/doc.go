// Package kamailio runs a real Kamailio as the SIP server of a test: registrar with digest and record-routing proxy for
// the domain example.test, over UDP and TCP, TLS, and TLS with a compulsory client certificate. Any user's password is
// "secret". It listens on loopback, on free ports.
//
// It imports testcert and the standard library. The configuration files beside this one are templates. A Server is used
// from one test; its methods may be called from any goroutine but not at the same time.
//
// Start reading at Start.
package kamailio
