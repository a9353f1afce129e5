// Package usm is the User-based Security Model of SNMPv3 (RFC 3414) with the
// protocols of RFC 3826 (AES-128), RFC 7860 (HMAC-SHA-2) and the two key
// extensions by which AES-192 and AES-256 are used in the field.
//
// It owns keys, digests, encryption, the time window and the reports; it does
// not own accounts (Users is the caller's), sockets, or where engineBoots is
// kept. It may import message, ber and mib. The hash functions and ciphers are
// the standard library's; there is no USM library to take: gosnmp's is bound
// to its client, authenticates with untyped errors and allocates per packet.
//
// # The authoritative side: Engine
//
//	err := engine.Incoming(&m, &ctx)
//	if err != nil {
//		if out := engine.Report(&b, &m, &ctx, err); out != nil { … send out … }
//		return
//	}
//	// m.PDU is there; ctx.User() asks at ctx.Level()
//	b.Begin(message.Reply(&m, &ctx, maxSize), limit)
//
// Incoming works through RFC 3414 §3.2 in its order: nothing is decrypted, and
// nothing of the PDU is looked at, before the digest and the time are right.
// Traps, for which the sender is authoritative, are sealed by a Context that
// Engine.Originate made.
//
// # The other side: Remote
//
// A Remote is one inform receiver: it discovers its engine ID, keeps its
// clock, and seals and opens for it (RFC 3414 §4, §3.2 step 7b).
//
// # Concurrency
//
// Engine, Remote, User, UserTable and KeyCache may be used by any number of
// goroutines. A Context belongs to one, as Message and Builder do, and is
// reused from packet to packet: then nothing is allocated.
//
// Start reading at incoming.go, then context.go and key.go.
package usm
