package testnetns

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// mark is the variable that marks the run within the namespace.
const mark = "MIBGATE_TEST_NETNS"

// Enter runs the test again in a network namespace with nothing but a loopback
// interface that is up, and with mounts of its own, and tells whether this is that run: the caller returns
// when it is not. Without the right to make one the test is skipped.
func Enter(t *testing.T) bool {
	t.Helper()
	if os.Getenv(mark) != "" {
		IP(t, "link", "set", "lo", "up")
		return true
	}
	for _, name := range []string{"unshare", "ip"} {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
				t.Fatalf("%s is not installed: run `make deps` as root", name)
			}
			t.Skipf("%s is not installed", name)
		}
	}
	if out, err := exec.Command("unshare", "--net", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made: %v %s", err, out)
	}
	cmd := exec.Command("unshare", "--net", "--mount", os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mark+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	if bytes.Contains(out, []byte("--- SKIP: "+t.Name()+" ")) {
		t.Skip("skipped within the namespace")
	}
	return false
}

// IP runs ip(8).
func IP(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %v: %v\n%s", args, err, out)
	}
}

// Over mounts a folder over another, for this run.
func Over(t *testing.T, folder, over string) {
	t.Helper()
	if err := syscall.Mount(folder, over, "", syscall.MS_BIND, ""); err != nil {
		t.Fatalf("mount %s over %s: %v", folder, over, err)
	}
}

// Cable makes two interfaces that are connected and up.
func Cable(t *testing.T, a, b string) {
	t.Helper()
	IP(t, "link", "add", a, "type", "veth", "peer", "name", b)
	IP(t, "link", "set", a, "up")
	IP(t, "link", "set", b, "up")
}
