package cert

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
	"time"

	"mibgate/element/certfile"
)

// maxParsed bounds what is kept; beyond it everything is forgotten, for what is
// in use is soon there again.
const maxParsed = 1024

// parsed is what the texts of one row hold. It never changes.
type parsed struct {
	err    error // why the certificate cannot be read; then there is nothing else
	keyErr error // why the private key cannot be used; nil when there is none
	certs  []*x509.Certificate
	info   certfile.Info   // of the first
	until  time.Time       // the earliest end of a validity
	pem    string          // normal form of the certificates, "" when they cannot be read
	key    string          // normal form of the private key
	tls    tls.Certificate // of a host certificate with its key
}

// usable reports whether a host certificate can be presented.
func (p *parsed) usable() bool { return p.err == nil && p.tls.PrivateKey != nil }

type texts struct{ certificate, key string }

// cache keeps what has been parsed by its texts. The zero value is empty.
type cache struct {
	mu     sync.Mutex
	hosts  map[texts]*parsed
	others map[string]*parsed
}

func (c *cache) host(certificate, key string) *parsed {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := texts{certificate, key}
	p := c.hosts[at]
	if p == nil {
		p = parseHost(certificate, key)
		if c.hosts == nil || len(c.hosts) >= maxParsed {
			c.hosts = map[texts]*parsed{}
		}
		c.hosts[at] = p
	}
	return p
}

func (c *cache) other(certificate string) *parsed {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.others[certificate]
	if p == nil {
		p = parseOther(certificate)
		if c.others == nil || len(c.others) >= maxParsed {
			c.others = map[string]*parsed{}
		}
		c.others[certificate] = p
	}
	return p
}

// parseOther reads certificates that are trusted or help to build chains. A
// private key that came with them is dropped.
func parseOther(certificate string) *parsed {
	f, err := certfile.Parse([]byte(certificate))
	if err != nil {
		return &parsed{err: err}
	}
	return describe(f)
}

// parseHost reads a certificate with its chain, and its key. When the key is of
// no use the certificate can still be shown.
func parseHost(certificate, key string) *parsed {
	f, err := certfile.Parse([]byte(certificate))
	if err != nil {
		return &parsed{err: err, key: key}
	}
	if key != "" {
		pair, err := certfile.ParsePair([]byte(certificate), []byte(key))
		if err != nil {
			p := describe(f)
			p.keyErr, p.key = err, key
			if f.Key != nil { // two keys: none may be lost unseen
				p.pem = ""
			}
			return p
		}
		f = pair
	}
	p := describe(f)
	if f.Key == nil {
		return p
	}
	p.key = string(f.KeyPEM())
	p.tls, p.keyErr = f.TLS()
	return p
}

func describe(f *certfile.File) *parsed {
	p := &parsed{certs: f.Certificates, info: certfile.Describe(f.Leaf()), pem: string(f.CertificatesPEM())}
	p.until = p.info.NotAfter
	for _, c := range f.Certificates {
		if c.NotAfter.Before(p.until) {
			p.until = c.NotAfter
		}
	}
	return p
}
