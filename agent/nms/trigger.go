package nms

import (
	"fmt"
	"strings"

	"mibgate/mib"
)

// trigger is one trigger, or trigger prototype, of the item with this key.
func trigger(key, what, expression, name, priority string) object {
	return object{
		{"uuid", uuid("trigger " + key + " " + what)},
		{"expression", expression},
		{"name", name},
		{"opdata", "{ITEM.LASTVALUE1}"},
		{"priority", priority},
		{"tags", list{object{{"tag", "scope"}, {"value", "availability"}}}},
	}
}

// telling is the trigger of a state whose event tells a text of the row, which
// may be longer than the name of a trigger. Only what stands in the expression
// can be told: the text comes first, so that it is value 1 and the state value
// 2, and what is asked of it is always true.
func telling(state *mib.Object, text *mib.Object, t *table, what, expression, priority string) object {
	subject := "mibgate: " + rowName(t)
	tr := trigger(key(state, t), what, "length(last("+at(key(text, t))+"))>=0 and ("+expression+")", subject+" is {ITEM.LASTVALUE2}", priority)
	for i := range tr {
		if tr[i].key == "opdata" { // without regsub the web pages show 20 characters
			tr[i].value = `{{ITEM.LASTVALUE1}.regsub("(.*)", "\1")} ({ITEM.LASTVALUE2})`
		}
	}
	tr.add("event_name", subject+": {ITEM.VALUE1} ({ITEM.VALUE2})")
	return tr
}

// triggers are what the catalogue says of an object.
func triggers(o *mib.Object, t *table) list {
	k := key(o, t)
	subject := "mibgate: " + words(o.Param)
	if t != nil {
		subject = "mibgate: " + rowName(t)
	}
	var out list
	if isRestartInfo(o) {
		out = append(out, trigger(k, "warning", fmt.Sprintf("last(%s)=%d", at(k), numberOf(o, "yes")), "mibgate: "+o.Module.Service+" needs a restart", "WARNING"))
	} else if levels := health(o); levels != nil {
		out = append(out, stateTriggers(o, levels, t)...)
	}
	if f, ok := floors[o.Path()]; ok {
		warn, crit, last := "{$"+f.macro+".WARN}", "{$"+f.macro+".CRIT}", "last("+at(k)+")"
		out = append(out,
			trigger(k, "warning", last+"<"+warn+" and "+last+">="+crit, subject+" "+f.text, "WARNING"),
			trigger(k, "critical", last+"<"+crit, subject+" "+f.text, "HIGH"))
	}
	if text := quiet[o.Path()]; text != "" {
		out = append(out, trigger(k, "warning", "last("+at(k)+")>0", subject+": "+text, "WARNING"))
	}
	if word := wordings[o.Path()]; word != "" {
		out = append(out, trigger(k, "critical", fmt.Sprintf(`find(%s,,"regexp","^(%s|%s$)")=0`, at(k), word, goneWord), subject+" is not "+word, "HIGH"))
	}
	return out
}

// stateTriggers are one trigger for the labels of each level that is not good.
func stateTriggers(o *mib.Object, levels map[string]level, t *table) list {
	var out list
	k, subject := key(o, t), "mibgate: "+words(o.Param)
	var text *mib.Object
	if t != nil {
		subject, text = "mibgate: "+rowName(t), t.column(told[tablePath(t.Table)])
	}
	for _, l := range []struct {
		level          level
		what, priority string
	}{{warning, "warning", "WARNING"}, {critical, "critical", "HIGH"}} {
		var bad []string
		for _, label := range o.Syntax.Enum {
			if levels[label.Name] == l.level {
				bad = append(bad, fmt.Sprintf("last(%s)=%d", at(k), label.Number))
			}
		}
		switch {
		case len(bad) == 0:
		case text != nil:
			out = append(out, telling(o, text, t, l.what, strings.Join(bad, " or "), l.priority))
		default:
			out = append(out, trigger(k, l.what, strings.Join(bad, " or "), subject+" is {ITEM.LASTVALUE1}", l.priority))
		}
	}
	return out
}

// numberOf is the number of a label, which checkLabels has found to be there.
func numberOf(o *mib.Object, label string) int32 {
	n, _ := o.Syntax.NumberOf(label)
	return n
}
