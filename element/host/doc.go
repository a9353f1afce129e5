// Package host is the machine that the unit runs on: its network interfaces with
// their counters, addresses and neighbors, its line modules with their telephone
// ports, the traffic and the sockets of IP, memory, storage, disks, processors and
// sensors.
//
// It owns what is read of the kernel and what must be remembered to answer for
// it: since when a link is as it is, how busy the processors were, which number
// a line module had. It knows no
// MIB; agent/snmp/standard makes tables of it. Linux only, as the unit is.
//
// # Life
//
// New reads nothing. Network, System and the like answer a snapshot that is at
// most MaxAge old, so that a walk reads the kernel a few times and sees rows
// that belong together. Run keeps them fresh in between, for changes that
// nobody asks for: it tells of every change of a link, as the kernel reports it,
// and of every link that fails or does so no more, and samples the processors.
//
// # Concurrency
//
// All methods may be called from any goroutine. A snapshot never changes; who
// has one may keep it.
//
// # Why these sources
//
// Interfaces, addresses, neighbors and routes come by rtnetlink, which has
// counters, state and addresses of all interfaces in two requests; package syscall
// has the requests and the framing, so that no library is needed. Sockets come by
// sock_diag(7) (sockdiag.go), for which it has the framing: /proc takes the kernel the
// square of their number, and does not tell which of IPv6 take IPv4 as well; it is
// for kernels without. Everything else is text of /proc and /sys, and statfs(2). The
// drivers of telephone hardware tell nobody of changes: alarms of lines are seen when
// a snapshot is made.
//
// It imports nothing of ours. Start reading at host.go, then network.go and
// lines.go.
package host
