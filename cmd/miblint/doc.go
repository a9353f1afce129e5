// Command miblint checks the rules of this repository that no general linter
// knows: the import edges between our folders, the sizes of files and
// functions, a doc.go in every package, and no unfinished-work markers.
//
//	go run ./cmd/miblint [-C DIR] [-checks name,name] [-list]
//
// Findings go to stdout as "path:line: [check] text", sorted; the exit status
// is 1 when there are any and 2 when the tree could not be read.
//
// It owns nothing but its checks and imports nothing of ours. Everything runs in
// one goroutine. Start reading at tree.go (what a check sees) and checks.go (the
// list); each further file is one check. To add one, write a
// func(*Tree) []Finding in a file of its own and name it in checks.go.
//
// Only go/parser is used, no type checker: the rules are about text and import
// paths, and so the tool works on a tree that does not compile yet.
package main
