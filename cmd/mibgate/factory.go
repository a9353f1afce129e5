package main

import (
	"crypto/rand"
	"fmt"

	"github.com/spf13/cobra"

	"mibgate/agent/snmp"
	"mibgate/element/aaa"
	"mibgate/element/dcm"
	"mibgate/element/sipep"
	"mibgate/element/store"
)

// keptState is what a factory reset leaves: what managers know the unit by.
var keptState = []string{snmp.StateEngineID, snmp.StateEngineBoots, dcm.StateName}

// generatedLength is how many characters a generated password has, of 32
// kinds: 80 bits.
const generatedLength = 16

// factory makes the factory configuration of a new data folder. tell prints a
// generated password; it is called when the configuration holds, just before
// it is written.
func (u *unit) factory(cmd *cobra.Command, passwordFile string) (tell func(), err error) {
	password := rand.Text()[:generatedLength]
	tell = func() {
		// A script may have set another one.
		if a, ok := aaa.Find(u.el.Store.Current(), aaa.AdminName); ok && a.Password == password {
			fmt.Fprintf(cmd.ErrOrStderr(), "The password of account %s is %s (printed only now; change it with `mibgate passwd` or `set`)\n", aaa.AdminName, password)
		}
	}
	if passwordFile != "" {
		b, err := readBounded(cmd, passwordFile, 4096)
		if err != nil {
			return nil, misused(fmt.Errorf("--initial-password: %w", err))
		}
		if password, err = checkPassword(cmd, b); err != nil {
			return nil, misused(fmt.Errorf("--initial-password %s: %w", passwordFile, err))
		}
		tell = func() {}
	}
	u.el.Store.Factory(func(c *store.Candidate) {
		aaa.Factory(c, password)
		sipep.Factory(c)
	})
	return tell, nil
}
