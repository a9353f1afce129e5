package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"
)

// Client asks the unit that runs on the data folder Dir.
type Client struct{ Dir string }

// Do sends a request and copies its output to out. The error is a
// *RequestError when the unit refused, and wraps ErrNotRunning when there is
// none.
func (c Client) Do(ctx context.Context, req Request, out io.Writer) error {
	for _, a := range req.Args {
		if !utf8.ValidString(a) {
			return &RequestError{Message: fmt.Sprintf("%q is not UTF-8 text", a), Fault: true}
		}
	}
	conn, err := dial(c.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	_ = conn.SetWriteDeadline(time.Now().Add(silence))
	// A server that refuses answers before it has read all: its answer counts.
	sendErr := json.NewEncoder(conn).Encode(req)
	dec := json.NewDecoder(conn)
	for {
		var r Reply
		_ = conn.SetReadDeadline(time.Now().Add(silence))
		if err := dec.Decode(&r); err != nil {
			return broken(ctx, errors.Join(sendErr, err))
		}
		if _, err := out.Write(r.Out); err != nil {
			return fmt.Errorf("output: %w", err)
		}
		if r.End {
			if r.Error != "" {
				return &RequestError{Message: r.Error, Fault: r.Fault}
			}
			return nil
		}
	}
}

func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.EOF) {
		return errors.New("the unit ended before it had answered")
	}
	return fmt.Errorf("control socket: %w", err)
}
