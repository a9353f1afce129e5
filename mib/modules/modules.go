package modules

import (
	"embed"
	"io/fs"
	"strings"
)

// FS holds every module of ours as NAME.mib at its root, where NAME is the
// name that the module bears inside, but for those of Files that need the full
// standard modules. The files are SMIv2 text (RFC 2578 to 2580), complete but
// for SNMPv2-SMI, -TC and -CONF, which every MIB tool has.
//
//go:embed *.mib
var FS embed.FS

// standard has what only a program can read that has the full standard modules
// as well, in a folder of its own: who loads all of the others is not to be
// told that something is missing.
//
//go:embed standard/*.mib
var standard embed.FS

// Files are the texts of all modules that an operator is given, by their paths:
// NAME.mib, and standard/NAME.mib for those that need the full standard modules.
func Files() (map[string][]byte, error) {
	texts := map[string][]byte{}
	for _, from := range []embed.FS{FS, standard} {
		err := fs.WalkDir(from, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			texts[path], err = from.ReadFile(path)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// Text is the text of a module by its name; letter case does not matter.
func Text(name string) (text []byte, ok bool) {
	files, err := Files()
	if err != nil {
		return nil, false
	}
	for _, path := range []string{strings.ToUpper(name) + ".mib", "standard/" + strings.ToUpper(name) + ".mib"} {
		if text, ok = files[path]; ok {
			return text, true
		}
	}
	return nil, false
}
