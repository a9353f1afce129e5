package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var in Input
	flag.StringVar(&in.Modules, "modules", "mib/modules", "folder of our modules")
	flag.StringVar(&in.Standard, "standard", "mib/standard", "folder of the subsets of standard modules")
	out := flag.String("out", "mib", "folder to write the packages to")
	flag.Parse()
	if err := run(in, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in Input, out string) error {
	files, err := Generate(in)
	if err != nil {
		return err
	}
	return WriteFiles(out, files)
}

// Generate reads the modules and returns the text of every file to write, by
// path below the output folder ("sipep/config_gen.go"). The error joins all
// that is wrong with the modules.
func Generate(in Input) (map[string][]byte, error) {
	loaded, err := load(in)
	if err != nil {
		return nil, err
	}
	tree, err := build(loaded)
	if err != nil {
		return nil, err
	}
	return render(tree)
}
