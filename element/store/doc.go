// Package store keeps the configuration: immutable snapshots that readers hold
// without waiting, transactions that change them, the canonical text on disk,
// its history, sealed secrets and the lock on the data folder.
//
// # The life of a transaction (DESIGN §3)
//
//	syntax → semantics → prepare → persist → swap → run commands
//
// Begin takes the one writer's place. Set checks access, type, size, range and
// label and edits the candidate. Commit lets every Editor carry out the
// assignments that edit (clone-from, key changes), sees that active rows have
// what they need, lets every Participant normalise the candidate (rows that
// belong to the system, two variables that say the same) and validate it, prepares the
// commands, prepares the participants, writes the canonical text, swaps the
// snapshot, commits the participants and runs the commands in the order in
// which they were set. Whatever fails before the text is renamed into place
// leaves nothing changed. After the swap nothing can fail.
//
// # On disk
//
//	lock            one process per data folder
//	key             seals secrets, 0600
//	config          canonical text: only what is not at its default
//	history/NNNN    the texts before, oldest dropped after HistoryDepth; not those
//	                before changes of who may change his own things alone
//	state/NAME      small values that are no configuration (engine boots, …)
//
// The rename of config is the commit point. Rows whose StorageType is volatile
// or readOnly are not in the text: those end with the process, these the
// services make anew.
//
// # Concurrency
//
// Current may be called from anywhere. A Tx belongs to one goroutine. Change
// functions of participants run on the committing goroutine.
//
// It imports mib, mib/text and element/access. Start reading at commit.go.
package store
