package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	nmsfiles "mibgate/agent/nms"
	"mibgate/agent/snmp/tree"
	"mibgate/mib"
	"mibgate/mib/model"
)

// newExport is "mib export", newNMS "mib nms": both write files that name
// OIDs, under the root that the unit serves them at.
func newExport() *cobra.Command {
	return writesFiles(&cobra.Command{
		Use:   "export DIR",
		Short: "Write the MIB modules into a folder, for other programs",
	}, nmsfiles.Modules)
}

func newNMS() *cobra.Command {
	return writesFiles(&cobra.Command{
		Use:   "nms DIR",
		Short: "Write files for Prometheus, Zabbix, LibreNMS and snmptt into a folder",
		Long: "Write an snmp_exporter configuration, a Zabbix template, a LibreNMS definition and the events of snmptt for\n" +
			"what the unit reports and sends. docs/nms.md tells how each is used.",
	}, func(root mib.OID) (map[string][]byte, error) {
		return nmsfiles.Files(nmsfiles.Options{Registry: model.Registry, Model: model.Root, Served: root})
	})
}

// writesFiles completes a command that writes what files makes for a root; nil
// is the root of the model.
func writesFiles(cmd *cobra.Command, files func(root mib.OID) (map[string][]byte, error)) *cobra.Command {
	var root string
	cmd.Flags().StringVar(&root, "oid-root", "", "for units that serve the MIB under this `OID` instead of "+model.Root.String())
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = runs(func(cmd *cobra.Command, args []string) error {
		served, err := servedRoot(root)
		if err != nil {
			return err
		}
		texts, err := files(served)
		if err != nil {
			return err
		}
		return writeFiles(cmd.OutOrStdout(), args[0], texts)
	})
	return cmd
}

// servedRoot is the OID of --oid-root, which must be one that a unit takes; nil
// when it is not given.
func servedRoot(text string) (mib.OID, error) {
	if text == "" {
		return nil, nil
	}
	root, err := mib.ParseOID(text)
	if err != nil {
		return nil, fmt.Errorf("--oid-root: %w", err)
	}
	if _, err := tree.New(model.Registry, tree.Options{Model: model.Root, Served: root}); err != nil {
		return nil, fmt.Errorf("--oid-root %s: %w", text, err)
	}
	return root, nil
}

// writeFiles writes texts below a folder and lists their paths.
func writeFiles(w io.Writer, dir string, texts map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // for other programs to read
			return err
		}
		if err := os.WriteFile(path, texts[name], 0o644); err != nil { //nolint:gosec // for other programs to read
			return err
		}
		fmt.Fprintln(w, path)
	}
	return nil
}
