package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// defaultExpires is what a registration without Expires gets, in seconds, and
// the most that any gets.
const defaultExpires = 3600

// expiry reads what a REGISTER proposes (RFC 3261 §10.3 step 7).
func expiry(req *sip.Request) int {
	text := ""
	if h := req.GetHeader("Expires"); h != nil {
		text = h.Value()
	}
	if c := req.Contact(); c != nil && c.Params != nil {
		if v, ok := c.Params.Get("expires"); ok {
			text = v
		}
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 || n > defaultExpires {
		return defaultExpires
	}
	return n
}

// relay forwards a request to the user it names, over that user's connection.
// The branch is a function of the request, so that retransmissions and CANCEL
// take the same path (RFC 3261 §16.11).
func (r *Registrar) relay(f siptransport.Flow, req *sip.Request) error {
	to, ok := r.lookup(req.Recipient.User)
	if !ok {
		if req.Method == sip.ACK {
			return nil
		}
		return f.Send(sip.NewResponseFromRequest(req, sip.StatusNotFound, "Not Found", nil))
	}
	if !decrement(req) {
		return f.Send(sip.NewResponseFromRequest(req, 483, "Too Many Hops", nil))
	}
	out := req.Clone()
	out.Recipient = to.contact
	branch := "z9hG4bK" + pathID(req)
	local := to.flow.Local()
	params := sip.NewParams()
	params.Add("branch", branch)
	out.PrependHeader(&sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: string(siptransport.TLS),
		Host: local.Addr().String(), Port: int(local.Port()), Params: params,
	})
	r.remember(branch, f)
	r.say.say("SIP", "%s for %s relayed to %s", req.Method, req.Recipient.User, to.flow.Remote())
	return to.flow.Send(out)
}

// decrement lowers Max-Forwards; false when it was used up.
func decrement(req *sip.Request) bool {
	h := req.MaxForwards()
	if h == nil {
		fresh := sip.MaxForwardsHeader(70)
		req.AppendHeader(&fresh)
		return true
	}
	if *h == 0 {
		return false
	}
	*h--
	return true
}

func pathID(req *sip.Request) string {
	h := sha256.New()
	if via := req.Via(); via != nil {
		branch, _ := via.Params.Get("branch")
		h.Write([]byte(branch + via.Host))
	}
	if id := req.CallID(); id != nil {
		h.Write([]byte(id.Value()))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func (r *Registrar) remember(branch string, f siptransport.Flow) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.paths[branch]; !known {
		r.order = append(r.order, branch)
	}
	r.paths[branch] = f
	if len(r.order) > maxPaths {
		delete(r.paths, r.order[0])
		r.order = r.order[1:]
	}
}

// relayBack takes our Via off an answer and sends it where the request came
// from.
func (r *Registrar) relayBack(res *sip.Response) error {
	via := res.Via()
	if via == nil {
		return nil
	}
	branch, _ := via.Params.Get("branch")
	r.mu.Lock()
	f := r.paths[branch]
	r.mu.Unlock()
	if f == nil {
		return nil
	}
	out := res.Clone()
	out.RemoveHeader("Via")
	return f.Send(out)
}
