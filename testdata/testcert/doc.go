// Package testcert makes certificate authorities and leaf certificates while a test runs, so that no key material is
// kept in the repository and validity dates never go stale.
//
// It owns nothing but the shapes of test certificates; it may import the standard library only. Every function is
// safe for concurrent use: nothing is shared but the system's random source.
//
// Start reading at NewCA, then CA.Issue.
package testcert
