package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mibgate/mib"
	"mibgate/mib/hoc"
)

// BenchmarkCommit compares a SET of one variable, written, with the bare cost of
// keeping that many octets on the same disk: temporary file, fsync, rename,
// fsync of the folder. The two take turns, for a disk has its moods; "ratio" is
// the quotient of their medians.
func BenchmarkCommit(b *testing.B) {
	s := openModel(b, benchFolder(b))
	if err := s.Start(noRuntime{}); err != nil {
		b.Fatal(err)
	}
	for i := range 40 {
		mustSet(b, s, fmt.Sprintf(`SipEp.Authentication[Index=%d].Username="user%d"`, i+1, i))
	}
	bare := benchFolder(b)
	text := bytes.Clone(s.written)
	var ours, theirs []time.Duration
	for i := 0; b.Loop(); i++ {
		text[len(text)-2] = byte('0' + i%10)
		theirs = append(theirs, elapsed(func() { bareWrite(b, bare, text) }))
		ours = append(ours, elapsed(func() { commitName(b, s, fmt.Sprint("name ", i)) }))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	o, t := ours[len(ours)/2], theirs[len(theirs)/2]
	b.ReportMetric(float64(o)/1000, "commit-µs")
	b.ReportMetric(float64(t)/1000, "bare-µs")
	b.ReportMetric(float64(o)/float64(t), "ratio")
}

// benchFolder is on the disk of the source, as the temporary folder may be in memory.
func benchFolder(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp(".", "bench")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func elapsed(f func()) time.Duration {
	from := time.Now()
	f()
	return time.Since(from)
}

func commitName(b *testing.B, s *Store, name string) {
	b.Helper()
	tx, err := s.Begin(b.Context(), internal)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Abort()
	if err := tx.Set(hoc.Objects.SystemName, nil, mib.String(name)); err != nil {
		b.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

func bareWrite(b *testing.B, dir string, text []byte) {
	b.Helper()
	tmp := filepath.Join(dir, "config.new")
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := f.Write(text); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	_ = f.Close()
	if err := os.Rename(tmp, filepath.Join(dir, "config")); err != nil {
		b.Fatal(err)
	}
	d, err := os.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	if err := d.Sync(); err != nil {
		b.Fatal(err)
	}
	_ = d.Close()
}
