package main

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
)

// mibPath is the import path of the hand-written half.
const mibPath = "mibgate/mib"

// standardPackages names the packages of the standard modules that we serve.
var standardPackages = map[string]string{
	"ALARM-MIB":               "alarm",
	"ENTITY-MIB":              "entity",
	"ENTITY-SENSOR-MIB":       "entitysensor",
	"HOST-RESOURCES-MIB":      "hostresources",
	"IF-MIB":                  "ifmib",
	"IP-MIB":                  "ipmib",
	"NETWORK-SERVICES-MIB":    "networkservices",
	"NOTIFICATION-LOG-MIB":    "notificationlog",
	"SIP-COMMON-MIB":          "sipcommon",
	"SIP-UA-MIB":              "sipuamib",
	"SNMP-COMMUNITY-MIB":      "community",
	"SNMP-FRAMEWORK-MIB":      "framework",
	"SNMP-MPD-MIB":            "mpd",
	"SNMP-NOTIFICATION-MIB":   "notification",
	"SNMP-TARGET-MIB":         "target",
	"SNMP-USER-BASED-SM-MIB":  "usm",
	"SNMP-VIEW-BASED-ACM-MIB": "vacm",
	"SNMPv2-MIB":              "snmpv2",
	"TCP-MIB":                 "tcpmib",
	"UDP-MIB":                 "udpmib",
}

// standardServices are the text keys of the standard modules that configure
// something. What can be written in the others is another variable of ours, or
// nothing.
var standardServices = map[string]string{
	"NOTIFICATION-LOG-MIB":    "NotificationLog",
	"SNMP-COMMUNITY-MIB":      "Community",
	"SNMP-NOTIFICATION-MIB":   "Notification",
	"SNMP-TARGET-MIB":         "Target",
	"SNMP-USER-BASED-SM-MIB":  "Usm",
	"SNMP-VIEW-BASED-ACM-MIB": "Vacm",
}

// aliased are the scalars of these modules that are another variable of ours all
// the same: the agent serves that one in their place.
var aliased = []string{"nlmConfigGlobalEntryLimit", "nlmConfigGlobalAgeOut"}

// choices are the stems of the standard tables that keep a value of any type:
// of their columns …Val a row has the one of its type, and no other.
var choices = []string{"nlmLogVariable", "alarmActiveVariable"}

// isChoice tells whether a row may be without a column.
func isChoice(column, stem string) bool {
	return slices.Contains(choices, stem) && strings.HasPrefix(column, stem) && strings.HasSuffix(column, "Val")
}

// exported gives a descriptor or label an upper-case first letter; '-', which
// labels may have, becomes '_'.
func exported(s string) string { return mapFirst(strings.ReplaceAll(s, "-", "_"), unicode.ToUpper) }

func unexported(s string) string { return mapFirst(s, unicode.ToLower) }

func mapFirst(s string, f func(rune) rune) string {
	if s == "" {
		return ""
	}
	return string(f(rune(s[0]))) + s[1:]
}

// argument is a parameter name for a field: it is no keyword or type of Go and
// hides nothing that generated code uses.
func argument(field string) string {
	switch name := unexported(field); {
	case name == "type":
		return "kind"
	case token.IsKeyword(name), types.Universe.Lookup(name) != nil, name == "mib", name == "cmp", name == "strings", name == "tc", name == "row", name == "key":
		return name + "Value"
	default:
		return name
	}
}

// param is the text name of a column: what its descriptor has behind the stem
// of its table, unless that is no name.
func param(column, stem string) string {
	if rest, ok := strings.CutPrefix(column, stem); ok && rest != "" && unicode.IsLetter(rune(rest[0])) {
		return exported(rest)
	}
	return exported(column)
}

// tableStem is the descriptor of a table without the word Table.
func tableStem(table string) string { return strings.TrimSuffix(table, "Table") }

// firstSentence is the help text of an object.
func firstSentence(description string) string {
	text, _, _ := strings.Cut(description, "\n")
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '.' && text[i+1] == ' ' {
			return text[:i+1]
		}
	}
	return text
}

// prose undoes the line breaks and the indentation of a DESCRIPTION; an empty
// line still ends a paragraph.
func prose(description string) string {
	var paragraphs []string
	var words []string
	flush := func() {
		if len(words) > 0 {
			paragraphs = append(paragraphs, strings.Join(words, " "))
		}
		words = nil
	}
	for line := range strings.Lines(description) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			flush()
		}
		words = append(words, fields...)
	}
	flush()
	return strings.Join(paragraphs, "\n")
}
