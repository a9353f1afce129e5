package nms

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestYAMLReadsBack: what is written is what another parser reads.
func TestYAMLReadsBack(t *testing.T) {
	odd := []string{
		"", "plain", "yes", "No", "null", "~", "1", "1.5", "1.3.6.1", "0x10", "1e3", "12:30", "a: b", "a #b", "- a", "#a", "{a}", "[a]", "'", `"`, "it's",
		"*a", "&a", "!a", "%a", "@a", "`a", "a\nb", "tab\there", " lead", "trail ", "Zoë", "\\n", "<a&b>", "=", "<<", "2026-11-23", "{{ $index }}", "{$M}",
	}
	root := object{{"odd", list{}}, {"none", nil}}
	var strs list
	for _, s := range odd {
		strs = append(strs, s)
	}
	root[0].value = strs
	root.add("nested", object{
		{"list", list{object{{"a", 1}, {"deep", object{{"x", list{"y"}}}}}, object{{"b", true}}}},
		{"flow", flow{{"a b", flowList{"no", 2}}, {"c", "d, e"}}},
		{"once", anchored{"name", list{"v"}}},
		{"again", alias("name")},
		{"", "empty key"},
	})
	var got map[string]any
	parse(t, document("two\nlines", root), &got)
	asJSON, err := json.Marshal(map[string]any{
		"odd": odd,
		"nested": map[string]any{
			"list":  []any{map[string]any{"a": 1, "deep": map[string]any{"x": []string{"y"}}}, map[string]any{"b": true}},
			"flow":  map[string]any{"a b": []any{"no", 2}, "c": "d, e"},
			"once":  []string{"v"},
			"again": []string{"v"},
			"":      "empty key",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(asJSON, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back\n%v\nwant\n%v", got, want)
	}
}
