package view

import (
	"encoding/json"
	"strconv"

	"mibgate/mib"
	"mibgate/mib/text"
)

// Line is the cell in script syntax: `SipEp.Gateway[Name="x"].Port=5060`.
func (c Cell) Line() string { return text.Print(c.Object, c.Key, c.Value) }

// Text is the value for people: without quotes, octets that are no text in
// hexadecimal.
func (c Cell) Text() string { return c.Object.Syntax.Display(c.Value) }

// JSON is the value for programs: a number for a number, Text for the rest.
func (c Cell) JSON() json.RawMessage {
	s := c.Object.Syntax
	switch c.Value.Kind {
	case mib.Integer32, mib.Unsigned32, mib.Gauge32, mib.Counter32, mib.TimeTicks:
		if len(s.Enum) == 0 {
			return json.RawMessage(strconv.FormatInt(c.Value.Num, 10))
		}
	case mib.Counter64:
		return json.RawMessage(strconv.FormatUint(c.Value.Uint64(), 10))
	}
	b, err := json.Marshal(c.Text())
	if err != nil { // a string always encodes
		return json.RawMessage(`""`)
	}
	return b
}
