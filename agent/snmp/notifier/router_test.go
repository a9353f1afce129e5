package notifier

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mibgate/agent/snmp"
	"mibgate/testdata/testnetns"
	"mibgate/testdata/testwait"
)

// router is a network namespace beside that of the test.
type router struct {
	t   *testing.T
	pid string
}

func newRouter(t *testing.T) router {
	t.Helper()
	cmd := exec.Command("unshare", "--net", "sleep", "infinity")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	r := router{t, fmt.Sprint(cmd.Process.Pid)}
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	testwait.Until(t, patience, "the router is apart", func() bool {
		its, err := os.Readlink("/proc/" + r.pid + "/ns/net")
		return err == nil && its != ours
	})
	return r
}

func (r router) run(name string, args ...string) {
	r.t.Helper()
	if out, err := exec.Command("nsenter", append([]string{"-t", r.pid, "-n", name}, args...)...).CombinedOutput(); err != nil {
		r.t.Fatalf("%s %v: %v %s", name, args, err, out)
	}
}

// receiver listens in the namespace of the router.
func (r router) receiver(addr string) (out *receiver) {
	r.t.Helper()
	done := make(chan error, 1)
	go func() {
		defer close(done)      // newReceiver may end the goroutine
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		ns, err := os.Open("/proc/" + r.pid + "/ns/net")
		if err == nil {
			defer ns.Close()
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			out = newReceiver(r.t, addr)
		}
		done <- err
	}()
	if err := <-done; err != nil || out == nil {
		r.t.Fatal("no receiver: ", err)
	}
	return out
}

// TestOutageBehindARouter: a router tells of few of the datagrams that it drops. All
// that went out after the first one it tells of goes out again.
func TestOutageBehindARouter(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	r := newRouter(t)
	testnetns.Cable(t, "near", "far")
	testnetns.IP(t, "addr", "add", "192.0.2.1/24", "dev", "near")
	testnetns.IP(t, "link", "set", "far", "netns", r.pid)
	testnetns.IP(t, "route", "add", "198.51.100.0/24", "via", "192.0.2.254")
	for _, args := range [][]string{
		{"link", "set", "lo", "up"}, {"link", "set", "far", "up"}, {"addr", "add", "192.0.2.254/24", "dev", "far"},
		{"link", "add", "lan", "type", "veth", "peer", "name", "lan2"}, {"link", "set", "lan", "up"}, {"link", "set", "lan2", "up"},
		{"addr", "add", "198.51.100.254/24", "dev", "lan"},
	} {
		r.run("ip", args...)
	}
	r.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
	o := quick()
	o.pause, o.maxPause, o.sure = time.Second, time.Second, defaults().sure
	s := newSender(t, o, nil, config(t, "198.51.100.2:1162"))
	const many = 40
	for i := range uint32(many) {
		s.emitUp(i)
	}
	s.await(1, "all wait again", func(d snmp.TargetStatus) bool { return d.Queued == many && d.Dropped == 0 })
	at := r.receiver("0.0.0.0:1162") // before its address, or a probe may be refused
	r.run("ip", "addr", "add", "198.51.100.2/32", "dev", "lo")
	for i := range uint32(many) {
		at.take(t, i)
	}
}
