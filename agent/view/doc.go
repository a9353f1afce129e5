// Package view is what every view on the model shares: reading instances on
// behalf of somebody, walking what he may see, and the text and JSON forms of
// a value. The command line, exports and the web read through it; SNMP, which
// answers by OID, has its own walk over the same objects.
//
// It imports mib, mib/text, element and what is below. A View holds one
// configuration, so that everything read through it belongs together; it is for one
// goroutine and cheap to make. Start reading at view.go.
package view
