package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mibgate/agent/snmp"
	"mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	aaamib "mibgate/mib/aaa"
	"mibgate/mib/model"
	snmpmib "mibgate/mib/snmp"
	usmmib "mibgate/mib/usm"
)

func newRollback() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "rollback [N]",
		Short: "Go back to the configuration N changes ago (default 1); the unit must not run",
		Args:  cobra.MaximumNArgs(1),
	}
	cmd.RunE = runs(func(cmd *cobra.Command, args []string) error {
		n := 1
		if len(args) > 0 {
			var err error
			if n, err = strconv.Atoi(args[0]); err != nil || n < 1 {
				return misused(fmt.Errorf("%q is not a number of changes (1, 2, …)", args[0]))
			}
		}
		if err := store.Rollback(dir, n); err != nil {
			return whileRunning(err)
		}
		fmt.Fprintln(cmd.OutOrStdout(), "rolled back; it takes effect at the next start")
		return nil
	})
	dataFlag(cmd, &dir)
	return cmd
}

func newReset() *cobra.Command {
	var dir string
	var factory bool
	cmd := &cobra.Command{
		Use:   "reset --factory",
		Short: "Forget configuration, history and secrets; the unit must not run",
		Long: "Forget configuration, history and secrets, so that the next start is a first start.\n" +
			"The identity of the unit towards SNMP managers (engine ID and boots) stays.",
		Args: cobra.NoArgs,
	}
	cmd.RunE = runs(func(cmd *cobra.Command, _ []string) error {
		if !factory {
			return misused(errors.New("reset forgets everything: say --factory to do it"))
		}
		if err := store.Reset(dir, keptState...); err != nil {
			return whileRunning(err)
		}
		fmt.Fprintln(cmd.OutOrStdout(), "reset; the next start is a first start")
		return nil
	})
	dataFlag(cmd, &dir)
	cmd.Flags().BoolVar(&factory, "factory", false, "go back to the factory configuration")
	return cmd
}

// whileRunning says what to do about a folder that is in use.
func whileRunning(err error) error {
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%w: stop it first", err)
	}
	return err
}

func newPasswd() *cobra.Command {
	var dir, file string
	cmd := &cobra.Command{
		Use:   "passwd USER",
		Short: "Set the password of an account; the unit must not run",
		Long: "Set the password of an account to the first line of standard input, or of --file.\n" +
			"The unit must not run; while it does, change Aaa.Users[UserName=\"…\"].Password.",
		Args: cobra.ExactArgs(1),
	}
	cmd.RunE = runs(func(cmd *cobra.Command, args []string) error {
		if _, err := os.Stat(dir); err != nil {
			return err
		}
		st, err := store.Open(dir, model.Registry)
		if err != nil {
			return whileRunning(err)
		}
		defer func() { _ = st.Close() }()
		if st.IsNew() {
			return fmt.Errorf("%s has no configuration: the first start makes the account %s", dir, aaa.AdminName)
		}
		if aaamib.Of(st.Current()).FindUsers(args[0]) == nil {
			return fmt.Errorf("there is no account %q; there are %s", args[0], accounts(st.Current()))
		}
		password, err := newPassword(cmd, file)
		if err != nil {
			return err
		}
		return setPassword(st, args[0], password)
	})
	dataFlag(cmd, &dir)
	cmd.Flags().StringVar(&file, "file", "-", "`file` with the new password; - is standard input")
	return cmd
}

func accounts(c mib.Configs) string {
	var names []string
	for u := range aaamib.Of(c).Users.All() {
		names = append(names, strconv.Quote(u.UserName))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// newPassword reads the new password, without echo from a terminal.
func newPassword(cmd *cobra.Command, file string) (string, error) {
	if in, ok := cmd.InOrStdin().(*os.File); ok && file == "-" {
		if restore, ok := hideInput(in); ok {
			defer restore()
			fmt.Fprint(cmd.ErrOrStderr(), "new password: ")
			line, err := bufio.NewReader(in).ReadString('\n')
			fmt.Fprintln(cmd.ErrOrStderr())
			if err != nil {
				return "", fmt.Errorf("standard input: %w", err)
			}
			return checkPassword(cmd, []byte(line))
		}
	}
	b, err := readBounded(cmd, file, 4096)
	if err != nil {
		return "", err
	}
	return checkPassword(cmd, b)
}

// checkPassword takes the first line of b.
func checkPassword(cmd *cobra.Command, b []byte) (string, error) {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	password := strings.TrimSuffix(string(line), "\r")
	if password == "" {
		return "", misused(errors.New("the password is empty"))
	}
	if err := aaamib.Objects.UsersPassword.Syntax.Check(mib.String(password)); err != nil {
		return "", misused(fmt.Errorf("the password %w", err))
	}
	if len(password) < aaa.MinPassword {
		fmt.Fprintf(cmd.ErrOrStderr(), "mibgate: the password has less than %d octets: SNMPv3 cannot use it\n", aaa.MinPassword)
	}
	return password, nil
}

func setPassword(st *store.Store, user, password string) error {
	tx, err := st.Begin(context.Background(), access.Internal)
	if err != nil {
		return err
	}
	defer tx.Abort()
	if err := tx.Set(aaamib.Objects.UsersPassword, aaamib.UsersKey(user), mib.String(password)); err != nil {
		return err
	}
	if err := forgetKeys(tx, st, user); err != nil {
		return err
	}
	return tx.Commit()
}

// forgetKeys takes the SNMPv3 keys and protocols of its own from an account: the
// next start makes them of its password, as setting that on a running unit does.
func forgetKeys(tx *store.Tx, st *store.Store, user string) error {
	engine, err := st.State().Load(snmp.StateEngineID)
	if err != nil || engine == nil {
		return err
	}
	destroy := mib.Int(int32(mib.RowDestroy))
	if err := tx.Set(snmpmib.Objects.UserKeysRowStatus, snmpmib.UserKeysKey(string(engine), user), destroy); err != nil {
		return err
	}
	return tx.Set(usmmib.Objects.UsmUserStatus, usmmib.UsmUserKey(string(engine), user), destroy)
}
