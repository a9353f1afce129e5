package siptransport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
)

// framer cuts a stream into messages (RFC 3261 §18.3, RFC 5626 §4.4.1). It does not interpret anything but
// Content-Length, so that a message which the parser refuses still leaves the stream in step.
//
//	┌──────┬──────┬────────────┬──────────────────────┬──────────────┐
//	│ CRLF │ CRLF │ start line │ header lines … CRLF  │ body         │
//	└──────┴──────┴────────────┴──────────────────────┴──────────────┘
//	  ping = 2 CRLF, pong = 1   ends with an empty line  Content-Length
type framer struct {
	r              *bufio.Reader
	maxMessage     int
	maxHeaderLines int
	// begun is called at the first octet of a message, ended after its last.
	begun, ended func()
	// pongDue tells whether a ping of ours waits for its answer, and takes one such ping off.
	pongDue func() bool
	buf     []byte
	// crlf is 1 after a single CRLF that may yet become a ping.
	crlf int
}

// frame is what was cut from the stream.
type frame struct {
	kind frameKind
	// data is the whole message and valid until the next call. head is the length of its start line and headers.
	data []byte
	head int
}

type frameKind int

const (
	frameMessage frameKind = iota
	framePing              // CRLF CRLF
	framePong              // CRLF
)

// next reads one frame. On ErrTooLarge and ErrFraming the frame holds what was read of the headers, so that it can be
// answered; the stream is out of step then.
func (f *framer) next() (frame, error) {
	for {
		b, err := f.r.ReadByte()
		if err != nil {
			return frame{}, err
		}
		if b != '\r' {
			f.crlf = 0
			if err := f.r.UnreadByte(); err != nil {
				return frame{}, err
			}
			return f.message()
		}
		f.begun()
		b, err = f.r.ReadByte()
		if err != nil {
			return frame{}, err
		}
		if b != '\n' {
			return frame{}, ErrFraming
		}
		f.ended()
		f.crlf++
		if f.crlf == 2 {
			f.crlf = 0
			return frame{kind: framePing}, nil
		}
		// One CRLF is the answer to a ping of ours, or the first half of the peer's ping, whose second half may be
		// in a later segment.
		if next, err := f.peekBuffered(); err == nil && next == '\r' || !f.pongDue() {
			continue
		}
		f.crlf = 0
		return frame{kind: framePong}, nil
	}
}

func (f *framer) peekBuffered() (byte, error) {
	if f.r.Buffered() == 0 {
		return 0, io.EOF
	}
	b, err := f.r.Peek(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

func (f *framer) message() (frame, error) {
	f.begun()
	head, err := f.readHead()
	if err != nil {
		return frame{data: f.buf, head: len(f.buf)}, err
	}
	n, err := contentLength(f.buf[:head])
	if err != nil {
		return frame{data: f.buf, head: head}, err
	}
	if n > f.maxMessage-head {
		return frame{data: f.buf, head: head}, ErrTooLarge
	}
	total := head + n
	if cap(f.buf) < total {
		f.buf = append(make([]byte, 0, total), f.buf...)
	}
	f.buf = f.buf[:total]
	if _, err := io.ReadFull(f.r, f.buf[head:]); err != nil {
		return frame{}, err
	}
	f.ended()
	return frame{kind: frameMessage, data: f.buf, head: head}, nil
}

// readHead fills buf with the start line and headers up to and with the empty line.
func (f *framer) readHead() (int, error) {
	const keep = 8 << 10 // a buffer grown by one large message is not kept for ever
	if cap(f.buf) > keep {
		f.buf = nil
	}
	f.buf = f.buf[:0]
	lines := 0
	lineStart := 0
	for {
		part, err := f.r.ReadSlice('\n')
		if len(f.buf)+len(part) > f.maxMessage {
			return 0, ErrTooLarge
		}
		f.buf = append(f.buf, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return 0, err
		}
		line := f.buf[lineStart:]
		if len(line) < 2 || line[len(line)-2] != '\r' {
			return 0, ErrFraming // RFC 3261 §7: lines end with CRLF
		}
		if len(line) == 2 {
			return len(f.buf), nil
		}
		lineStart = len(f.buf)
		if lines++; lines > f.maxHeaderLines {
			return 0, ErrTooLarge
		}
	}
}

// contentLength finds the length of the body. Over streams the header must be there (RFC 3261 §18.3), and two that
// differ would let a peer smuggle a message past a proxy.
func contentLength(head []byte) (int, error) {
	found := -1
	for name, value := range headerLines(head) {
		if !isName(name, "content-length", "l") {
			continue
		}
		n, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 31)
		if err != nil || (found >= 0 && found != int(n)) {
			return 0, ErrFraming
		}
		found = int(n)
	}
	if found < 0 {
		return 0, ErrFraming
	}
	return found, nil
}
