// Command mibgen writes the Go packages below mib/ from our SMIv2 modules.
//
//	go run ./cmd/mibgen [-modules mib/modules] [-standard mib/standard] [-out mib]
//
// Each service module becomes a package mib/<service>, each subset of a
// standard module a package mib/<short name>; mib/tc holds the enumerated
// textual conventions they share, when there are any, and mib/model the
// registry of all of them. What the packages look like is told in package mib.
//
// It owns nothing but that text and imports nothing of ours; everything runs in
// one goroutine and the output depends on the modules alone. Errors name
// file:line:col of the module; then nothing is written.
//
// # Reading order
//
//   - load.go runs the parser and turns its diagnostics into errors;
//   - model.go is what the templates see, build.go and its neighbours
//     (table.go, object.go, syntax.go, notification.go) make it;
//   - native.go maps SMI types to Go types, names.go descriptors to Go names;
//   - render.go runs templates/*.tmpl, one per kind of file; output.go writes
//     what changed and removes what is stale.
//
// # Why gomib
//
// It keeps what a generator needs and others lose: typed DEFVALs, read-create
// apart from read-write, accessible-for-notify, line and column of every
// diagnostic. It is young, so the daemon does not link it: only this command
// and tests do.
package main
