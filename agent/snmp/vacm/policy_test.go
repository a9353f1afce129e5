package vacm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"mibgate/agent/snmp/message"
)

const (
	v1  int32 = 1
	v2c int32 = 2
	v3  int32 = 3
)

// entry is an Access of group g whose views are named after it.
func entry(name string, model int32, level message.Level, context string, exact bool) Access {
	return Access{Group: "g", Context: context, Exact: exact, Model: model, Level: level, Read: name}
}

// choose makes a policy of entries, with a view of a name of its own for each.
func choose(entries []Access) *Policy {
	c := Config{
		Groups:   []Group{{v1, "joe", "g"}, {v2c, "joe", "g"}, {v3, "joe", "g"}, {v3, "eve", "empty"}},
		Access:   entries,
		Views:    map[string]*View{},
		Contexts: []string{"", "bridge1", "bridge2", "b"},
	}
	for i, e := range entries {
		c.Views[e.Read] = NewView([]Family{{Subtree: oid("1.3").Append(uint32(i)), Included: true}})
	}
	return NewPolicy(c)
}

// read is the name of the view that a request reads.
func (p *Policy) read(entries []Access, model int32, level message.Level, context string) string {
	r, err := p.Check(model, "joe", level, context)
	if err != nil {
		return err.Error()
	}
	for i, e := range entries {
		if r.Read.Contains(oid("1.3").Append(uint32(i))) {
			return e.Read
		}
	}
	return "nothing"
}

func TestChoiceOfTheAccessEntry(t *testing.T) {
	none, auth, priv := message.NoAuthNoPriv, message.AuthNoPriv, message.AuthPriv
	tests := []struct {
		name    string
		entries []Access
		model   int32
		level   message.Level
		context string
		want    string
	}{
		{"the only one", []Access{entry("a", v3, none, "", true)}, v3, none, "", "a"},
		{"of another model", []Access{entry("a", v2c, none, "", true)}, v3, priv, "", ErrNoAccess.Error()},
		{"of a higher level", []Access{entry("a", v3, priv, "", true)}, v3, auth, "", ErrNoAccess.Error()},
		{"of another context", []Access{entry("a", v3, none, "bridge2", true)}, v3, none, "bridge1", ErrNoAccess.Error()},
		{"exact is not a prefix", []Access{entry("a", v3, none, "bridge", true)}, v3, none, "bridge1", ErrNoAccess.Error()},
		{"prefix", []Access{entry("a", v3, none, "bridge", false)}, v3, none, "bridge1", "a"},
		{"longer than the context", []Access{entry("a", v3, none, "bridge", false)}, v3, none, "b", ErrNoAccess.Error()},
		{"the empty prefix is of all contexts", []Access{entry("a", v3, none, "", false)}, v3, none, "bridge2", "a"},
		{"any model", []Access{entry("a", AnyModel, none, "", true)}, v1, none, "", "a"},
		{"the model before any", []Access{entry("any", AnyModel, priv, "bridge1", true), entry("v3", v3, none, "", false)}, v3, priv, "bridge1", "v3"},
		{"any for other models", []Access{entry("any", AnyModel, none, "", true), entry("v3", v3, none, "", true)}, v2c, none, "", "any"},
		{"the model at a level that is not reached", []Access{entry("any", AnyModel, none, "", true), entry("v3", v3, priv, "", true)}, v3, auth, "", "any"},
		{"exact before prefix", []Access{entry("prefix", v3, priv, "bridge", false), entry("exact", v3, none, "bridge1", true)}, v3, priv, "bridge1", "exact"},
		{"longer prefix", []Access{entry("short", v3, priv, "b", false), entry("long", v3, none, "bridge", false)}, v3, priv, "bridge1", "long"},
		{"higher level", []Access{entry("low", v3, none, "", true), entry("high", v3, priv, "", true), entry("mid", v3, auth, "", true)}, v3, priv, "", "high"},
		{"highest that is reached", []Access{entry("low", v3, none, "", true), entry("high", v3, priv, "", true), entry("mid", v3, auth, "", true)}, v3, auth, "", "mid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := choose(tt.entries).read(tt.entries, tt.model, tt.level, tt.context); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// stepwise is vacmAccessTable's DESCRIPTION in its four steps, each of which
// leaves out what others are better than.
func stepwise(entries []Access, model int32, level message.Level, context string) string {
	keep := func(set []Access, better func(Access) bool) []Access {
		var out []Access
		for _, e := range set {
			if better(e) {
				out = append(out, e)
			}
		}
		if out == nil {
			return set
		}
		return out
	}
	var set []Access
	for _, e := range entries {
		if (e.Model == model || e.Model == AnyModel) && e.Level <= level &&
			(e.Exact && e.Context == context || !e.Exact && strings.HasPrefix(context, e.Context)) {
			set = append(set, e)
		}
	}
	if set == nil {
		return ErrNoAccess.Error()
	}
	set = keep(set, func(e Access) bool { return e.Model == model })
	set = keep(set, func(e Access) bool { return e.Exact })
	longest, highest := 0, message.Level(0)
	for _, e := range set {
		longest = max(longest, len(e.Context))
	}
	set = keep(set, func(e Access) bool { return len(e.Context) == longest })
	for _, e := range set {
		highest = max(highest, e.Level)
	}
	return keep(set, func(e Access) bool { return e.Level == highest })[0].Read
}

func TestAnyChoiceIsAsTheRFCSays(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 9))
	contexts := []string{"", "b", "bridge", "bridge1", "bridge2"}
	for range 3000 {
		seen := map[string]bool{}
		var entries []Access
		for range rnd.IntN(10) {
			e := entry("", rnd.Int32N(4), message.Level(1+rnd.IntN(3)), contexts[rnd.IntN(5)], rnd.IntN(2) == 0)
			if index := fmt.Sprint(e.Context, e.Model, e.Level); !seen[index] {
				seen[index] = true
				e.Read = index
				entries = append(entries, e)
			}
		}
		model, level, context := 1+rnd.Int32N(3), message.Level(1+rnd.IntN(3)), []string{"", "b", "bridge1", "bridge2"}[rnd.IntN(4)]
		p := choose(entries)
		if got, want := p.read(entries, model, level, context), stepwise(entries, model, level, context); got != want {
			t.Fatalf("%v: model %d, %v, context %q: %s, want %s", entries, model, level, context, got, want)
		}
		rnd.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		if got, want := choose(entries).read(entries, model, level, context), stepwise(entries, model, level, context); got != want {
			t.Fatalf("shuffled: %s, want %s", got, want)
		}
	}
}

func TestCheckFails(t *testing.T) {
	p := choose([]Access{entry("a", v3, message.AuthNoPriv, "", true)})
	for _, tt := range []struct {
		name, who, context string
		model              int32
		want               error
	}{
		{"context before group", "nobody", "mars", v3, ErrNoContext},
		{"group", "nobody", "", v3, ErrNoGroup},
		{"name of another model", "eve", "", v2c, ErrNoGroup},
		{"no entry of the group", "eve", "", v3, ErrNoAccess},
		{"level", "joe", "", v3, ErrNoAccess},
	} {
		r, err := p.Check(tt.model, tt.who, message.NoAuthNoPriv, tt.context)
		if !errors.Is(err, tt.want) || r != (Rights{}) {
			t.Errorf("%s: %v, %v", tt.name, r, err)
		}
	}
	if _, err := NewPolicy(Config{}).Check(v3, "joe", message.AuthPriv, ""); !errors.Is(err, ErrNoContext) {
		t.Errorf("without contexts: %v", err)
	}
}

func TestRightsHaveTheirViews(t *testing.T) {
	views := map[string]*View{"": NewView([]Family{in("1")})}
	for i, name := range []string{"r", "w", "n"} {
		views[name] = NewView([]Family{{Subtree: oid("1.3").Append(uint32(i)), Included: true}})
	}
	c := Config{
		Groups: []Group{{v2c, "all", "all"}, {v2c, "told", "told"}, {v2c, "lost", "lost"}},
		Access: []Access{
			{Group: "all", Model: v2c, Level: message.NoAuthNoPriv, Read: "r", Write: "w", Notify: "n"},
			{Group: "told", Model: v2c, Level: message.NoAuthNoPriv, Notify: "n"},
			{Group: "lost", Model: v2c, Level: message.NoAuthNoPriv, Read: "nowhere"},
		},
		Views: views, Contexts: []string{""},
	}
	p := NewPolicy(c)
	for name, want := range map[string]Rights{
		"all":  {"all", views["r"], views["w"], views["n"]},
		"told": {Group: "told", Notify: views["n"]},
		"lost": {Group: "lost"},
	} {
		if got, err := p.Check(v2c, name, message.NoAuthNoPriv, ""); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", name, got, err, want)
		}
	}
	r, _ := p.Check(v2c, "told", message.NoAuthNoPriv, "")
	if r.Read.Contains(oid("1.3.0")) || r.Write.Contains(oid("1.3.1")) || !r.Notify.Contains(oid("1.3.2")) || r.Notify.Contains(oid("1.3.1")) {
		t.Error("an empty view name stands for something")
	}
	if !reflect.DeepEqual(p, NewPolicy(c)) {
		t.Error("policies of the same rows differ")
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = p.Check(v2c, "all", message.NoAuthNoPriv, "") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
