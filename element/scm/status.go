package scm

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"mibgate/element/service"
	"mibgate/mib"
	"mibgate/mib/scm"
)

var _ scm.Status = status{}

type status struct{ s *Service }

func (st status) NeedRestartInfo() scm.NeedRestartInfo { return scm.NeedRestartInfoNo }

// SeekServicesInfo finds a row among the names, in their order; only the row
// that is found is made.
func (st status) SeekServicesInfo(key mib.Key, inclusive bool) scm.ServicesInfoRow {
	names := st.s.sup.SortedNames()
	i := 0
	if len(key) > 0 {
		i = sort.Search(len(names), func(i int) bool {
			c := mib.CompareString(names[i], key[0].Str)
			return c > 0 || inclusive && c == 0
		})
	} else if !inclusive {
		return nil
	}
	if i >= len(names) {
		return nil
	}
	info, ok := st.s.sup.Service(names[i])
	if !ok {
		return nil
	}
	return &infoRow{info}
}

// SeekServiceCommands has the rows of SeekServicesInfo.
func (st status) SeekServiceCommands(key mib.Key, inclusive bool) scm.ServiceCommandsRow {
	if r := st.SeekServicesInfo(key, inclusive); r != nil {
		return r
	}
	return nil
}

type infoRow struct{ service.Info }

func (r *infoRow) Name() string                 { return r.Module.Service }
func (r *infoRow) Id() uint32                   { return r.Module.ServiceID } //nolint:revive // the column's name
func (r *infoRow) Class() scm.ServicesInfoClass { return scm.ServicesInfoClass(r.Info.Class) }

// Comment is one line of at most 255 octets.
func (r *infoRow) Comment() string {
	s := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(r.Info.Comment, "?"))
	n := 255
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func (r *infoRow) ExecState() scm.ServicesInfoExecState {
	return scm.ServicesInfoExecState(r.State)
}

func (r *infoRow) StartupType() scm.ServicesInfoStartupType {
	return scm.ServicesInfoStartupType(r.Startup)
}

var _ scm.Commands = commands{}

type commands struct{ s *Service }

func (c commands) ServiceCommandsRestart(name string) (func(), error) {
	return c.s.sup.PrepareRestart(name)
}

func (c commands) ServiceCommandsStop(name string) (func(), error) {
	return c.s.sup.PrepareStop(name)
}

func (c commands) ServiceCommandsStart(name string) (func(), error) {
	return c.s.sup.PrepareStart(name)
}

func (c commands) RestartRequiredServices() (func(), error) { return c.s.sup.RestartRequired() }
