package sipua

import (
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
	"mibgate/testdata/sipfuzz"
	"mibgate/testdata/testwait"
)

// TestMutants feeds damaged messages to a whole user agent. SIP_MUTANTS sets how many; 3,000 by default.
func TestMutants(t *testing.T) {
	count, err := strconv.Atoi(os.Getenv("SIP_MUTANTS"))
	if err != nil {
		count = 3000
	}
	for _, tr := range []siptransport.Transport{siptransport.UDP, siptransport.TCP} {
		t.Run(string(tr), func(t *testing.T) {
			testwait.NoLeaks(t)
			ua := New(Config{})
			defer ua.Close()
			ua.Mux.Handle(sip.OPTIONS, ua.Mux.AnswerOptions)
			ua.Mux.Handle(sip.INVITE, ua.Mux.Refuse(480, "Temporarily Unavailable"))
			addr, err := ua.Transport.Listen(tr, netip.MustParseAddrPort("127.0.0.1:0"), nil)
			if err != nil {
				t.Fatal(err)
			}
			before := heap()
			res, err := sipfuzz.Feed{Network: strings.ToLower(string(tr)), Addr: addr.String(), Count: count, Seed: 1}.Run()
			if err != nil {
				t.Fatal(err)
			}
			after := heap()
			t.Logf("%+v, %+v, heap %d → %d KiB", res, ua.Transactions.Stats(), before>>10, after>>10)
			if after > before+(16<<20) {
				t.Errorf("heap grew from %d to %d octets", before, after)
			}
			if ua.Transactions.Stats().Panics != 0 {
				t.Error("a handler panicked")
			}
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
