package host

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
)

// pciFiles are where distributions have the list of PCI devices (pci.ids(5)).
var pciFiles = []string{"usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids"}

// pciDevices remembers the names that were looked up; the list is long.
type pciDevices map[string]pciDevice

type pciDevice struct{ maker, model string }

// find answers the names of a device by its numbers, as sysfs has them: "0xd161".
// Without a list, or one that has them, the numbers are the model.
func (p pciDevices) find(root, vendor, device string) pciDevice {
	vendor, device = strings.TrimPrefix(vendor, "0x"), strings.TrimPrefix(device, "0x")
	numbers := vendor + ":" + device
	found, ok := p[numbers]
	if ok {
		return found
	}
	for _, name := range pciFiles {
		if f, err := os.Open(filepath.Join(root, name)); err == nil {
			found = scanPCI(f, vendor, device)
			_ = f.Close()
			break
		}
	}
	if found.model == "" {
		found.model = "PCI " + numbers
	}
	p[numbers] = found
	return found
}

// scanPCI reads a list of this form:
//
//	d161  Digium, Inc.
//		b410  Wildcard B410 quad-BRI card
//			subvendor subdevice  subsystem
func scanPCI(f *os.File, vendor, device string) pciDevice {
	var found pciDevice
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "" || line[0] == '#' || strings.HasPrefix(line, "\t\t"):
		case line[0] != '\t':
			if found.maker != "" {
				return found // its devices are over
			}
			if name, ok := strings.CutPrefix(line, vendor+"  "); ok {
				found.maker = clean(name)
			}
		case found.maker != "":
			if name, ok := strings.CutPrefix(line, "\t"+device+"  "); ok {
				found.model = clean(name)
				return found
			}
		}
	}
	return found
}
