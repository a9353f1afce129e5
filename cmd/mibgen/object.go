package main

import (
	"slices"

	smi "github.com/golangsnmp/gomib/mib"
)

// accessNames are the constants of package mib.
var accessNames = map[smi.Access]string{
	smi.AccessNotAccessible:       "NotAccessible",
	smi.AccessAccessibleForNotify: "AccessibleForNotify",
	smi.AccessReadOnly:            "ReadOnly",
	smi.AccessReadWrite:           "ReadWrite",
	smi.AccessReadCreate:          "ReadCreate",
}

// edits are the verbs of the row commands that edit their table.
var edits = map[string]string{
	"insert": "EditInsert",
	"up":     "EditUp",
	"down":   "EditDown",
	"delete": "EditDelete",
}

// object makes the model of a scalar or column, but for what depends on its
// table: see classify.
func (b *builder) object(o *smi.Object) *Object {
	out := &Object{
		Name:        o.Name(),
		Ident:       exported(o.Name()),
		Param:       exported(o.Name()),
		OID:         oidLiteral(o.OID()),
		Access:      accessNames[o.Access()],
		Units:       o.Units(),
		Description: prose(o.Description()),
	}
	if out.Access == "" {
		b.failf(o.Name(), "has the access %s, which SMIv2 has not", o.Access())
	}
	b.objects[o] = out
	out.Syntax = b.syntax(o)
	out.Secret = out.Syntax.TC == "SecretString"
	return out
}

// verb is the label that makes a command act, or "" when the object is none.
func verb(o *smi.Object) string {
	labels := o.EffectiveEnums()
	if writable(o) && len(labels) == 2 && labels[0] == (smi.NamedValue{Label: "noOp"}) && labels[1].Value == 10 {
		return labels[1].Label
	}
	return ""
}

func writable(o *smi.Object) bool {
	return o.Access() == smi.AccessReadWrite || o.Access() == smi.AccessReadCreate
}

func typeName(o *smi.Object) string {
	if t := o.Type(); t != nil && t.IsTextualConvention() {
		return t.Name()
	}
	return ""
}

// classify tells where the value of an object lives; the tables are known.
func (b *builder) classify(o *smi.Object, out *Object) {
	out.Source = b.sourceOf(o, out)
	out.Default = b.defaultOf(o, out)
	if out.Default != nil || !writable(o) {
		return
	}
	switch out.Source {
	case "SourceConfig", "SourceCommand", "SourceEdit":
		if !b.required(out) {
			b.failf(o.Name(), "can be written and has no DEFVAL")
		}
	}
}

// required tells the columns that a new row may lack: of a standard module,
// where rows can be not ready, and of a type that has an empty value.
func (b *builder) required(o *Object) bool {
	text := isText(&o.Syntax) || o.Syntax.Base == "ObjectIdentifier"
	return b.out.Standard && o.IsConfig() && o.Table != nil && o.Table.RowStatus != nil && text
}

func (b *builder) sourceOf(o *smi.Object, out *Object) string {
	inConfig := out.Table != nil && out.Table.Config
	switch {
	case out.index:
		return "SourceIndex"
	case o.Access() == smi.AccessNotAccessible || o.Access() == smi.AccessAccessibleForNotify:
		return "SourceNone"
	case b.out.Reports:
		return "SourceStatus"
	case out.Syntax.TC == "RowStatus":
		return "SourceRowStatus"
	case out.Syntax.TC == "SecretFingerprint":
		b.fingerprint(o)
		return "SourceFingerprint"
	case verb(o) != "" && inConfig && edits[verb(o)] != "":
		out.Edit = edits[verb(o)]
		return "SourceEdit"
	case verb(o) != "":
		return "SourceCommand"
	case out.Syntax.TC == "TestAndIncr": // the agent's, who takes it as a lock
		return "SourceStatus"
	case b.out.Standard && slices.Contains(aliased, o.Name()):
		return "SourceStatus"
	case writable(o) && (out.Syntax.TC == "KeyChange" || out.Syntax.TC == "RowPointer"):
		out.Edit = "EditService"
		return "SourceEdit"
	case writable(o):
		return "SourceConfig"
	}
	return "SourceStatus"
}

// fingerprint wants the secret X beside XFingerprint.
func (b *builder) fingerprint(print *smi.Object) {
	const suffix = "Fingerprint"
	name := print.Name()
	if len(name) > len(suffix) && name[len(name)-len(suffix):] == suffix {
		if x := b.smi.Object(name[:len(name)-len(suffix)]); x != nil && b.objects[x] != nil && b.objects[x].Secret {
			return
		}
	}
	b.failf(name, "no SecretString stands beside this fingerprint")
}
