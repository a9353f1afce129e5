package snmp

import (
	"mibgate/mib"
	vacmmib "mibgate/mib/vacm"
)

// contextRunning shows the configuration that the services work by, where the
// default context has the one that is stored: they differ while a service waits
// for its restart. Everything else is the same in both; nothing can be changed in
// contextRunning.
const contextRunning = "running"

// contexts are the names of vacmContextTable, sorted as a walk has them; the
// first is the default context.
var contexts = [...]string{"", contextRunning}

// contextRows are the rows of vacmContextTable.
var contextRows = func() (rows [len(contexts)]vacmmib.VacmContextRow) {
	for i, name := range contexts {
		rows[i] = vacmmib.NewVacmContextRow(name)
	}
	return rows
}()

// contextNamed is the place of a context in contexts; ok is false when there is
// none of this name.
func contextNamed[S string | []byte](name S) (i int, ok bool) {
	for i := range contexts {
		if string(name) == contexts[i] {
			return i, true
		}
	}
	return 0, false
}

// configs is what requests in a context read, for responder.Request; nil in the
// default context.
func (s *Service) configs(context int) func() mib.Configs {
	if context == 0 {
		return nil
	}
	return s.inForce
}
