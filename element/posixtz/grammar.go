package posixtz

// Bounds of the grammar: POSIX.1-2017 §8.3 for zones, RFC 8536 §3.3.1 for the time of a rule.
const (
	minName      = 3
	maxName      = 15
	maxZoneHours = 24
	maxRuleHours = 167
)

// parser walks over the string; the first error stays.
type parser struct {
	text string
	pos  int
	err  *SyntaxError
}

// check is the grammar
//
//	std offset [ dst [ offset ] [ "," start [ "/" time ] "," end [ "/" time ] ] ]
func check(s string) error {
	p := &parser{text: s}
	if len(s) > MaxLength {
		p.fail("the string is too long")
		return p.err
	}
	p.name()
	p.offset(maxZoneHours)
	if p.more() {
		p.name()
		if p.more() && p.peek() != ',' {
			p.offset(maxZoneHours)
		}
	}
	if p.more() {
		p.rule()
		p.rule()
	}
	if p.more() {
		p.fail("end of the string expected")
	}
	if p.err != nil {
		return p.err
	}
	return nil
}

func (p *parser) fail(why string) {
	if p.err == nil {
		p.err = &SyntaxError{Text: p.text, Pos: p.pos, Why: why}
	}
}

// more tells whether there is text left to parse; after an error there is none.
func (p *parser) more() bool { return p.err == nil && p.pos < len(p.text) }

// peek is the next octet, 0 at the end and after an error.
func (p *parser) peek() byte {
	if !p.more() {
		return 0
	}
	return p.text[p.pos]
}

// accept steps over an octet if it is the next one.
func (p *parser) accept(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expect(c byte, why string) {
	if !p.accept(c) {
		p.fail(why)
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// name is letters, or letters, digits and signs between < and >.
func (p *parser) name() {
	quoted := p.accept('<')
	start := p.pos
	for {
		c := p.peek()
		if !isLetter(c) && !(quoted && (isDigit(c) || c == '+' || c == '-')) {
			break
		}
		p.pos++
	}
	if n := p.pos - start; n < minName || n > maxName {
		p.fail("a zone name of 3 to 15 letters, or <name>, is expected")
	}
	if quoted {
		p.expect('>', "'>' expected")
	}
}

// offset is [+|-]hh[:mm[:ss]].
func (p *parser) offset(maxHours int) {
	if !p.accept('+') {
		p.accept('-')
	}
	start := p.pos
	hours := p.number(0, maxHours, "hours expected")
	rest := 0
	if p.accept(':') {
		rest += p.number(0, 59, "minutes expected")
		if p.accept(':') {
			rest += p.number(0, 59, "seconds expected")
		}
	}
	if hours == maxHours && rest > 0 {
		p.pos = start
		p.fail("offset out of range")
	}
}

// number is one to three digits within a range.
func (p *parser) number(low, high int, why string) int {
	start, n := p.pos, 0
	for isDigit(p.peek()) && p.pos-start < 3 {
		n = 10*n + int(p.peek()-'0')
		p.pos++
	}
	if p.pos == start || n < low || n > high {
		p.pos = start
		p.fail(why)
	}
	return n
}

// rule is ","date["/"time] with a date of Jn (1 to 365, no leap day), n (0 to 365) or Mm.w.d.
func (p *parser) rule() {
	p.expect(',', "',' expected")
	switch {
	case p.accept('J'):
		p.number(1, 365, "day 1 to 365 expected")
	case p.accept('M'):
		p.number(1, 12, "month 1 to 12 expected")
		p.expect('.', "'.' expected")
		p.number(1, 5, "week 1 to 5 expected")
		p.expect('.', "'.' expected")
		p.number(0, 6, "weekday 0 to 6 expected")
	default:
		p.number(0, 365, "Mm.w.d, Jn or n expected")
	}
	if p.accept('/') {
		p.offset(maxRuleHours)
	}
}
