package testwait

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Until polls cond until it holds and fails the test when it does not within limit.
func Until(t testing.TB, limit time.Duration, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Recv takes one value from ch and fails the test when none comes within limit.
func Recv[T any](t testing.TB, limit time.Duration, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(limit):
		t.Fatalf("not within %v: %s", limit, what)
		panic("unreachable")
	}
}

// NoLeaks checks, when the test and its clean-ups are over, that no goroutine running code of this module is left that
// was not there at the call. Call it first, and not in parallel tests. Further calls in one test do nothing: what the
// first began may go on starting goroutines, which end with the test.
func NoLeaks(t testing.TB) {
	t.Helper()
	if _, again := watched.LoadOrStore(t, true); again {
		return
	}
	t.Cleanup(func() { watched.Delete(t) })
	before := goroutines(func(string) bool { return true }) // also those that have not run yet and show no code of ours
	t.Cleanup(func() {
		deadline := time.Now().Add(5 * time.Second)
		for {
			left := ours()
			for id := range before {
				delete(left, id)
			}
			if len(left) == 0 {
				return
			}
			if time.Now().After(deadline) {
				for _, stack := range left {
					t.Errorf("goroutine left behind:\n%s", stack)
				}
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
}

// watched are the tests that NoLeaks watches.
var watched sync.Map

// ours lists the stacks of goroutines in code of this module, the test's own aside, by goroutine number.
func ours() map[string]string {
	return goroutines(func(g string) bool {
		// Peers and helpers under testdata have clean-ups of their own, which may come later.
		return strings.Contains(strings.ReplaceAll(g, "mibgate/testdata/", ""), "mibgate/") && !strings.Contains(g, "testing.tRunner") && !strings.Contains(g, "testing.(*M)")
	})
}

// goroutines lists the stacks that are wanted, by goroutine number.
func goroutines(wanted func(stack string) bool) map[string]string {
	buf := make([]byte, 4<<20)
	buf = buf[:runtime.Stack(buf, true)]
	out := make(map[string]string)
	for _, g := range strings.Split(string(buf), "\n\n") {
		if id, _, _ := strings.Cut(g, " ["); wanted(g) {
			out[id] = g
		}
	}
	return out
}
