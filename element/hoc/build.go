package hoc

import (
	"runtime/debug"
	"time"
)

// buildTime is when the software was built, in RFC 3339: the linker sets it with
// -X mibgate/element/hoc.buildTime=….
var buildTime string

// firstRelease is the floor of a build that knows nothing of its own time.
const firstRelease = "2026-01-01T00:00:00Z"

// BuildTime is the lower bound of the element's clock: the time that the linker
// set, else that of the commit, else a constant.
func BuildTime() time.Time {
	candidates := []string{buildTime, commitTime(), firstRelease}
	for _, text := range candidates {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func commitTime() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			return s.Value
		}
	}
	return ""
}
