package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"mibgate/agent/snmp/usm"
)

func main() {
	if serves(os.Args) {
		return
	}
	b := &bench{}
	flag.StringVar(&b.program, "mibgate", "", "our agent's `program`; empty: it is built")
	flag.StringVar(&b.snmpd, "snmpd", "snmpd", "net-snmp's agent")
	out := flag.String("o", "", "the `file` to write; empty: standard output")
	flag.DurationVar(&b.turn, "turn", 1200*time.Millisecond, "how long one turn of an agent is")
	flag.IntVar(&b.passes, "passes", 5, "turns of every agent")
	flag.IntVar(&b.outstanding, "outstanding", 16, "requests under way")
	flag.BoolVar(&b.apart, "apart", false, "keep agents off the generator's processor")
	only := flag.String("only", "", "kinds, securities and operations that count, by parts of their names, with commas")
	flag.Parse()
	b.only = strings.Split(*only, ",")
	fail(b.run())
	fail(write(*out, b.report()))
}

// serves runs one of the servers that this program starts itself as, when the
// arguments ask for one; it returns when that has ended.
func serves(args []string) bool {
	switch {
	case len(args) == 5 && args[1] == baselineVerb:
		fail(serveBaseline(args[2], args[3], args[4]))
	case len(args) == 4 && args[1] == echoVerb:
		fail(serveEcho(args[2], args[3]))
	default:
		return false
	}
	return true
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "mibbench:", err)
		os.Exit(1)
	}
}

func write(path, text string) error {
	if path == "" {
		_, err := fmt.Print(text)
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // a document
}

// bench is one run.
type bench struct {
	program, snmpd      string
	turn                time.Duration
	passes, outstanding int
	apart               bool
	only                []string

	dir     string
	table   string // the module of snmpd; "" when it cannot be compiled
	objects []object
	figures []figure
	memory  map[string][2]int // KiB by kind, after the load
	durable durable
	echoes  []echo
}

// figure is one operation at one agent.
type figure struct {
	sec    security
	op     operation
	kind   string
	serial bool // one request at a time
	passes []sample
	err    error // why there is none
}

// wanted reports whether a name is to be measured: the kinds, securities or
// operations among those asked for decide about their own sort. "=GET" is the
// whole name.
func (b *bench) wanted(name string) bool {
	asked := false
	for _, part := range b.only {
		whole := strings.HasPrefix(part, "=")
		switch bare := strings.TrimPrefix(part, "="); {
		case bare == "":
		case name == bare, !whole && strings.Contains(name, bare):
			return true
		default:
			asked = asked || sortOf(bare) == sortOf(name)
		}
	}
	return !asked
}

func (b *bench) run() error {
	var err error
	if b.dir, err = os.MkdirTemp("", "mibbench"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if b.program == "" {
		b.program = filepath.Join(b.dir, "mibgate")
		if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", b.program, "./cmd/mibgate").CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	if b.table, err = buildTable(b.dir); err != nil {
		fmt.Fprintln(os.Stderr, "mibbench:", err)
	}
	runtime.LockOSThread()
	if err := pin(0, runtime.NumCPU()-1); err != nil {
		return err
	}
	b.memory = map[string][2]int{}
	for i, sec := range securities {
		if b.wanted(sec.name) {
			if err := b.section(i, sec); err != nil {
				return err
			}
		}
	}
	if b.wanted("GET") {
		return b.measureEcho()
	}
	return nil
}

var errNoAnswer = errors.New("the agent does not do this")

// section measures every operation at one security.
func (b *bench) section(i int, sec security) error {
	auth := sec.auth
	if auth == usm.NoAuth {
		auth = usm.SHA256
	}
	agents, err := b.start(filepath.Join(b.dir, fmt.Sprint(i)), auth)
	defer func() {
		for _, a := range agents {
			a.stop()
		}
	}()
	if err != nil {
		return err
	}
	for _, op := range operations {
		if b.wanted(op.name) {
			b.compare(agents, sec, op, false)
		}
		if b.wanted(op.name) && op.serial {
			b.compare(agents, sec, op, true)
		}
	}
	if sec.auth == usm.NoAuth && b.wanted("SET") {
		if err := b.measureDurable(agents[0], sec); err != nil {
			return err
		}
	}
	for _, a := range agents {
		all, anonymous, err := residentOf(a.pid())
		if err != nil {
			return err
		}
		b.memory[a.kind] = [2]int{all, anonymous}
	}
	return nil
}

// compare measures one operation: the turns of the agents alternate.
func (b *bench) compare(agents []*agent, sec security, op operation, serial bool) {
	var all []*turns
	for _, a := range agents {
		all = append(all, newTurns(b, a, sec, op, serial))
	}
	for range b.passes {
		for _, t := range all {
			t.take(b)
		}
	}
	for _, t := range all {
		t.g.close()
		b.figures = append(b.figures, t.figure)
		fmt.Fprintln(os.Stderr, t.figure.line())
	}
}

// start starts the agents; ours tells what objects the others serve.
func (b *bench) start(dir string, auth usm.AuthProtocol) (agents []*agent, err error) {
	a, err := startOurs(b.program, dir+ours, b.apart, auth)
	if a != nil && a.cmd != nil {
		agents = append(agents, a)
	}
	if err != nil {
		return agents, err
	}
	if b.objects, err = walk(a); err != nil {
		return agents, err
	}
	for _, kind := range kinds[1:] {
		if !b.wanted(kind) || kind == netTable && b.table == "" {
			continue
		}
		switch kind {
		case netSNMP:
			a, err = startNetSNMP(b.snmpd, dir+kind, "", b.apart, auth, b.objects)
		case netTable:
			a, err = startNetSNMP(b.snmpd, dir+tableModule, b.table, b.apart, auth, b.objects)
		default:
			a, err = startBaseline(dir+kind, b.apart, auth, b.objects)
		}
		if a != nil && a.cmd != nil && a.cmd.Process != nil {
			agents = append(agents, a)
		}
		if err != nil {
			return agents, err
		}
	}
	return agents, nil
}
