package main

import "fmt"

// Native is the Go type of a field with this syntax.
func (s *Syntax) Native() string {
	if s.Choice {
		return "mib.Value"
	}
	if s.Bool {
		return "bool"
	}
	if s.TC == "RowStatus" {
		return "mib.RowStatus"
	}
	if s.Enum != nil {
		if s.Enum.Shared {
			return "tc." + s.Enum.Type
		}
		return s.Enum.Type
	}
	switch s.Base {
	case "Integer32":
		return "int32"
	case "Counter64":
		return "uint64"
	case "ObjectIdentifier":
		return "mib.OID"
	case "OctetString", "IPAddress", "Opaque":
		return "string"
	}
	return "uint32"
}

// Value is the Go expression that makes a mib.Value of native.
func (s *Syntax) Value(native string) string {
	switch {
	case s.Choice:
		return native
	case s.Bool && s.TC == "TruthValue":
		return fmt.Sprintf("mib.TruthValue(%s)", native)
	case s.Bool:
		return fmt.Sprintf("mib.EnableValue(%s)", native)
	case s.Enum != nil:
		return fmt.Sprintf("mib.Int(int32(%s))", native)
	}
	switch s.Base {
	case "Integer32":
		return fmt.Sprintf("mib.Int(%s)", native)
	case "Unsigned32":
		return fmt.Sprintf("mib.Uint(%s)", native)
	case "Counter64":
		return fmt.Sprintf("mib.Numeric(mib.Counter64, %s)", native)
	case "OctetString":
		return fmt.Sprintf("mib.String(%s)", native)
	case "ObjectIdentifier":
		return fmt.Sprintf("mib.Ident(%s)", native)
	case "IPAddress", "Opaque":
		return fmt.Sprintf("mib.Octets(mib.%s, %s)", s.Base, native)
	}
	return fmt.Sprintf("mib.Numeric(mib.%s, uint64(%s))", s.Base, native)
}

// From is the Go expression that takes the native value out of the mib.Value v.
func (s *Syntax) From(v string) string {
	switch native := s.Native(); {
	case s.Bool:
		return v + ".Num == 1"
	case s.Enum != nil, native == "int32", native == "uint32":
		return fmt.Sprintf("%s(%s.Num)", native, v)
	case native == "uint64":
		return v + ".Uint64()"
	case native == "mib.OID":
		return v + ".OID"
	}
	return v + ".Str"
}

// Compare is the Go expression that orders a native index value against the
// mib.Value v as the sub-identifiers of their instances order.
func (i *Index) Compare(native, v string) string {
	s := &i.Syntax
	switch s.Native() {
	case "string":
		if i.Implied || s.fixedSize() {
			return fmt.Sprintf("strings.Compare(%s, %s.Str)", native, v)
		}
		return fmt.Sprintf("mib.CompareString(%s, %s.Str)", native, v)
	case "mib.OID":
		if i.Implied {
			return fmt.Sprintf("%s.Compare(%s.OID)", native, v)
		}
		return fmt.Sprintf("mib.CompareOID(%s, %s.OID)", native, v)
	}
	return fmt.Sprintf("cmp.Compare(uint64(%s), %s.Uint64())", native, v)
}

func (s *Syntax) fixedSize() bool {
	return s.Base == "IPAddress" || len(s.Ranges) == 1 && s.Ranges[0].Min == s.Ranges[0].Max
}
