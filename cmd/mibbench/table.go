package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tableModule is the module of snmpd that serves the objects as a table: that is
// how who programs snmpd would do it, and several times cheaper for it than
// thousands of overrides.
const tableModule = "mibbench_table"

//go:embed testdata/table.c
var tableSource []byte

// errNoSNMPD is a host without what compiles a module for snmpd.
var errNoSNMPD = errors.New("install gcc and libsnmp-dev to compare with a table in snmpd as well")

// buildTable compiles the module into dir.
func buildTable(dir string) (module string, err error) {
	flags, err := exec.Command("net-snmp-config", "--base-cflags").Output()
	if err != nil {
		return "", errNoSNMPD
	}
	source, module := filepath.Join(dir, tableModule+".c"), filepath.Join(dir, tableModule+".so")
	if err := os.WriteFile(source, tableSource, 0o600); err != nil {
		return "", err
	}
	args := append([]string{"-shared", "-fPIC", "-O2", "-o", module, source}, strings.Fields(string(flags))...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %w\n%s", errNoSNMPD, err, out)
	}
	return module, nil
}
