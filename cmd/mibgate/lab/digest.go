package lab

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"sync"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// digestServer checks digest credentials (RFC 3261 §22, SHA-256 of RFC 8760).
type digestServer struct {
	mu     sync.Mutex
	nonces map[string]int // last count of each
	order  []string
}

const maxNonces = 1024

func newDigestServer() *digestServer { return &digestServer{nonces: map[string]int{}} }

// check returns "" when the request is from who knows the password, and the
// challenge to send otherwise.
func (d *digestServer) check(req *sip.Request, user string) (challenge string) {
	h := req.GetHeader("Authorization")
	if h == nil {
		return d.challenge(false)
	}
	got, err := digest.ParseCredentials(h.Value())
	if err != nil || got.Username != user {
		return d.challenge(false)
	}
	if !d.fresh(got.Nonce, got.Nc) {
		return d.challenge(true)
	}
	want, err := digest.Digest(
		&digest.Challenge{Realm: Domain, Nonce: got.Nonce, Algorithm: "SHA-256", QOP: []string{"auth"}},
		digest.Options{Method: string(req.Method), URI: got.URI, Username: user, Password: Password, Cnonce: got.Cnonce, Count: got.Nc})
	if err != nil || subtle.ConstantTimeCompare([]byte(want.Response), []byte(got.Response)) != 1 {
		return d.challenge(false)
	}
	return ""
}

// fresh reports whether a nonce is ours and its count has grown.
func (d *digestServer) fresh(nonce string, count int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	last, ok := d.nonces[nonce]
	if !ok || count <= last {
		return false
	}
	d.nonces[nonce] = count
	return true
}

func (d *digestServer) challenge(stale bool) string {
	nonce := rand.Text()
	d.mu.Lock()
	d.nonces[nonce] = 0
	d.order = append(d.order, nonce)
	if len(d.order) > maxNonces {
		delete(d.nonces, d.order[0])
		d.order = d.order[1:]
	}
	d.mu.Unlock()
	return fmt.Sprintf(`Digest realm=%q, nonce=%q, algorithm=SHA-256, qop="auth", stale=%v`, Domain, nonce, stale)
}
