package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mibgate/agent/cli"
	"mibgate/agent/script"
	"mibgate/mib/model"
)

func newGet() *cobra.Command {
	var dir string
	var asJSON, bare, running bool
	cmd := &cobra.Command{
		Use:   "get NAME…",
		Short: "Read variables",
		Long: "Read variables by name, such as SipEp.TransportTlsVersion or\n" +
			"SipEp.Gateway[Name=\"default\"].SecurePort, or by OID. Either all are answered or none.",
		Args: cobra.MinimumNArgs(1),
	}
	cmd.RunE = runs(func(cmd *cobra.Command, args []string) error {
		f := format(asJSON, cli.Lines)
		if bare {
			f = cli.Values
		}
		return client(cmd, dir, cli.Request{Verb: cli.VerbGet, Args: args, Format: f, Running: running})
	})
	dataFlag(cmd, &dir)
	runningFlag(cmd, &running)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.Flags().BoolVar(&bare, "value", false, "write the values alone, one per line")
	cmd.MarkFlagsMutuallyExclusive("json", "value")
	cmd.ValidArgsFunction = completeNames
	return cmd
}

func newSet() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "set ASSIGNMENT…",
		Short: "Change variables or run commands, all of them or none",
		Long: "Change variables in one transaction: either all assignments take effect or none.\n" +
			"They are in script syntax, such as SipEp.TransportFailbackInterval=5 or\n" +
			"'SipEp.Gateway[Name=\"default\"].NetworkInterface=\"Loop\"'; a command is set to 10,\n" +
			"as in 'Scm.ServiceCommands[Name=\"SipEp\"].Restart=10'. The shell must not see the quotes.",
		Args: cobra.MinimumNArgs(1),
	}
	cmd.RunE = runs(func(cmd *cobra.Command, args []string) error {
		return client(cmd, dir, cli.Request{Verb: cli.VerbSet, Args: args})
	})
	dataFlag(cmd, &dir)
	cmd.ValidArgsFunction = completeNames
	return cmd
}

func newShow() *cobra.Command {
	return newReader("show [NAME]", "Show a service, a table or everything as readable text", cli.VerbShow, cli.Tables)
}

func newWalk() *cobra.Command {
	return newReader("walk [NAME]", "List every variable below a name as Path=value", cli.VerbWalk, cli.Lines)
}

func newReader(use, short, verb string, plain cli.Format) *cobra.Command {
	var dir string
	var asJSON, running bool
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Long:  short + ".\nThe name is a service, a table, a row, a column or a variable; without one it is everything.",
		Args:  cobra.MaximumNArgs(1),
	}
	cmd.RunE = runs(func(cmd *cobra.Command, args []string) error {
		return client(cmd, dir, cli.Request{Verb: verb, Args: args, Format: format(asJSON, plain), Running: running})
	})
	dataFlag(cmd, &dir)
	runningFlag(cmd, &running)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.ValidArgsFunction = completeNames
	return cmd
}

func runningFlag(cmd *cobra.Command, running *bool) {
	cmd.Flags().BoolVar(running, "running", false, "read what the services work by, also where a change waits for a restart")
}

func format(asJSON bool, plain cli.Format) cli.Format {
	if asJSON {
		return cli.JSON
	}
	return plain
}

func newScript() *cobra.Command {
	var dir string
	var export bool
	cmd := &cobra.Command{
		Use:   "script FILE|-",
		Short: "Apply a script, all of it or nothing",
		Long: "Apply the assignments and commands of a script in one transaction; - is standard input.\n" +
			"With --export the configuration in force is written as a script, without its secrets.",
		Args: func(cmd *cobra.Command, args []string) error {
			if export {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
	}
	cmd.RunE = runs(func(cmd *cobra.Command, args []string) error {
		if export {
			return client(cmd, dir, cli.Request{Verb: cli.VerbExport})
		}
		b, err := readBounded(cmd, args[0], script.MaxSize)
		if err != nil {
			return err
		}
		err = client(cmd, dir, cli.Request{Verb: cli.VerbScript, File: args[0], Script: b})
		var refused *cli.RequestError
		if errors.As(err, &refused) && refused.Fault {
			return misused(err)
		}
		return err
	})
	dataFlag(cmd, &dir)
	cmd.Flags().BoolVar(&export, "export", false, "write the configuration as a script")
	return cmd
}

// readBounded reads a file of the command line; - is standard input.
func readBounded(cmd *cobra.Command, file string, limit int64) ([]byte, error) {
	r := cmd.InOrStdin()
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, misused(err)
		}
		defer f.Close()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	case int64(len(b)) > limit:
		return nil, misused(fmt.Errorf("%s is larger than %d octets", file, limit))
	}
	return b, nil
}

// completeNames completes the names of services, tables and scalars for the
// shell. Keys are not known here.
func completeNames(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var out []string
	add := func(name string) {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			out = append(out, name)
		}
	}
	for _, m := range model.Registry.Modules() {
		if !m.Shown() {
			continue
		}
		add(m.Service)
		for _, t := range m.Tables {
			add(m.Service + "." + t.Param)
		}
		for _, o := range m.Objects {
			if o.Table == nil && o.Access.Readable() {
				add(o.Path())
			}
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
