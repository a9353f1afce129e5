package sipdns

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"github.com/miekg/dns"

	"mibgate/element/siptransport"
)

// session is one Locate: it counts queries and keeps addresses that were found.
type session struct {
	r          *Resolver
	ctx        context.Context
	servers    []string
	queries    int
	unanswered bool // a query got no usable answer from any server
	known      map[string][]netip.Addr
}

func (r *Resolver) newSession(ctx context.Context) (*session, error) {
	servers := slices.Clone(r.cfg.Servers)
	if len(servers) == 0 {
		if conf, err := dns.ClientConfigFromFile("/etc/resolv.conf"); err == nil {
			for _, s := range conf.Servers {
				servers = append(servers, net.JoinHostPort(s, conf.Port))
			}
		}
	}
	if len(servers) == 0 {
		return nil, ErrNoServer
	}
	for i, s := range servers {
		if _, _, err := net.SplitHostPort(s); err != nil {
			servers[i] = net.JoinHostPort(strings.Trim(s, "[]"), "53")
		}
	}
	return &session{r: r, ctx: ctx, servers: servers, known: make(map[string][]netip.Addr)}, nil
}

// ask puts one question to the servers in turn and returns the records of the answer section, nil without answer.
func (q *session) ask(name string, kind uint16) []dns.RR {
	msg := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
	msg.SetEdns0(1232, false)
	for _, server := range q.servers {
		if q.queries++; q.queries > maxQueries || q.ctx.Err() != nil {
			break
		}
		if res := q.exchange(msg, server); res != nil {
			return res.Answer
		}
	}
	q.unanswered = true
	return nil
}

// exchange asks one server, by TCP when the answer does not fit. Nil means: ask the next one.
func (q *session) exchange(msg *dns.Msg, server string) *dns.Msg {
	for _, network := range []string{"udp", "tcp"} {
		c := dns.Client{Net: network, Timeout: q.r.cfg.QueryTimeout}
		res, _, err := c.ExchangeContext(q.ctx, msg, server)
		if err != nil || res == nil || (res.Rcode != dns.RcodeSuccess && res.Rcode != dns.RcodeNameError) {
			return nil
		}
		if len(res.Question) != 1 || !strings.EqualFold(res.Question[0].Name, msg.Question[0].Name) {
			return nil
		}
		if !res.Truncated {
			return res
		}
	}
	return nil
}

// owner follows the aliases in an answer from name to the name that has the records.
func owner(answer []dns.RR, name string) string {
	name = dns.Fqdn(name)
	for range maxAliases {
		next := ""
		for _, rr := range answer {
			if c, ok := rr.(*dns.CNAME); ok && strings.EqualFold(c.Hdr.Name, name) {
				next = c.Target
			}
		}
		if next == "" {
			return name
		}
		name = next
	}
	return name
}

// addresses asks for A and AAAA, IPv4 first.
func (q *session) addresses(name string) []netip.Addr {
	key := strings.ToLower(strings.TrimSuffix(name, "."))
	if list, ok := q.known[key]; ok {
		return list
	}
	var list []netip.Addr
	kinds := []uint16{dns.TypeA, dns.TypeAAAA}
	if q.r.cfg.IPv4Only {
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		answer := q.ask(name, kind)
		at := owner(answer, name)
		for _, rr := range answer {
			if !strings.EqualFold(rr.Header().Name, at) || len(list) >= maxAddrs {
				continue
			}
			var ip net.IP
			switch rr := rr.(type) {
			case *dns.A:
				ip = rr.A
			case *dns.AAAA:
				ip = rr.AAAA
			}
			if a, ok := netip.AddrFromSlice(ip); ok {
				list = append(list, a.Unmap())
			}
		}
	}
	q.known[key] = list
	return list
}

// service is an SRV name of one transport.
type service struct {
	name      string
	transport siptransport.Transport
}

// prefixes are the SRV names of a domain (RFC 3263 §4.2) and the NAPTR services (§4.1).
var prefixes = map[siptransport.Transport]struct{ srv, naptr string }{
	siptransport.TLS: {"_sips._tcp.", "SIPS+D2T"}, siptransport.TCP: {"_sip._tcp.", "SIP+D2T"}, siptransport.UDP: {"_sip._udp.", "SIP+D2U"},
}

// services fills in the targets that NAPTR and SRV give.
func (q *session) services(res *Result, transports []siptransport.Transport) {
	if q.r.cfg.Level < SRV {
		return
	}
	var list []service
	if q.r.cfg.Level >= NAPTR {
		list = q.naptr(res.Host, transports)
	}
	if len(list) == 0 {
		for _, t := range transports {
			list = append(list, service{prefixes[t].srv + res.Host, t})
		}
	}
	for _, s := range list {
		for _, rr := range q.srv(s.name) {
			host := strings.TrimSuffix(rr.Target, ".")
			if host == "" {
				continue // RFC 2782: the service is decidedly not available
			}
			if !slices.Contains(res.Names, host) {
				res.Names = append(res.Names, host)
			}
			for _, a := range q.addresses(host) {
				addr := netip.AddrPortFrom(a, orDefault(rr.Port, s.transport))
				res.add(Target{Addr: addr, Transport: s.transport, Host: host, Priority: rr.Priority, Weight: rr.Weight})
			}
		}
	}
}

// naptr asks which services a domain has (RFC 3263 §4.1), in the domain's order, for our transports only.
func (q *session) naptr(host string, transports []siptransport.Transport) []service {
	answer := q.ask(host, dns.TypeNAPTR)
	at := owner(answer, host)
	var records []*dns.NAPTR
	for _, rr := range answer {
		n, ok := rr.(*dns.NAPTR)
		if ok && strings.EqualFold(n.Hdr.Name, at) && strings.EqualFold(n.Flags, "s") && n.Regexp == "" && len(records) < maxRecords {
			records = append(records, n)
		}
	}
	sort.SliceStable(records, func(i, j int) bool {
		a, b := records[i], records[j]
		return a.Order < b.Order || (a.Order == b.Order && a.Preference < b.Preference)
	})
	var out []service
	for _, n := range records {
		for _, t := range transports {
			if strings.EqualFold(n.Service, prefixes[t].naptr) {
				out = append(out, service{n.Replacement, t})
			}
		}
	}
	return out
}

// srv asks for the servers of a service, in the order of RFC 2782.
func (q *session) srv(name string) []*dns.SRV {
	answer := q.ask(name, dns.TypeSRV)
	at := owner(answer, name)
	var records []*dns.SRV
	for _, rr := range answer {
		if s, ok := rr.(*dns.SRV); ok && strings.EqualFold(s.Hdr.Name, at) && len(records) < maxRecords {
			records = append(records, s)
		}
	}
	sort.SliceStable(records, func(i, j int) bool {
		a, b := records[i], records[j]
		// Weight 0 first within a priority, as RFC 2782 asks of the list to draw from.
		return a.Priority < b.Priority || (a.Priority == b.Priority && a.Weight == 0 && b.Weight != 0)
	})
	var out []*dns.SRV
	for len(records) > 0 {
		n := 1
		for n < len(records) && records[n].Priority == records[0].Priority {
			n++
		}
		out = append(out, q.draw(records[:n])...)
		records = records[n:]
	}
	return out
}

// draw orders the records of one priority: each place is drawn with a chance in proportion to the weight.
func (q *session) draw(records []*dns.SRV) []*dns.SRV {
	left := slices.Clone(records)
	out := make([]*dns.SRV, 0, len(left))
	for len(left) > 0 {
		sum := 0
		for _, s := range left {
			sum += int(s.Weight)
		}
		pick, running := q.r.cfg.Rand(sum+1), 0
		for i, s := range left {
			if running += int(s.Weight); running >= pick {
				out = append(out, s)
				left = slices.Delete(left, i, i+1)
				break
			}
		}
	}
	return out
}
