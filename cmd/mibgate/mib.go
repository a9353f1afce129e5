package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"mibgate/agent/view"
	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/modules"
)

func newMib() *cobra.Command {
	list := &cobra.Command{
		Use:   "list [NAME]",
		Short: "List the modules, or the variables of a service or table",
		Args:  cobra.MaximumNArgs(1),
		RunE: runs(func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listModules(cmd.OutOrStdout())
			}
			scope, err := view.ParseScope(model.Registry, args[0])
			if err != nil {
				return err
			}
			return listObjects(cmd.OutOrStdout(), scope)
		}),
		ValidArgsFunction: completeNames,
	}
	show := &cobra.Command{
		Use:   "show NAME",
		Short: "Describe a variable, table, service, notification or module",
		Long: "Describe what a name, MIB descriptor or OID stands for: OID, syntax, labels, default, access\n" +
			"and description. The name of a module prints its text.",
		Args: cobra.ExactArgs(1),
		RunE: runs(func(cmd *cobra.Command, args []string) error {
			return showName(cmd.OutOrStdout(), args[0])
		}),
		ValidArgsFunction: completeNames,
	}
	return group("mib", "Tell about the MIB; needs no running unit", list, show, newExport(), newNMS())
}

func listModules(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "SERVICE\tNUMBER\tMODULE\tVARIABLES\tTABLES\tNOTIFICATIONS")
	for _, m := range model.Registry.Modules() {
		if m.Shown() {
			number := "-" // a standard module has none
			if !m.Standard {
				number = strconv.FormatUint(uint64(m.ServiceID), 10)
			}
			fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%d\t%d\n", m.Service, number, m.Name, len(m.Objects), len(m.Tables), len(m.Notifications))
		}
	}
	return tw.Flush()
}

func listObjects(w io.Writer, scope view.Scope) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, o := range model.Registry.Objects() {
		if !scope.HasObject(o) {
			continue
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", o.Path(), accessText(o.Access), typeText(o.Syntax), o.OID)
	}
	return tw.Flush()
}

// showName describes whatever name stands for.
func showName(w io.Writer, name string) error {
	if text, ok := modules.Text(name); ok {
		_, err := w.Write(text)
		return err
	}
	scope, err := view.ParseScope(model.Registry, name)
	if err == nil && scope.Module != nil && scope.Module.Service != name && len(model.Registry.Descriptor(name)) > 0 {
		err = errDescriptor // "community" is the object, "Community" the service
	}
	switch {
	case err == nil && scope.Object != nil:
		return describeObject(w, scope.Object)
	case err == nil && scope.Table != nil:
		return describeTable(w, scope.Table)
	case err == nil && scope.Below != nil:
		return listObjects(w, scope)
	case err == nil:
		return describeModule(w, scope.Module)
	}
	objects := model.Registry.Descriptor(name)
	for i, o := range objects {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := describeObject(w, o); err != nil {
			return err
		}
	}
	if len(objects) > 0 {
		return nil
	}
	for _, m := range model.Registry.Modules() {
		for _, n := range m.Notifications {
			if strings.EqualFold(n.Name, name) || n.OID.String() == strings.TrimPrefix(name, ".") {
				return describeNotification(w, n)
			}
		}
		for _, t := range m.Tables {
			if strings.EqualFold(t.Name, name) {
				return describeTable(w, t)
			}
		}
	}
	return err
}

// errDescriptor is a name that is a MIB descriptor before it is anything else.
var errDescriptor = errors.New("is a descriptor")

func describeModule(w io.Writer, m *mib.Module) error {
	if m == nil {
		return listModules(w)
	}
	number := ""
	if !m.Standard {
		number = " " + strconv.FormatUint(uint64(m.ServiceID), 10)
	}
	fmt.Fprintf(w, "%s: service%s, module %s\n\n", m.Service, number, m.Name)
	return listObjects(w, view.Scope{Module: m})
}

func describeTable(w io.Writer, t *mib.Table) error {
	var index []string
	for _, p := range t.Index {
		index = append(index, p.Param)
	}
	fmt.Fprintf(w, "%s.%s (%s)\n", t.Module.Service, t.Param, t.Name)
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(tw, "  OID\t%s\n", t.OID[:len(t.OID)-1])
	fmt.Fprintf(tw, "  Key\t%s\n", strings.Join(index, ", "))
	rows := "belong to the system"
	if t.RowStatus != nil {
		rows = "are made and removed by the operator"
	}
	fmt.Fprintf(tw, "  Rows\t%s\n", rows)
	if err := tw.Flush(); err != nil {
		return err
	}
	describe(w, t.Description)
	fmt.Fprintln(w)
	return listObjects(w, view.Scope{Module: t.Module, Table: t})
}

func describeNotification(w io.Writer, n *mib.NotificationType) error {
	fmt.Fprintf(w, "%s\n  OID      %s\n", n.Name, n.OID)
	for _, o := range n.Objects {
		fmt.Fprintf(w, "  varbind  %s\n", o.Path())
	}
	describe(w, n.Description)
	return nil
}

func describeObject(w io.Writer, o *mib.Object) error {
	fmt.Fprintf(w, "%s (%s)\n", o.Path(), o.Name)
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(tw, "  OID\t%s\n", o.OID)
	fmt.Fprintf(tw, "  Access\t%s\n", accessText(o.Access))
	fmt.Fprintf(tw, "  Syntax\t%s\n", typeText(o.Syntax))
	for _, l := range o.Syntax.Enum {
		fmt.Fprintf(tw, "  \t%s(%d)\n", l.Text(), l.Number)
	}
	if o.Units != "" {
		fmt.Fprintf(tw, "  Units\t%s\n", o.Units)
	}
	if o.Default.Kind != mib.KindNone {
		fmt.Fprintf(tw, "  Default\t%s\n", mib.ValueText(o.Syntax, o.Default))
	}
	if o.Secret {
		fmt.Fprintf(tw, "  Secret\treads as \"\"\n")
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	describe(w, o.Description)
	return nil
}

// describe writes a description, filled to a terminal's width.
func describe(w io.Writer, text string) {
	const width = 78
	fmt.Fprintln(w)
	line := " "
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && line != " " {
			fmt.Fprintln(w, line)
			line = " "
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}

func accessText(a mib.Access) string {
	return [...]string{"not-accessible", "accessible-for-notify", "read-only", "read-write", "read-create"}[a]
}

// typeText is a syntax in one line: `Port, Unsigned32 (0..65535)`.
func typeText(s *mib.Syntax) string {
	text := s.Base.String()
	if len(s.Enum) > 0 {
		text = "INTEGER"
	}
	if s.TC != "" && s.TC != text {
		text = s.TC + ", " + text
	}
	if len(s.Ranges) == 0 || len(s.Enum) > 0 {
		return text
	}
	parts := make([]string, 0, len(s.Ranges))
	for _, r := range s.Ranges {
		if r.Min == r.Max {
			parts = append(parts, fmt.Sprint(r.Min))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d..%d", r.Min, r.Max))
	}
	ranges := "(" + strings.Join(parts, " | ") + ")"
	if s.Base == mib.OctetString {
		ranges = "(SIZE " + ranges + ")"
	}
	return text + " " + ranges
}
