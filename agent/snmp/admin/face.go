package admin

import (
	"fmt"
	"reflect"

	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/aaa"
	"mibgate/mib/community"
	"mibgate/mib/notification"
	"mibgate/mib/notificationlog"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/target"
	usmmib "mibgate/mib/usm"
	vacmmib "mibgate/mib/vacm"
)

// edit is a candidate that is being brought in line.
type edit struct {
	*store.Candidate
	a      *Admin
	before *store.Snapshot // nil: nothing has been in line yet
}

// face is a variable, or some, that say the same as some rows.
type face struct {
	variable string // named when both sides change
	rows     string // the same
	// variables are what derive depends on, tables what project does: values
	// that reflect.DeepEqual compares.
	variables, tables func(c mib.Configs) any
	// agree tells whether project would change nothing.
	agree func(c mib.Configs) bool
	// derive makes the rows as the variables say, project the variables as the
	// rows do.
	derive, project func(e *edit)
}

// sync tells the side that has changed to the other one. Of what has never been
// in line the variables count.
func (f *face) sync(e *edit) {
	if e.before == nil {
		if !f.agree(e) {
			f.derive(e)
		}
		return
	}
	v := !reflect.DeepEqual(f.variables(e.before), f.variables(e))
	t := !reflect.DeepEqual(f.tables(e.before), f.tables(e))
	switch {
	case v && !t:
		f.derive(e)
	case t && !v:
		f.project(e)
	case t && v && !f.agree(e):
		e.fail(f.variable, fmt.Sprintf("and %s say the same and were set to different values", f.rows))
	}
}

// fail refuses the candidate.
func (e *edit) fail(path, detail string) {
	e.Fail(&mib.Error{Kind: mib.ErrInconsistent, Path: path, Detail: detail, Position: -1})
}

// editing is the configuration of a module for changing.
func editing[C any](e *edit, m *mib.Module) (*C, mib.EditToken) {
	cfg, tok := e.Edit(m)
	return cfg.(*C), tok //nolint:forcetypeassert // the module's own type
}

func (e *edit) aaa() (*aaa.Config, mib.EditToken) { return editing[aaa.Config](e, aaa.Module) }
func (e *edit) snmp() (*snmpmib.Config, mib.EditToken) {
	return editing[snmpmib.Config](e, snmpmib.Module)
}
func (e *edit) usm() (*usmmib.Config, mib.EditToken) { return editing[usmmib.Config](e, usmmib.Module) }
func (e *edit) vacm() (*vacmmib.Config, mib.EditToken) {
	return editing[vacmmib.Config](e, vacmmib.Module)
}
func (e *edit) target() (*target.Config, mib.EditToken) {
	return editing[target.Config](e, target.Module)
}

func (e *edit) notification() (*notification.Config, mib.EditToken) {
	return editing[notification.Config](e, notification.Module)
}

func (e *edit) notificationLog() (*notificationlog.Config, mib.EditToken) {
	return editing[notificationlog.Config](e, notificationlog.Module)
}

func (e *edit) community() (*community.Config, mib.EditToken) {
	return editing[community.Config](e, community.Module)
}
