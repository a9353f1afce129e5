package scm

import (
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

// SeekServicesInfo finds a row; there are about a dozen services, a scan is
// the simplest thing that is fast.
func (st status) SeekServicesInfo(key mib.Key, inclusive bool) scm.ServicesInfoRow {
	var best *infoRow
	for _, i := range st.s.sup.Services() {
		r := &infoRow{i}
		c := scm.CompareServicesInfo(r, key)
		if c < 0 || c == 0 && !inclusive {
			continue
		}
		if best == nil || scm.CompareServicesInfo(r, scm.ServicesInfoKey(best.Name())) < 0 {
			best = r
		}
	}
	if best == nil {
		return nil
	}
	return best
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
