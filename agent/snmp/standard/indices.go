package standard

import "sync"

// indices gives keys numbers from 0 up, in the order in which they are first
// seen, and remembers them as long as the process lives: what goes and comes
// back has its number again, and nothing else ever has it. (RFC 6933 wants the
// same of entPhysicalIndex.) The zero value is ready.
type indices struct {
	mu      sync.Mutex
	numbers map[string]int
}

// of is the number of a key. There is none, and ok is false, for a new key when
// limit numbers are given away.
func (x *indices) of(key string, limit int) (number int, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n, ok := x.numbers[key]; ok {
		return n, true
	}
	if len(x.numbers) >= limit {
		return 0, false
	}
	if x.numbers == nil {
		x.numbers = map[string]int{}
	}
	n := len(x.numbers)
	x.numbers[key] = n
	return n, true
}

// places are the numbers of what comes and goes in the chassis.
type places struct{ sensors, fans, disks indices }
