package cli

import "time"

// What a peer may take.
const (
	// maxConnections bounds the connections that are served at once; more wait.
	maxConnections = 16
	// maxRequest bounds a request in octets: a script of script.MaxSize with
	// its escapes fits.
	maxRequest = 24 << 20
	// chunk is how much output goes into one Reply.
	chunk = 32 << 10
	// readTimeout is how long a request may take to arrive.
	readTimeout = 10 * time.Second
	// writeTimeout is how long a peer may leave a Reply unread.
	writeTimeout = 10 * time.Second
	// beginTimeout is how long a change waits for the one before it.
	beginTimeout = 5 * time.Second
	// silence is how long a client waits for the next Reply. The longest a
	// commit may take is far below it.
	silence = 2 * time.Minute
)
