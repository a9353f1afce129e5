package responder

// ring is a queue, whose ends move and whose elements stay. It grows to what was
// in it at most.
type ring[T any] struct {
	all  []T
	head int // of all: the oldest
	n    int
}

func (q *ring[T]) front() *T { return &q.all[q.head] }

func (q *ring[T]) pop() {
	var none T
	q.all[q.head] = none // lets go of what it refers to
	q.head = (q.head + 1) % len(q.all)
	q.n--
}

func (q *ring[T]) push(v T) {
	if q.n == len(q.all) {
		grown := make([]T, max(2*q.n, 16))
		m := copy(grown, q.all[q.head:])
		copy(grown[m:], q.all[:q.head])
		q.all, q.head = grown, 0
	}
	q.all[(q.head+q.n)%len(q.all)] = v
	q.n++
}
