// Command mibgate is the gateway and everything that operates it: `run` is the
// unit in the foreground, the others reach it over the control socket in its
// data folder, work on the folder while it does not run, or tell about the MIB.
//
// This is where implementations are chosen and services are put together
// (assemble.go: one line per service). It holds no logic of its own beyond
// that, flags and exit codes: 0 done, 1 refused or failed, 2 asked wrongly (a
// bad flag, argument or script).
//
// spf13/cobra is used for its sub-commands, help and shell completion.
//
// It may import everything but cmd/mibgen. Start reading at main.go, then
// run.go.
package main
