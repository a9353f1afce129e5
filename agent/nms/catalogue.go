package nms

import "mibgate/mib"

// level tells how good a state is; the numbers are LibreNMS's generic states.
type level int

const (
	good     level = 0
	warning  level = 1
	critical level = 2
)

// naming tells people which row is meant.
type naming struct {
	noun  string   // "TLS link"
	names []string // columns, by Param, whose text identifies a row
}

// namings are the tables whose rows are not named by their key, or whose name
// is not plain. Others are called by their Param and named by their key.
var namings = map[string]naming{
	"SipEp.TlsPersistentConnectionStatus": {"TLS link", []string{"Gateway", "RemoteHost"}},
	"SipEp.RegistrationStatus":            {"Registration", []string{"Gateway", "Username"}},
	"SipEp.GatewayStatus":                 {"Gateway", []string{"Name"}},
	"Scm.ServicesInfo":                    {"Service", []string{"Name"}},
	"Cert.HostCertificatesInfo":           {"Host certificate", []string{"FileName"}},
	"Cert.OthersCertificatesInfo":         {"Other certificate", []string{"FileName"}},
	"Nlm.ActiveAlarms":                    {"Alarm", []string{"Service", "Resource", "Text"}},
	"Snmp.TrapDestStatus":                 {"Trap destination", []string{"Name", "Destination"}}, // two may share an address
	"Hoc.SntpServersInfo":                 {"SNTP server", []string{"HostName"}},
	"Hoc.DnsServersInfo":                  {"DNS server", []string{"IpAddress"}},
}

// transient are the tables whose rows come and go with what they tell: an
// alarm is over when its row is gone.
var transient = map[string]bool{"Nlm.ActiveAlarms": true}

// told are the texts that an event tells: too long for a name.
var told = map[string]string{"Nlm.ActiveAlarms": "Text"}

func isTold(o *mib.Object) bool { return o.Table != nil && told[tablePath(o.Table)] == o.Param }

// omitted are tables and objects that are no metrics: the log goes to syslog, a
// text that is another one at each poll would be a new series each time, and of
// accounts only an admin reads anything, which who polls need not be.
var omitted = map[string]bool{
	"Nlm.LocalLogMessages": true,
	"Aaa.NeedRestartInfo":  true,
	"Hoc.SystemTime":       true,
	"Hoc.SystemUptime":     true,
}

// healths tell how good each label of a state is. Labels on the way to a good
// state are good: a refresh is no alarm. Every label stands here.
var healths = map[string]map[string]level{
	"SipEp.TlsPersistentConnectionStatus.State": {
		"up": good, "waitingUp": warning, "waitingShutdown": warning, "down": critical,
	},
	"SipEp.RegistrationStatus.State": {
		"registered": good, "registering": good, "refreshing": good, "unregistering": warning,
		"unregistered": critical, "unreachable": critical, "authFailed": critical,
		"rejected": critical, "configError": critical, "invalidResponse": critical,
	},
	"Scm.ServicesInfo.ExecState": {
		"started": good, "starting": good, "stopping": warning, "stopped": warning, "notResponding": critical,
	},
	"Cert.HostCertificatesInfo.State": {
		"valid": good, "notYetValid": warning, "expired": critical, "noPrivateKey": critical, "unusable": critical,
	},
	"Cert.OthersCertificatesInfo.State": {
		"valid": good, "notYetValid": warning, "expired": critical, "unusable": critical,
	},
	"Hoc.ClockState":            {"synchronized": good, "lastKnown": warning, "notSynchronized": critical},
	"Nlm.ActiveAlarms.Severity": {"debug": good, "information": good, "warning": warning, "error": critical, "critical": critical},
}

// restartNeeded is the health of needRestartInfo, which every service has.
var restartNeeded = map[string]level{"no": good, "yes": warning}

// floors are amounts that must not fall below a number; the first is a warning.
var floors = map[string]floor{
	"Cert.HostCertificatesInfo.DaysToExpiry":   {30, 7, "CERT.DAYS", "expires soon"},
	"Cert.OthersCertificatesInfo.DaysToExpiry": {30, 7, "CERT.DAYS", "expires soon"},
}

type floor struct {
	warn, crit int
	macro      string // of the Zabbix template, where an operator changes them
	text       string
}

// quiet are counters that stand still while all is well.
var quiet = map[string]string{
	"Snmp.TrapDestStatus.DroppedCount": "notifications are dropped",
	"Nlm.SyslogDropped":                "syslog messages are dropped",
}

// wordings are states in words, by the word that the good ones begin with.
var wordings = map[string]string{"SipEp.GatewayStatus.State": "Ready"}
