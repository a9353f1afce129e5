package lab

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// teller prints one line per happening, from any goroutine.
type teller struct {
	mu sync.Mutex
	w  io.Writer
}

func (t *teller) say(who, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.w, "%s  %-6s %s\n", time.Now().Format("15:04:05.000"), who, fmt.Sprintf(format, args...))
}
