package script

import (
	"bufio"
	"fmt"
	"io"

	"mibgate/element"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/text"
)

// Export writes the configuration in force as a script that makes it out of
// the factory configuration's defaults, as far as who may see it. Secrets are
// left out: a comment names each that is set.
func Export(el *element.Element, who access.Principal, w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "# mibgate configuration: what differs from the defaults.")
	fmt.Fprintln(b, "# Secrets are not in it: the lines marked \"secret\" want a value.")
	service := ""
	store.Statements(el.Registry, el.Store.Current(), func(o *mib.Object, key mib.Key, v mib.Value) {
		if !access.CanRead(who.Role, o) {
			return
		}
		if o.Module.Service != service {
			service = o.Module.Service
			fmt.Fprintf(b, "\n# %s\n", service)
		}
		if o.Secret {
			fmt.Fprintf(b, "# secret: %s=\n", o.Instance(key))
			return
		}
		fmt.Fprintln(b, text.Print(o, key, v))
	})
	if err := b.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}
