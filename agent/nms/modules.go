package nms

import (
	"bytes"
	"fmt"
	"strings"

	"mibgate/mib"
	"mibgate/mib/modules"
)

// The lines of MIBGATE-SMI that place the tree.
const (
	rootModule     = "MIBGATE-SMI.mib"
	enterpriseLine = "mibgateEnterprise OBJECT IDENTIFIER ::= { enterprises 32473 }"
	rootLine       = "::= { mibgateEnterprise 100 }"
)

// enterprises is where every vendor's tree is (RFC 1155 §3.1.4).
var enterprises = mib.OID{1, 3, 6, 1, 4, 1}

// Modules are the texts of our MIB modules, by the paths of modules.Files, with the tree where
// the unit serves it: for programs that find OIDs by names. nil is where the
// model has it. The error tells that root is not below enterprises, or that it
// is the number of a vendor alone.
func Modules(root mib.OID) (map[string][]byte, error) {
	texts, err := modules.Files()
	if err != nil {
		return nil, err
	}
	if root == nil {
		return texts, nil
	}
	texts[rootModule], err = rebase(texts[rootModule], root)
	return texts, err
}

// rebase rewrites the two definitions that say where the tree is.
func rebase(text []byte, root mib.OID) ([]byte, error) {
	if !root.HasPrefix(enterprises) || len(root) < len(enterprises)+2 {
		return nil, fmt.Errorf("%s is not below the arc of a vendor, %s.N: MIB modules cannot have it as root", root, enterprises)
	}
	above, last := root[len(enterprises):len(root)-1], root[len(root)-1]
	for _, change := range [][2]string{
		{enterpriseLine, "mibgateEnterprise OBJECT IDENTIFIER ::= { enterprises " + strings.ReplaceAll(above.String(), ".", " ") + " }"},
		{rootLine, fmt.Sprintf("::= { mibgateEnterprise %d }", last)},
	} {
		if bytes.Count(text, []byte(change[0])) != 1 {
			return nil, fmt.Errorf("%s does not have the line %q", rootModule, change[0])
		}
		text = bytes.Replace(text, []byte(change[0]), []byte(change[1]), 1)
	}
	return text, nil
}
