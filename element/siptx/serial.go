package siptx

import "sync"

// serializer runs functions one at a time per key, in order, and different keys at the same time.
type serializer struct {
	mu     sync.Mutex
	queues map[string][]func() // a key is here while its goroutine runs
	closed bool
	wg     sync.WaitGroup
}

// maxQueued bounds what a peer can pile up on one Call-ID while its handler runs.
const maxQueued = 128

func newSerializer() *serializer { return &serializer{queues: make(map[string][]func())} }

// do runs fn after everything given before under the same key. It returns false, without running fn, after close, and
// when fn comes from the network (bounded) and too much is waiting already.
func (s *serializer) do(key string, bounded bool, fn func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	queue, running := s.queues[key]
	if bounded && len(queue) >= maxQueued {
		return false
	}
	s.queues[key] = append(queue, fn)
	if !running {
		s.wg.Add(1)
		go s.run(key)
	}
	return true
}

func (s *serializer) run(key string) {
	defer s.wg.Done()
	for {
		s.mu.Lock()
		queue := s.queues[key]
		if len(queue) == 0 {
			delete(s.queues, key)
			s.mu.Unlock()
			return
		}
		fn := queue[0]
		queue[0] = nil
		s.queues[key] = queue[1:]
		s.mu.Unlock()
		fn()
	}
}

// close lets nothing more in and waits for what is queued.
func (s *serializer) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.wg.Wait()
}
