package testlines

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Tree is a host whose files are below Root.
type Tree struct {
	Root string

	t testing.TB
}

// New makes a host without any hardware.
func New(t testing.TB) *Tree { return &Tree{Root: t.TempDir(), t: t} }

// Write sets a file, such as "sys/devices/x/alarms".
func (tr *Tree) Write(name, text string) {
	tr.t.Helper()
	path := filepath.Join(tr.Root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	// At once, as the kernel does: who reads meanwhile must not find it empty.
	err := os.WriteFile(path+".new", []byte(text), 0o600)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		tr.t.Fatal(err)
	}
}

// Link makes a relative link, as those of sysfs are.
func (tr *Tree) Link(name, to string) {
	tr.t.Helper()
	path := filepath.Join(tr.Root, name)
	rel, err := filepath.Rel(filepath.Dir(path), filepath.Join(tr.Root, to))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.Symlink(rel, path)
	}
	if err != nil {
		tr.t.Fatal(err)
	}
}

// Remove takes files and folders away, and the links that led to them.
func (tr *Tree) Remove(names ...string) {
	tr.t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(tr.Root, name)); err != nil {
			tr.t.Fatal(err)
		}
	}
	links, _ := filepath.Glob(filepath.Join(tr.Root, "sys/*/*/devices/*"))
	classes, _ := filepath.Glob(filepath.Join(tr.Root, "sys/class/*/*"))
	for _, link := range append(links, classes...) {
		if _, err := os.Stat(link); err != nil {
			_ = os.Remove(link)
		}
	}
}

// attributes writes the files of a folder: names and values by turns.
func (tr *Tree) attributes(dir string, pairs ...string) {
	tr.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		tr.Write(filepath.Join(dir, pairs[i]), pairs[i+1])
	}
}

// pci makes a PCI device and answers its folder.
func (tr *Tree) pci(slot, vendor, device, revision string) string {
	tr.t.Helper()
	dir := "sys/devices/pci0000:00/0000:00:1e.0/" + slot
	tr.attributes(dir, "vendor", "0x"+vendor+"\n", "device", "0x"+device+"\n", "revision", "0x"+revision+"\n")
	tr.Link("sys/bus/pci/devices/"+slot, dir)
	return dir
}

// B410P is the folder of a Digium B410P, four S0 ports by hfcmulti of mISDN.
func (tr *Tree) B410P(slot string, card int) string {
	tr.t.Helper()
	dir := tr.pci(slot, "d161", "b410", "01")
	for port := 1; port <= 4; port++ {
		name := fmt.Sprintf("hfc-4s.%d-%d", card, port)
		at := dir + "/mISDN/" + name
		tr.attributes(at, "id", fmt.Sprintln(4*(card-1)+port-1), "nrbchan", "2\n", "channelmap", "011", "name", name,
			"d_protocols", "6\n", "b_protocols", "6\n", "protocol", "0\n")
		tr.Link(at+"/device", dir)
		tr.Link("sys/class/mISDN/"+name, at)
	}
	return dir
}

// L1oIP is a port of mISDN that is made of software.
func (tr *Tree) L1oIP(name string) string {
	tr.t.Helper()
	dir, channels, can := "sys/devices/virtual/mISDN/"+name, "2", "6"
	if strings.Contains(name, "e1") {
		channels, can = "30", "24"
	}
	tr.attributes(dir, "id", "9\n", "nrbchan", channels+"\n", "channelmap", "0"+strings.Repeat("1", len(channels)), "name", name,
		"d_protocols", can+"\n", "b_protocols", "6\n", "protocol", "0\n")
	tr.Link("sys/class/mISDN/"+name, dir)
	return dir
}

// TDM400P is the folder of the span of a Digium TDM400P with two modules for telephones, and two for lines of an exchange.
func (tr *Tree) TDM400P(slot string, spanNumber int) string {
	tr.t.Helper()
	card := tr.pci(slot, "e159", "0001", "00")
	device := tr.device(card, slot, "Digium", "Wildcard TDM400P REV I", "", "PCI Bus 05 Slot 02")
	span := tr.span(device, spanNumber, 1, "WCTDM/0", "Wildcard TDM400P REV I Board 1", "ANALOG_MIXED", "", 4)
	const fxs, fxo = "FXOLS FXOGS FXOKS E&M Clear SF (ToneOnly)\n", "FXSLS FXSKS Clear SF (ToneOnly)\n"
	for position, line := range [][2]string{{"FXOKS\n", fxs}, {"FXOKS\n", fxs}, {"FXSKS\n", fxo}, {"Unconfigured\n", fxo}} {
		at := fmt.Sprintf("%s/dahdi!chan!%03d!%03d", span, spanNumber, position+1)
		tr.attributes(at, "name", fmt.Sprintf("WCTDM/0/%d\n", position), "channo", fmt.Sprintln(position+1), "chanpos", fmt.Sprintln(position+1),
			"sig", line[0], "sigcap", line[1], "alarms", "\n", "in_use", "0\n", "ec_factory", "\n", "ec_state", "\n")
		tr.Link(fmt.Sprintf("sys/bus/dahdi_channels/devices/dahdi!chan!%03d!%03d", spanNumber, position+1), at)
	}
	return span
}

// TE220 is the folders of the spans of a Digium TE220 with two E1.
func (tr *Tree) TE220(slot, serial string, spanNumber int) []string {
	tr.t.Helper()
	card := tr.pci(slot, "d161", "0220", "02")
	device := tr.device(card, slot, "Digium", "Wildcard TE220 (5th Gen)", serial, "PCI Bus 06 Slot 01")
	var spans []string
	for i := range 2 {
		name, desc := fmt.Sprintf("TE2/0/%d", i+1), fmt.Sprintf("T2XXP (PCI) Card 0 Span %d", i+1)
		spans = append(spans, tr.span(device, spanNumber+i, i+1, name, desc, "E1", "HDB3/CCS/CRC4", 31))
	}
	return spans
}

func (tr *Tree) device(card, slot, maker, model, serial, location string) string {
	tr.t.Helper()
	dir := card + "/pci:" + slot
	tr.attributes(dir, "manufacturer", maker+"\n", "type", model+"\n", "hardware_id", serial+"\n", "location", location+"\n", "span_count", "1\n")
	tr.Link("sys/bus/dahdi_devices/devices/pci:"+slot, dir)
	return dir
}

func (tr *Tree) span(device string, number, local int, name, desc, kind, config string, channels int) string {
	tr.t.Helper()
	dir := fmt.Sprintf("%s/span-%d", device, number)
	digital := "0\n"
	if config != "" {
		digital = "1\n"
	}
	tr.attributes(dir, "name", name+"\n", "desc", desc+"\n", "spantype", kind+"\n", "local_spanno", fmt.Sprintln(local), "alarms", "0x0\n",
		"is_digital", digital, "channels", fmt.Sprintln(channels), "basechan", "1\n", "lineconfig", config+"\n", "linecompat", "\n")
	tr.Link(dir+"/ddev", device)
	tr.Link(fmt.Sprintf("sys/bus/dahdi_spans/devices/span-%d", number), dir)
	return dir
}
