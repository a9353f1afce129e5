package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mibgate/mib/sipep"
	"mibgate/testdata/testwait"
)

// exporter is Debian's prometheus-snmp-exporter with the configuration that
// mibgate writes for it.
type exporter struct {
	t    *testing.T
	addr string
}

// startExporter writes the configuration for a unit that serves its tree under
// root, puts passwords in as the file asks for, and starts the exporter.
func startExporter(t *testing.T, root string, change ...string) exporter {
	t.Helper()
	peer(t, "prometheus-snmp-exporter")
	dir := t.TempDir()
	must(t, "mib", "nms", dir, "--oid-root", root)
	path := filepath.Join(dir, "prometheus", "snmp-0.22.yml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.NewReplacer(change...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := exporter{t: t, addr: l.Addr().String()}
	l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "prometheus-snmp-exporter", "--config.file="+path, "--web.listen-address="+x.addr)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed
		if t.Failed() {
			t.Logf("exporter: %s", log.String())
		}
	})
	testwait.Until(t, generous, "the exporter to listen", func() bool {
		c, err := net.Dial("tcp4", x.addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return x
}

// scrape is what Prometheus gets: one line per series, "name{labels} value",
// and the comments with help and type.
func (x exporter) scrape(module string, port uint16) []string {
	x.t.Helper()
	resp, err := http.Get(fmt.Sprintf("http://%s/snmp?target=127.0.0.1:%d&module=%s", x.addr, port, module))
	if err != nil {
		x.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		x.t.Fatalf("%s: %s, %v\n%s", module, resp.Status, err, body)
	}
	return strings.Split(string(body), "\n")
}

// value finds the one series with this name and these labels, among others.
func value(t *testing.T, lines []string, name string, labels ...string) float64 {
	t.Helper()
	var found []string
	for _, line := range lines {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		fits := true
		for _, l := range labels {
			fits = fits && (strings.Contains(rest, "{"+l) || strings.Contains(rest, ","+l))
		}
		if fits {
			found = append(found, line[strings.LastIndexByte(line, ' ')+1:])
		}
	}
	if len(found) != 1 {
		t.Errorf("%s%v: %d series", name, labels, len(found))
		return -1
	}
	n, err := strconv.ParseFloat(found[0], 64)
	if err != nil {
		t.Error(err)
	}
	return n
}

// TestPrometheus scrapes a unit with a live link by Debian's exporter, with
// both versions of SNMP and under the root that old templates have.
func TestPrometheus(t *testing.T) {
	const password = "monitoring one two"
	s := newSite(t, siteOptions{
		root:  "1.3.6.1.4.1.4935.1000.100",
		lines: "Aaa.Users[UserName=\"monitor\"].Password=\"" + password + "\"\nAaa.Users[UserName=\"monitor\"].AccessRights=\"Observer\"\n",
	})
	s.begin()
	s.untilUp(generous)
	x := startExporter(t, s.root, "CHANGE-ME-auth", password, "CHANGE-ME-priv", password)
	for _, module := range []string{"mibgate", "mibgate_v3"} {
		t.Run(module, func(t *testing.T) {
			x.t = t
			s.checkScrape(t, x.scrape(module, s.port))
		})
	}
}

func (s *site) checkScrape(t *testing.T, lines []string) {
	t.Helper()
	const link = "mibgate_sipep_tls_persistent_connection_status_"
	row := []string{`index="1"`, `gateway="default"`, fmt.Sprintf(`remote_host="%s"`, s.server)}
	label := func(name, v string) string { return fmt.Sprintf(`%s="%s"`, name, v) }
	for _, want := range []struct {
		name   string
		labels []string
		value  float64
	}{
		{link + "state", append(row, label(link+"state", "up")), 1},
		{link + "state", append(row, label(link+"state", "down")), 0},
		{link + "up_count_total", row, 1},
		{link + "last_failure_reason_info", append(row, label(link+"last_failure_reason", "none")), 1},
		{link + "tls_version", append(row, label(link+"tls_version", s.read(sipep.Objects.TlsPersistentConnectionStatusTlsVersion, 1))), 1},
		{"mibgate_sipep_registration_status_state", []string{`username="100"`, label("mibgate_sipep_registration_status_state", "registered")}, 1},
		{"mibgate_scm_services_info_exec_state", []string{`name="SipEp"`, label("mibgate_scm_services_info_exec_state", "started")}, 1},
		{"mibgate_hoc_clock_state", []string{label("mibgate_hoc_clock_state", "synchronized")}, 1},
		{"mibgate_sipep_sip_messages_malformed_total", nil, 0},
		{"mibgate_scm_need_restart_info", []string{label("mibgate_scm_need_restart_info", "yes")}, 0},
	} {
		if got := value(t, lines, want.name, want.labels...); got != want.value {
			t.Errorf("%s%v is %v, want %v", want.name, want.labels, got, want.value)
		}
	}
	for _, name := range []string{"sysUpTime", "mibgate_dcm_volatile_memory_total", "mibgate_sipep_sip_messages_received_total"} {
		if got := value(t, lines, name); got <= 0 {
			t.Errorf("%s is %v", name, got)
		}
	}
	s.checkComments(t, lines)
}

// checkComments looks at help and type of a gauge and of a counter.
func (s *site) checkComments(t *testing.T, lines []string) {
	t.Helper()
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"# HELP mibgate_snmp_engine_boots How often the SNMP engine has started (starts) - " + s.root + ".200.100.900.1.61000.900\n# TYPE mibgate_snmp_engine_boots gauge",
		"# HELP mibgate_sipep_sip_messages_received_total SIP messages received since the start of the unit (messages) - " + s.root + ".200.100.1400.1.61000.100\n# TYPE mibgate_sipep_sip_messages_received_total counter",
		"# TYPE mibgate_sipep_tls_persistent_connection_status_state gauge",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s", want)
		}
	}
}

// TestMibNMS: the files are written where they are asked for, again and again;
// the modules for another root have it; a root that cannot be is refused.
func TestMibNMS(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	must(t, "mib", "nms", dir)
	out := must(t, "mib", "nms", dir, "--oid-root", "1.3.6.1.4.1.9999.1")
	for _, name := range []string{"prometheus/snmp.yml", "prometheus/snmp-0.22.yml", "zabbix/mibgate.yaml", "librenms/os_discovery/mibgate.yaml"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(out, path+"\n") {
			t.Errorf("%s: %v, listed %q", name, err, out)
		}
		if !strings.Contains(string(text), "1.3.6.1.4.1.9999.1.200.100.") || strings.Contains(string(text), "32473") {
			t.Errorf("%s is not for the root", name)
		}
	}
	must(t, "mib", "export", dir, "--oid-root", "1.3.6.1.4.1.9999.1")
	if text, err := os.ReadFile(filepath.Join(dir, "MIBGATE-SMI.mib")); err != nil || !strings.Contains(string(text), "{ enterprises 9999 }") {
		t.Errorf("MIBGATE-SMI is not for the root (%v)", err)
	}
	refused(t, 1, []string{"mib", "nms", dir, "--oid-root", "x"}, "--oid-root", "x")
	refused(t, 1, []string{"mib", "export", dir, "--oid-root", "1.3.6.1.2.1.999"}, "1.3.6.1.2.1.999")
}
