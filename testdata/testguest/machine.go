package testguest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Options tell what is in the machine.
type Options struct {
	// Modules are the names of kernel modules that are put into /modules.
	Modules []string
	// Files are put into the machine: the path there, and the path here, of a
	// file or a folder.
	Files map[string]string
	// UDP is the port of the machine that Machine.UDP leads to.
	UDP int
}

// Machine is a machine that runs.
type Machine struct {
	// UDP is an address of the test that leads to the port asked for.
	UDP string

	t     testing.TB
	stdin io.Writer
	lines chan string  // of the console, as they come
	said  bytes.Buffer // all of them; not to be read before lines is closed
}

// limit is how long the machine may take for what is told; it is emulated.
const limit = time.Minute

// Boot starts a machine, which ends with the test. The test is skipped when there is no emulator or no kernel.
func Boot(t testing.TB, o Options) *Machine {
	t.Helper()
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Skip("qemu-system-x86_64 is not there: .ci/guest installs it")
	}
	kernel, modules := find(t, o.Modules)
	dir := t.TempDir()
	image := filepath.Join(dir, "initrd")
	if err := pack(image, t, dir, modules, o.Files); err != nil {
		t.Fatal(err)
	}
	m := &Machine{t: t, lines: make(chan string, 1000)}
	network := "user,id=n,restrict=off"
	if o.UDP != 0 {
		m.UDP = freePort(t)
		network += fmt.Sprintf(",hostfwd=udp:%s-:%d", m.UDP, o.UDP)
	}
	cmd := exec.Command(qemu, "-m", "512", "-nographic", "-no-reboot", "-kernel", kernel, "-initrd", image,
		"-append", "console=ttyS0 quiet loglevel=1 panic=-1", "-netdev", network, "-device", "e1000,netdev=n,romfile=")
	m.stdin, err = cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go m.listen(out)
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		for range m.lines { // until the console is closed
		}
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the console of the machine:\n%s", m.said.String())
		}
	})
	m.await("ready")
	return m
}

// Do tells the machine a command, which must succeed, and answers what it shows.
func (m *Machine) Do(command ...string) string {
	m.t.Helper()
	line := strings.Join(command, " ")
	if _, err := fmt.Fprintln(m.stdin, line); err != nil {
		m.t.Fatal(err)
	}
	return m.await(line)
}

// await reads until an answer ends. Lines of the kernel may come in between.
func (m *Machine) await(what string) string {
	m.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var out strings.Builder
	for {
		select {
		case <-timer.C:
			m.t.Fatalf("%s: no answer within %v", what, limit)
		case line, ok := <-m.lines:
			switch {
			case !ok:
				m.t.Fatalf("%s: the machine has ended", what)
			case line == "done":
				return out.String()
			case strings.HasPrefix(line, "failed"):
				m.t.Fatalf("%s: %s", what, line)
			case strings.HasPrefix(line, "| "):
				out.WriteString(line[2:] + "\n")
			}
		}
	}
}

// listen reads the console.
func (m *Machine) listen(console io.Reader) {
	defer close(m.lines)
	lines := bufio.NewScanner(console)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		m.said.WriteString(line + "\n")
		m.lines <- line
	}
}

// find looks for the kernel and the modules in .cache/guest.
func find(t testing.TB, names []string) (kernel string, modules map[string]string) {
	t.Helper()
	root := filepath.Join(home(t), ".cache", "guest")
	kernels, _ := filepath.Glob(filepath.Join(root, "boot", "vmlinuz-*"))
	if len(kernels) == 0 {
		t.Skipf("there is no kernel in %s: .ci/guest gets one", root)
	}
	modules = map[string]string{}
	for _, name := range names {
		modules[name] = ""
	}
	_ = filepath.WalkDir(filepath.Join(root, "lib"), func(path string, _ os.DirEntry, _ error) error {
		if name, ok := strings.CutSuffix(filepath.Base(path), ".ko"); ok {
			if _, wanted := modules[name]; wanted {
				modules[name] = path
			}
		}
		return nil
	})
	for name, path := range modules {
		if path == "" {
			t.Skipf("there is no module %s in %s: .ci/guest makes it", name, root)
		}
	}
	return kernels[0], modules
}

// home is the folder of the repository.
func home(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// pack writes the initial file system.
func pack(image string, t testing.TB, dir string, modules, files map[string]string) error {
	t.Helper()
	program := filepath.Join(dir, "init")
	build := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-o", program, "./testdata/testguest/guest")
	build.Dir = home(t)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("the program of the machine: %w\n%s", err, out)
	}
	f, err := os.Create(image)
	if err != nil {
		return err
	}
	defer f.Close()
	zip, _ := gzip.NewWriterLevel(f, gzip.BestSpeed)
	a := &archive{w: zip}
	a.folder("dev")
	a.folder("modules")
	a.console("dev/console")
	a.file("init", program)
	for name, path := range modules {
		a.file("modules/"+name+".ko", path)
	}
	for to, from := range files {
		a.all(strings.TrimPrefix(to, "/"), from)
	}
	a.end()
	if a.err != nil {
		return a.err
	}
	return zip.Close()
}
