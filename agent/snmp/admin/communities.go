package admin

import (
	"encoding/binary"
	"net/netip"
	"strings"

	"mibgate/mib"
	"mibgate/mib/community"
	"mibgate/mib/target"
)

// MaxCommunity is how many octets a community may have.
const MaxCommunity = 64

// Community is an active row of snmpCommunityTable.
type Community struct {
	Name         string // the octets of the message
	SecurityName string
	Context      string
	// From are where requests may come from; Anywhere is the empty tag.
	Anywhere bool
	From     []Source
}

// Source is an address, and which of its bits count (RFC 3584 §5.3).
type Source struct{ address, mask string }

// Admits tells whether the community is good for a request from there.
func (c *Community) Admits(from netip.AddrPort) bool {
	if c.Anywhere {
		return true
	}
	var room [18]byte
	octets := binary.BigEndian.AppendUint16(append(room[:0], from.Addr().Unmap().AsSlice()...), from.Port())
	for _, s := range c.From {
		if s.has(octets) {
			return true
		}
	}
	return false
}

func (s Source) has(octets []byte) bool {
	if len(octets) != len(s.address) {
		return false
	}
	for i := range octets {
		m := byte(0xff)
		if s.mask != "" {
			m = s.mask[i]
		}
		if (octets[i]^s.address[i])&m != 0 {
			return false
		}
	}
	return true
}

// Communities are the active ones, by index.
func Communities(c mib.Configs) []Community {
	var out []Community
	for row := range community.Of(c).SnmpCommunity.Active() {
		out = append(out, Community{
			Name: row.Name, SecurityName: row.SecurityName, Context: row.ContextName,
			Anywhere: row.TransportTag == "", From: sources(c, row.TransportTag),
		})
	}
	return out
}

// sources are the addresses of the targets with a tag.
func sources(c mib.Configs, tag string) []Source {
	if tag == "" {
		return nil
	}
	var out []Source
	for row := range target.Of(c).SnmpTargetAddr.Active() {
		if !tagged(row, tag) || !sourceOnly(row) {
			continue
		}
		s := Source{address: row.TAddress}
		if ext := community.Of(c).FindSnmpTargetAddrExt(row.Name); ext != nil {
			s.mask = ext.TMask
		}
		out = append(out, s)
	}
	return out
}

// tagged tells whether a target has a tag.
func tagged(row *target.SnmpTargetAddrRow, tag string) bool {
	for t := range strings.FieldsSeq(row.TagList) {
		if t == tag {
			return true
		}
	}
	return false
}
