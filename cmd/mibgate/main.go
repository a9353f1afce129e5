package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"mibgate/agent/cli"
	"mibgate/agent/script"
)

// version is stamped by the linker.
var version = "unknown"

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitMisused = 2
)

func main() { os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// execute runs one command line and answers its exit code.
func execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(context.Background())
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(stderr, "mibgate: %v\n", err)
	var failed *commandError
	if errors.As(err, &failed) {
		return failed.code
	}
	// Cobra found fault with the command line itself.
	fmt.Fprintf(stderr, "see `%s --help`\n", cmd.CommandPath())
	return exitMisused
}

// commandError is an error of a command that has begun.
type commandError struct {
	err  error
	code int
}

func (e *commandError) Error() string { return e.err.Error() }

func (e *commandError) Unwrap() error { return e.err }

// misused marks an error that the caller could have avoided.
func misused(err error) error { return &commandError{err: err, code: exitMisused} }

// exitCode is what an error of a command ends the program with.
func exitCode(err error) int {
	var marked *commandError
	var sc *script.Error
	switch {
	case errors.As(err, &marked):
		return marked.code
	case errors.As(err, &sc) && script.AtFault(err):
		return exitMisused
	}
	return exitFailed
}

// runs wraps the body of a command, so that its errors are told from those of
// the command line.
func runs(f func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := f(cmd, args); err != nil {
			return &commandError{err: err, code: exitCode(err)}
		}
		return nil
	}
}

// dataFlag adds --data, whose default is $MIBGATE_DATA.
func dataFlag(cmd *cobra.Command, dir *string) {
	env := os.Getenv("MIBGATE_DATA")
	cmd.Flags().StringVar(dir, "data", env, "data `folder` of the unit (default $MIBGATE_DATA)")
	if env == "" {
		_ = cmd.MarkFlagRequired("data")
	}
	_ = cmd.MarkFlagDirname("data")
}

// newRoot makes the tree of commands: one line each.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "mibgate",
		Short:         "A SIP media gateway that is managed through its MIB",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("mibgate {{.Version}}\n")
	root.AddCommand(
		newRun(),
		newLab(),
		newGet(),
		newSet(),
		newShow(),
		newWalk(),
		newScript(),
		newCert(),
		newMib(),
		newRollback(),
		newReset(),
		newPasswd(),
		newVersion(),
	)
	return root
}

// group makes a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs, // without it the name of no command would print help and succeed
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(commands...)
	return cmd
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: runs(func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "mibgate", version)
			return err
		}),
	}
}

// client asks the unit that runs on a data folder.
func client(cmd *cobra.Command, dir string, req cli.Request) error {
	return cli.Client{Dir: dir}.Do(cmd.Context(), req, cmd.OutOrStdout())
}
