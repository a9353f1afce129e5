package main

import (
	"cmp"
	"math"
	"slices"

	smi "github.com/golangsnmp/gomib/mib"
)

// kinds are the constants of package mib.
var kinds = map[smi.BaseType]string{
	smi.BaseInteger32:        "Integer32",
	smi.BaseUnsigned32:       "Unsigned32",
	smi.BaseCounter32:        "Counter32",
	smi.BaseCounter64:        "Counter64",
	smi.BaseGauge32:          "Gauge32",
	smi.BaseTimeTicks:        "TimeTicks",
	smi.BaseIpAddress:        "IPAddress",
	smi.BaseOctetString:      "OctetString",
	smi.BaseObjectIdentifier: "ObjectIdentifier",
	smi.BaseOpaque:           "Opaque",
	smi.BaseBits:             "OctetString", // RFC 3416 §8
}

// wholeRange is what every value of a type lies in; the parser gives it for a
// type without range.
var wholeRange = map[string]smi.Range{
	"Integer32":  {Min: math.MinInt32, Max: math.MaxInt32},
	"Unsigned32": {Min: 0, Max: math.MaxUint32},
	"Counter32":  {Min: 0, Max: math.MaxUint32},
	"Gauge32":    {Min: 0, Max: math.MaxUint32},
	"TimeTicks":  {Min: 0, Max: math.MaxUint32},
}

func (b *builder) syntax(o *smi.Object) Syntax {
	t := o.Type()
	if t == nil {
		b.failf(o.Name(), "has no type")
		return Syntax{Base: "OctetString"}
	}
	s := Syntax{
		Base: kinds[t.EffectiveBase()],
		TC:   typeName(o),
		Hint: o.EffectiveDisplayHint(),
		Bool: typeName(o) == "EnableState" || typeName(o) == "TruthValue",
	}
	// The labels of bits have no text form, which our own modules would need.
	if s.Base == "" || len(o.EffectiveBits()) > 0 && !b.out.Standard {
		b.failf(o.Name(), "is of the type %s, which is not generated", t)
	}
	limits := o.EffectiveRanges()
	if s.Base == "OctetString" || s.Base == "Opaque" {
		limits = o.EffectiveSizes()
	}
	for _, r := range limits {
		if len(limits) == 1 && r == wholeRange[s.Base] || s.Base == "Counter64" {
			break // says nothing
		}
		s.Ranges = append(s.Ranges, Range{r.Min, r.Max})
	}
	s.Enum = b.enum(o, &s)
	return s
}

// enum makes the enumerated type of an object. Booleans, commands and RowStatus
// need the labels only.
func (b *builder) enum(o *smi.Object, s *Syntax) *Enum {
	labels := o.EffectiveEnums()
	if len(labels) == 0 {
		return nil
	}
	slices.SortFunc(labels, func(a, b smi.NamedValue) int { return cmp.Compare(a.Value, b.Value) })
	e := &Enum{Of: o.Name(), Doc: firstSentence(prose(o.Description()))}
	switch {
	case s.Bool || s.TC == "RowStatus" || verb(o) != "":
	case s.TC != "":
		if have := b.shared[s.TC]; have != nil {
			return have
		}
		e.Type, e.Of, e.Shared = s.TC, s.TC, true
		e.Doc = firstSentence(prose(o.Type().Description()))
		b.shared[s.TC] = e
	default:
		e.Type = exported(o.Name())
		b.out.Enums = append(b.out.Enums, e)
	}
	for _, l := range labels {
		e.Labels = append(e.Labels, Label{Name: l.Label, Const: e.Type + exported(l.Label), Number: l.Value})
	}
	return e
}
