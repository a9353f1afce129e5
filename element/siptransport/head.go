package siptransport

import (
	"bytes"
	"iter"
)

// headerLines goes through the header lines of raw text after the start line, folded lines joined (RFC 3261 §7.3.1).
// It never fails: a line without a colon has the whole line as its name.
func headerLines(head []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		_, rest, _ := bytes.Cut(head, crlf)
		for len(rest) > 0 {
			var line []byte
			line, rest, _ = bytes.Cut(rest, crlf)
			if len(line) == 0 {
				return
			}
			if isFold(rest) {
				line = bytes.Clone(line) // once: a copy per folded line would be quadratic
			}
			for isFold(rest) {
				var more []byte
				more, rest, _ = bytes.Cut(rest, crlf)
				line = append(append(line, ' '), bytes.TrimSpace(more)...)
			}
			name, value, _ := bytes.Cut(line, []byte(":"))
			if !yield(bytes.TrimSpace(name), bytes.TrimSpace(value)) {
				return
			}
		}
	}
}

// isFold reports whether the line that follows continues the one before (RFC 3261 §7.3.1).
func isFold(rest []byte) bool { return len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') }

// longestLine is the length of the longest start or header line, and the most separators of parameters that one has,
// folded lines counted together.
func longestLine(head []byte) (length, separators int) {
	for len(head) > 0 {
		n, parts, rest := 0, 0, head
		for {
			line, after, _ := bytes.Cut(rest, crlf)
			n, parts, rest = n+len(line), parts+bytes.Count(line, []byte(";"))+bytes.Count(line, []byte("&")), after
			if !isFold(rest) {
				break
			}
		}
		length, separators, head = max(length, n), max(separators, parts), rest
	}
	return length, separators
}

var crlf = []byte("\r\n")

// isName compares a header name with its long and compact form, letter case aside.
func isName(name []byte, forms ...string) bool {
	for _, f := range forms {
		if len(name) == len(f) && bytes.EqualFold(name, []byte(f)) {
			return true
		}
	}
	return false
}

// endOfHead is the length of start line and headers of a datagram, or the whole when the empty line is missing.
func endOfHead(data []byte) int {
	if i := bytes.Index(data, []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	return len(data)
}
