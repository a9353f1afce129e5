package main

import "testing"

func TestNames(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{exported("tLSv1-2"), "TLSv1_2"},
		{exported(""), ""},
		{unexported("SipEp"), "sipEp"},
		{param("gatewayPort", "gateway"), "Port"},
		{param("gateway", "gateway"), "Gateway"},
		{param("otherPort", "gateway"), "OtherPort"},
		{param("scopeZone3", "scopeZone"), "ScopeZone3"},
		{tableStem("gatewayTable"), "gateway"},
		{argument("Name"), "name"},
		{argument("Type"), "kind"},
		{argument("Range"), "rangeValue"},
		{argument("String"), "stringValue"},
		{argument("Key"), "keyValue"},
		{firstSentence("One. Two."), "One."},
		{firstSentence("Version 1.2 of it. Two."), "Version 1.2 of it."},
		{firstSentence("One\ntwo. Three."), "One"},
		{prose("  One\n   two.\n\n\n  Three.\n"), "One two.\nThree."},
		{comment("One.\nTwo."), "// One.\n//\n// Two."},
		{literal("One.\nTwo."), "\"One.\\n\" +\n\"Two.\""},
		{literal(""), `""`},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	got := wrap("aa bb cc ddddddddd e", 5)
	want := []string{"aa bb", "cc", "ddddddddd", "e"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestColumnsOfAChoice(t *testing.T) {
	for _, tt := range []struct {
		column, stem string
		want         bool
	}{
		{"nlmLogVariableOidVal", "nlmLogVariable", true},
		{"alarmActiveVariableOpaqueVal", "alarmActiveVariable", true},
		{"nlmLogVariableValueType", "nlmLogVariable", false},
		{"gatewayVal", "gateway", false},
	} {
		if got := isChoice(tt.column, tt.stem); got != tt.want {
			t.Errorf("%s: %t", tt.column, got)
		}
	}
}
