package main

import (
	"fmt"
	"strconv"
	"strings"

	smi "github.com/golangsnmp/gomib/mib"
)

// defaultOf makes the Go expressions of a DEFVAL, or nil when there is none.
func (b *builder) defaultOf(o *smi.Object, out *Object) *Default {
	def := o.DefaultValue()
	if def.IsZero() {
		return nil
	}
	var native string
	switch v := def.Value().(type) {
	case int64:
		native = strconv.FormatInt(v, 10)
	case uint64:
		native = strconv.FormatUint(v, 10)
	case []byte:
		native = strconv.Quote(string(v))
	case smi.OID:
		native = oidLiteral(v)
	case string:
		if v == "zeroDotZero" && out.Syntax.Base == "ObjectIdentifier" {
			native = "mib.OID{0, 0}" // the parser has it by name only
			break
		}
		if out.Syntax.Enum == nil {
			native = strconv.Quote(v)
			break
		}
		return b.labelDefault(o, &out.Syntax, v)
	default:
		b.failf(o.Name(), "DEFVAL %s is not generated", def.Raw())
		return nil
	}
	if isText(&out.Syntax) != strings.HasPrefix(native, `"`) {
		b.failf(o.Name(), "DEFVAL %s is not of its type", def.Raw())
	}
	zero := native == "0" || native == `""`
	return &Default{Native: native, Value: out.Syntax.Value(native), Zero: zero}
}

func isText(s *Syntax) bool {
	return s.Base == "OctetString" || s.Base == "IPAddress" || s.Base == "Opaque"
}

// labelDefault is the DEFVAL of an enumeration; the descriptor has its number.
func (b *builder) labelDefault(o *smi.Object, s *Syntax, label string) *Default {
	for _, l := range s.Enum.Labels {
		if l.Name != label {
			continue
		}
		d := &Default{Native: l.Const, Value: fmt.Sprintf("mib.Int(%d)", l.Number)}
		if s.Enum.Shared {
			d.Native = "tc." + l.Const
		}
		if s.Bool {
			d.Native, d.Zero = strconv.FormatBool(l.Number == 1), l.Number != 1
		}
		return d
	}
	b.failf(o.Name(), "DEFVAL %s is none of its labels", label)
	return nil
}
