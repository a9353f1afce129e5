package admin

import (
	"fmt"
	"strings"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/vacm"
	"mibgate/mib"
	"mibgate/mib/notificationlog"
	snmpmib "mibgate/mib/snmp"
)

// maxLogs is how many logs there may be beside that of the unit.
const maxLogs = 16

// unitLog is the name of the log of the unit (RFC 3014, nlmLogName).
const unitLog = ""

// Creator is in whose name a log is kept (RFC 3014, nlmConfigLogEntryStatus).
type Creator struct {
	Model int32
	Name  string
	Level message.Level
}

// Credentials are a creator as access.Principal has him.
func Credentials(model int32, name string, level message.Level) string {
	return fmt.Sprintf("%d %d %s", model, level, name)
}

func parseCredentials(s string) (c Creator, ok bool) {
	head, name, ok := strings.Cut(s, " ")
	level, name, found := strings.Cut(name, " ")
	if !ok || !found {
		return c, false
	}
	c.Name = name
	_, err := fmt.Sscan(head+" "+level, &c.Model, &c.Level)
	return c, err == nil
}

// Log is a row of nlmConfigLogTable.
type Log struct {
	Name    string
	Limit   uint32
	Enabled bool
	// Filter counts when Filtered; NoFilter is that it is missing.
	Filter             *vacm.View
	Filtered, NoFilter bool
	Creator            *Creator // nil: all may be kept
}

// Logs are the logs. Only that of the unit may do without a filter; it is there
// before its row is.
func (a *Admin) Logs(c mib.Configs) []Log {
	var out []Log
	if notificationlog.Of(c).FindNlmConfigLog(unitLog) == nil {
		out = append(out, Log{Name: unitLog, Enabled: true})
	}
	for row := range notificationlog.Of(c).NlmConfigLog.All() {
		l := Log{
			Name: row.NlmLogName, Limit: row.EntryLimit,
			Enabled: row.State() == mib.RowActive && row.AdminStatus == notificationlog.NlmConfigLogAdminStatusEnabled,
		}
		l.Filter, l.Filtered = a.filterNamed(c, row.FilterName)
		l.NoFilter = !l.Filtered && (row.NlmLogName != unitLog || row.FilterName != "")
		if who := snmpmib.Of(c).FindLogCreator(row.NlmLogName); who != nil && who.State() == mib.RowActive {
			l.Creator = &Creator{modelOfCreator[who.SecurityModel], who.SecurityName, levelOfCreator[who.SecurityLevel]}
		}
		out = append(out, l)
	}
	return out
}

var modelOfCreator = map[snmpmib.LogCreatorSecurityModel]int32{
	snmpmib.LogCreatorSecurityModelV1: ModelV1, snmpmib.LogCreatorSecurityModelV2c: ModelV2c, snmpmib.LogCreatorSecurityModelV3: ModelUSM,
}

var levelOfCreator = map[snmpmib.LogCreatorSecurityLevel]message.Level{
	snmpmib.LogCreatorSecurityLevelNoAuthNoPriv: message.NoAuthNoPriv,
	snmpmib.LogCreatorSecurityLevelAuthNoPriv:   message.AuthNoPriv,
	snmpmib.LogCreatorSecurityLevelAuthPriv:     message.AuthPriv,
}

// logs keeps the log of the unit, and who made the others.
func (e *edit) logs() {
	e.unitLog()
	for row := range notificationlog.Of(e).NlmConfigLog.All() {
		key := notificationlog.NlmConfigLogKey(row.NlmLogName)
		if row.NlmLogName != unitLog && e.Activated(notificationlog.Tables.NlmConfigLog, key) {
			e.created(row.NlmLogName)
		}
	}
	var gone []string
	for row := range snmpmib.Of(e).LogCreator.All() {
		if notificationlog.Of(e).FindNlmConfigLog(row.Name) == nil {
			gone = append(gone, row.Name)
		}
	}
	for _, name := range gone {
		cfg, tok := e.snmp()
		cfg.RemoveLogCreator(tok, name)
	}
}

// unitLog has the log of the unit be there. While it is as it is made it is not
// stored.
func (e *edit) unitLog() {
	key := notificationlog.NlmConfigLogKey(unitLog)
	row := notificationlog.Of(e).FindNlmConfigLog(unitLog)
	switch {
	case row == nil && e.before != nil:
		e.fail(notificationlog.Objects.NlmConfigLogEntryStatus.Instance(key), "cannot be removed: set nlmConfigLogAdminStatus to disabled(2), and nothing is put into it")
		return
	case row == nil:
		row = notificationlog.NewNlmConfigLogRow(unitLog)
		cfg, tok := e.notificationLog()
		cfg.AddNlmConfigLog(tok, row)
	case row.State() != mib.RowActive:
		e.fail(notificationlog.Objects.NlmConfigLogEntryStatus.Instance(key), "must be active: set nlmConfigLogAdminStatus to disabled(2), and nothing is put into it")
		return
	}
	asMade := row.FilterName == "" && row.EntryLimit == 0 && row.AdminStatus == notificationlog.NlmConfigLogAdminStatusEnabled
	if want := e.stored(notificationlog.Objects.NlmConfigLogStorageType, key, row.StorageType, asMade); want != row.StorageType {
		cfg, tok := e.notificationLog()
		cfg.EditNlmConfigLog(tok, row).StorageType = want
	}
}

// created notes who has set a log to active. At the command line that is an
// admin, for whom nothing is noted; what he sets himself stays.
func (e *edit) created(name string) {
	have := snmpmib.Of(e).FindLogCreator(name)
	who, ok := parseCredentials(e.Who().Credentials)
	if !ok {
		if have != nil && e.before != nil && snmpmib.Of(e.before).FindLogCreator(name) == have {
			cfg, tok := e.snmp()
			cfg.RemoveLogCreator(tok, name)
		}
		return
	}
	row := snmpmib.NewLogCreatorRow(name)
	row.SecurityName = who.Name
	for label, model := range modelOfCreator {
		if model == who.Model {
			row.SecurityModel = label
		}
	}
	for label, level := range levelOfCreator {
		if level == who.Level {
			row.SecurityLevel = label
		}
	}
	cfg, tok := e.snmp()
	cfg.AddLogCreator(tok, row)
}
