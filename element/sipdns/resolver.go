package sipdns

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"mibgate/element/siptransport"
)

// Level is how far RFC 3263 is followed. The numbers are those of SupportedDnsQueries.
type Level int

// Levels.
const (
	Address Level = 100 // A and AAAA only
	SRV     Level = 200 // SRV, then A and AAAA
	NAPTR   Level = 300 // NAPTR, SRV, A and AAAA
)

// Config is what a Resolver is made of.
type Config struct {
	// Servers are DNS servers, host or host:port; none means those of /etc/resolv.conf, read for every Locate.
	Servers []string
	// Level is Address when zero.
	Level Level
	// IPv4Only leaves AAAA out (DnsIpVersion); else IPv4 addresses are tried first.
	IPv4Only bool
	// QueryTimeout bounds one query to one server; 0 means 2 s. Timeout bounds a whole Locate; 0 means 8 s.
	QueryTimeout, Timeout time.Duration
	// Rand orders SRV records of one priority by weight; nil means random. It returns a number in [0,n).
	Rand func(n int) int
}

// Target is one address to try.
type Target struct {
	Addr      netip.AddrPort
	Transport siptransport.Transport
	// Host is the name that had the address, or the literal.
	Host             string
	Priority, Weight uint16 // of the SRV record; 0 without one
}

// Result is where a server is found.
type Result struct {
	// Host is the configured host without port and brackets.
	Host string
	// Targets in the order in which they are to be tried; never empty.
	Targets []Target
	// Names are the targets of SRV records, against which a certificate may be checked (dnsSrvResponse).
	Names []string
}

// Addrs lists the addresses of the targets.
func (r Result) Addrs() []netip.AddrPort {
	out := make([]netip.AddrPort, len(r.Targets))
	for i, t := range r.Targets {
		out[i] = t.Addr
	}
	return out
}

// Bounds on what a DNS server can make us do.
const (
	maxRecords = 16 // SRV or NAPTR records used of one answer
	maxAddrs   = 8  // addresses used of one name
	maxTargets = 32 // in a Result
	maxAliases = 8  // CNAME steps
	maxQueries = 64 // of one Locate
)

// Resolver locates servers.
type Resolver struct {
	cfg Config
}

// New makes a resolver.
func New(cfg Config) *Resolver {
	if cfg.Level == 0 {
		cfg.Level = Address
	}
	if cfg.QueryTimeout <= 0 {
		cfg.QueryTimeout = 2 * time.Second
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 8 * time.Second
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.IntN
	}
	return &Resolver{cfg: cfg}
}

// Split takes "host", "host:port", "address", "address:port" or "[v6]:port" apart. The port is 0 when there is none or
// it is 0, which both mean: SRV or the default. The error is ErrBadHost.
func Split(hostPort string) (host string, port uint16, err error) {
	s := strings.TrimSpace(hostPort)
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap().String(), 0, nil
	}
	host = s
	if h, p, err := net.SplitHostPort(s); err == nil {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return "", 0, fmt.Errorf("%w: %q", ErrBadHost, hostPort)
		}
		host, port = h, uint16(n)
	}
	host = strings.TrimSuffix(host, ".")
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().String(), port, nil
	}
	if _, ok := dns.IsDomainName(host); !ok || host == "" || strings.ContainsFunc(host, notInName) {
		return "", 0, fmt.Errorf("%w: %q", ErrBadHost, hostPort)
	}
	return host, port, nil
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}

// Locate finds the targets of a configured host[:port] for the transports given, the preferred one first. A literal
// address needs no DNS; a port leaves NAPTR and SRV out (RFC 3263 §4.2).
func (r *Resolver) Locate(ctx context.Context, hostPort string, transports ...siptransport.Transport) (Result, error) {
	host, port, err := Split(hostPort)
	if err != nil {
		return Result{}, err
	}
	if len(transports) == 0 {
		return Result{}, fmt.Errorf("%w: no transport for %q", ErrNotFound, hostPort)
	}
	res := Result{Host: host}
	if a, err := netip.ParseAddr(host); err == nil {
		for _, t := range transports {
			res.Targets = append(res.Targets, Target{Addr: netip.AddrPortFrom(a, orDefault(port, t)), Transport: t, Host: host})
		}
		return res, nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	q, err := r.newSession(ctx)
	if err != nil {
		return Result{}, err
	}
	if port == 0 {
		q.services(&res, transports)
	}
	if len(res.Targets) == 0 {
		for _, t := range transports {
			for _, a := range q.addresses(host) {
				res.add(Target{Addr: netip.AddrPortFrom(a, orDefault(port, t)), Transport: t, Host: host})
			}
		}
	}
	if len(res.Targets) == 0 {
		if q.unanswered {
			return Result{}, fmt.Errorf("%w about %q", ErrNoServer, host)
		}
		return Result{}, fmt.Errorf("%w: %q", ErrNotFound, host)
	}
	return res, nil
}

func (r *Result) add(t Target) {
	if len(r.Targets) < maxTargets {
		r.Targets = append(r.Targets, t)
	}
}

func orDefault(port uint16, t siptransport.Transport) uint16 {
	if port == 0 {
		return t.DefaultPort()
	}
	return port
}
