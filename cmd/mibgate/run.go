package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"mibgate/agent/cli"
	"mibgate/agent/script"
	"mibgate/element/access"
	"mibgate/mib/model"
)

// bootScript is on whose behalf --script files are applied.
var bootScript = access.Principal{Name: "start-up", Role: access.Admin, Via: "script"}

// runOptions are the flags of run.
type runOptions struct {
	data     string
	scripts  []string
	force    bool
	snmp     string
	oidRoot  string
	password string
}

func newRun() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the unit in the foreground",
		Long: "Run the unit in the foreground until SIGTERM or SIGINT. It logs on standard error and writes one line,\n" +
			"ready, on standard output when the configuration is applied and every service has settled.\n" +
			"The first start makes the account admin and, without --initial-password, prints its password once\n" +
			"on standard error.",
		Args: cobra.NoArgs,
	}
	cmd.RunE = runs(func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		context.AfterFunc(ctx, stop) // a second signal ends the program at once
		return run(ctx, cmd, o)
	})
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringArrayVar(&o.scripts, "script", nil, "script `file` to apply when the data folder is new; may be given again")
	f.BoolVar(&o.force, "force-script", false, "apply the scripts at every start")
	f.StringVar(&o.snmp, "snmp", "", "serve SNMP on `HOST:PORT` instead of Snmp.Port and its interface")
	f.StringVar(&o.oidRoot, "oid-root", "", "serve the MIB under this `OID` instead of "+model.Root.String())
	f.StringVar(&o.password, "initial-password", "", "`file` with the password of account admin for the first start")
	_ = cmd.MarkFlagFilename("script")
	_ = cmd.MarkFlagFilename("initial-password")
	return cmd
}

// run is one life of the unit.
func run(ctx context.Context, cmd *cobra.Command, o runOptions) error {
	s, err := o.settings()
	if err != nil {
		return misused(err)
	}
	s.log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	s.log.Info("mibgate starts", "version", version, "data", o.data)
	fresh := !exists(o.data)
	u, err := assemble(o.data, s)
	if err != nil {
		if fresh {
			removeNew(o.data)
		}
		return err
	}
	isNew := u.el.Store.IsNew()
	if err := u.configure(ctx, cmd, o); err != nil {
		_ = u.el.Close()
		if isNew && fresh {
			removeNew(o.data)
		}
		return err
	}
	return u.live(ctx, cmd)
}

// live runs the configured unit until ctx ends.
func (u *unit) live(ctx context.Context, cmd *cobra.Command) (err error) {
	defer func() { err = errors.Join(err, u.el.Close()) }()
	control, err := cli.Serve(u.el, u.log)
	if err != nil {
		return err
	}
	u.el.Services.StartAll()
	defer u.el.Services.StopAll()
	defer control.Close()
	if ctx.Err() == nil {
		fmt.Fprintln(cmd.OutOrStdout(), "ready")
	}
	<-ctx.Done()
	u.log.Info("mibgate ends")
	return nil
}

// configure brings the configuration into force, before any service runs. It
// is written to disk once, when all of it holds: a start that fails here
// leaves the folder as it was.
func (u *unit) configure(ctx context.Context, cmd *cobra.Command, o runOptions) error {
	st := u.el.Store
	scripts, err := o.readScripts(st.IsNew())
	if err != nil {
		return err
	}
	st.Hold()
	tell := func() {}
	if st.IsNew() {
		if tell, err = u.factory(cmd, o.password); err != nil {
			return err
		}
	}
	if err := st.Start(u.el.Services, u.el.Services.Participants()...); err != nil {
		return err
	}
	for _, sc := range scripts {
		if err := sc.Apply(ctx, st, bootScript); err != nil {
			return err
		}
	}
	tell()
	return st.Flush()
}

// readScripts reads the scripts that this start is to apply.
func (o *runOptions) readScripts(isNew bool) ([]*script.Script, error) {
	if !isNew && !o.force {
		return nil, nil
	}
	var out []*script.Script
	for _, name := range o.scripts {
		f, err := os.Open(name)
		if err != nil {
			return nil, misused(fmt.Errorf("script %w", err))
		}
		sc, err := script.Read(model.Registry, name, f)
		_ = f.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, sc)
	}
	return out, nil
}

func exists(dir string) bool {
	_, err := os.Lstat(dir)
	return !errors.Is(err, os.ErrNotExist)
}

// removeNew takes away what a first start that failed has made of a folder that
// was not there before: nothing in it is of use to anybody.
func removeNew(dir string) {
	for _, name := range []string{"history", "state", "key"} {
		_ = os.RemoveAll(filepath.Join(dir, name))
	}
	_ = os.Remove(filepath.Join(dir, "lock"))
	_ = os.Remove(dir)
}
