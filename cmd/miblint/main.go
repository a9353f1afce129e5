package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("miblint", flag.ContinueOnError)
	flags.SetOutput(stderr)
	root := flags.String("C", ".", "repository to check")
	names := flags.String("checks", "", "comma-separated checks to run (default all)")
	list := flags.Bool("list", false, "list the checks and exit")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *list {
		for _, c := range allChecks() {
			fmt.Fprintf(stdout, "%-10s %s\n", c.Name, c.Doc)
		}
		return 0
	}
	checks, err := selectChecks(*names)
	if err != nil {
		fmt.Fprintln(stderr, "miblint:", err)
		return 2
	}
	tree, err := LoadTree(*root)
	if err != nil {
		fmt.Fprintln(stderr, "miblint:", err)
		return 2
	}
	findings := runChecks(tree, checks)
	for _, f := range findings {
		fmt.Fprintln(stdout, f)
	}
	if len(findings) > 0 {
		fmt.Fprintf(stderr, "miblint: %d findings\n", len(findings))
		return 1
	}
	return 0
}
