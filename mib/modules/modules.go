package modules

import "embed"

// FS holds every module of ours as NAME.mib at its root, where NAME is the
// name that the module bears inside. The files are SMIv2 text (RFC 2578 to
// 2580), complete but for SNMPv2-SMI, -TC and -CONF, which every MIB tool has.
//
//go:embed *.mib
var FS embed.FS
