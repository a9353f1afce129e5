package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"mibgate/element/access"
	"mibgate/mib"
)

// HistoryDepth is how many texts before the current one are kept.
const HistoryDepth = 20

// Store is the configuration of one data folder.
type Store struct {
	reg          *mib.Registry
	dir          string
	disk         disk
	seal         *sealer
	lock         *os.File
	isNew        bool
	participants []Participant
	runtime      Runtime

	current atomic.Pointer[Snapshot]
	writer  chan struct{} // holds the one writer's place
	written []byte        // the text on disk; the writer's
	printed printed       // the text of the last commit, written or not; the writer's

	watchMu  sync.Mutex
	watchers []func(old, next *Snapshot)
	trouble  func(err error)
	troubled bool // the writer's
}

// Open locks the data folder, making it when it is missing, and reads its
// configuration. What is read is not validated: Start does, when the
// participants are known.
func Open(dir string, reg *mib.Registry) (*Store, error) {
	for _, d := range []string{dir, filepath.Join(dir, "history")} {
		if err := makeFolder(d); err != nil {
			return nil, err
		}
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{reg: reg, dir: dir, disk: disk{dir: dir}, lock: lock, writer: make(chan struct{}, 1), runtime: noRuntime{}}
	if err := s.load(); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) load() error {
	var err error
	if s.seal, err = loadSealer(filepath.Join(s.dir, "key")); err != nil {
		return err
	}
	snap, text, err := s.read()
	if err != nil {
		return err
	}
	s.isNew = text == nil
	s.written = text
	s.current.Store(snap)
	return nil
}

// IsNew reports whether the folder had no configuration when it was opened.
func (s *Store) IsNew() bool { return s.isNew }

// Dir is the data folder.
func (s *Store) Dir() string { return s.dir }

// Registry is the model the store was opened with.
func (s *Store) Registry() *mib.Registry { return s.reg }

// Factory makes the factory configuration of a new folder: f edits the
// defaults. It has no effect on a folder that has a configuration, and is
// called before Start, which writes it.
func (s *Store) Factory(f func(c *Candidate)) {
	if !s.isNew {
		return
	}
	c := newCandidate(s.Current())
	c.before = nil
	f(c)
	c.snap.Seq = 0
	s.current.Store(c.snap)
}

// Start names the participants, in dependency order, and the runtime, then
// normalises and validates what was read.
func (s *Store) Start(rt Runtime, participants ...Participant) error {
	s.runtime, s.participants = rt, participants
	tx, err := s.Begin(context.Background(), access.Internal)
	if err != nil {
		return err
	}
	tx.cand.before, tx.cand.began = nil, nil
	if s.isNew {
		tx.force = true
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("the stored configuration is not valid: %w (mibgate rollback goes back to the one before)", err)
	}
	return nil
}

// Current is the snapshot in force; readers never wait.
func (s *Store) Current() *Snapshot { return s.current.Load() }

// Watch calls f after every commit that changed the configuration, on the
// committing goroutine while it still has the writer's place: f must not begin
// a transaction.
func (s *Store) Watch(f func(old, next *Snapshot)) {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	s.watchers = append(s.watchers, f)
}

// OnTrouble names who is told that a commit could neither be carried out nor
// undone, so that nobody knows which configuration is on disk, and, with nil,
// that a later commit has put that right. f runs on the committing goroutine.
func (s *Store) OnTrouble(f func(err error)) {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	s.trouble = f
}

// tellTrouble tells the outcome of a write when it changes anything.
func (s *Store) tellTrouble(err error) {
	now := errors.Is(err, errUndo)
	if !now && (!s.troubled || err != nil) {
		return
	}
	s.troubled = now
	s.watchMu.Lock()
	f := s.trouble
	s.watchMu.Unlock()
	if f != nil {
		f(err)
	}
}

func (s *Store) notify(old, next *Snapshot) {
	s.watchMu.Lock()
	ws := s.watchers
	s.watchMu.Unlock()
	for _, f := range ws {
		f(old, next)
	}
}

// Begin waits for the writer's place; when ctx ends first the error is of kind
// mib.ErrUnavailable.
func (s *Store) Begin(ctx context.Context, who access.Principal) (*Tx, error) {
	select {
	case s.writer <- struct{}{}:
	case <-ctx.Done():
		return nil, &mib.Error{Kind: mib.ErrUnavailable, Detail: "another change is under way, try again", Position: -1}
	}
	tx := &Tx{store: s, who: who, cand: newCandidate(s.Current()), where: map[string]int{}}
	tx.cand.who, tx.cand.assigned = who, tx.where
	if s.disk.held {
		tx.cand.began = nil
	}
	return tx, nil
}

func (s *Store) release() { <-s.writer }

// Fingerprint is what a view shows of a secret: a keyed hash that is equal for
// equal secrets of this unit and tells nothing without its key. "" for "".
func (s *Store) Fingerprint(secret string) string { return s.seal.fingerprint(secret) }

// Close gives up the data folder. The store must not be used afterwards.
func (s *Store) Close() error {
	s.writer <- struct{}{}
	return s.lock.Close()
}

type noRuntime struct{}

func (noRuntime) Status(*mib.Module) any   { return nil }
func (noRuntime) Commands(*mib.Module) any { return nil }
