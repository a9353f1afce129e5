package host

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestAnswersThatTakeLong: an answer is good for MaxAge after it has been read, and
// for longer when reading takes long: a walk must not spend its time on that.
func TestAnswersThatTakeLong(t *testing.T) {
	for _, tt := range []struct{ takes, good time.Duration }{
		{time.Millisecond, MaxAge}, {50 * time.Millisecond, MaxAge}, {2 * time.Second, 2 * readShare * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			reads := 0
			c := &cached[int]{read: func() int { reads++; time.Sleep(tt.takes); return reads }}
			c.get(MaxAge)
			time.Sleep(tt.good - 1)
			if got := c.get(MaxAge); got != 1 {
				t.Errorf("what takes %v is read again before %v", tt.takes, tt.good)
			}
			time.Sleep(time.Nanosecond)
			if got := c.get(MaxAge); got != 2 {
				t.Errorf("what takes %v is not read again after %v", tt.takes, tt.good)
			}
			if got := c.fresh(); got != 3 {
				t.Errorf("fresh is %d", got)
			}
		})
	}
}

// TestAnswersAreKept: within MaxAge the host is read once, and who finds somebody
// reading has the old answer.
func TestAnswersAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the clock stands still, but for Sleep
		reads := 0
		c := &cached[int]{read: func() int { reads++; return reads }}
		for i, got := range []int{c.get(time.Hour), c.get(time.Hour), c.fresh(), c.get(time.Hour)} {
			if want := []int{1, 1, 2, 2}[i]; got != want {
				t.Errorf("answer %d is of read %d, want %d", i, got, want)
			}
		}
		time.Sleep(time.Second)
		if got := c.get(time.Second); got != 3 {
			t.Errorf("an old answer is of read %d", got)
		}
		time.Sleep(time.Second)
		c.mu.Lock() // somebody reads
		defer c.mu.Unlock()
		if got := c.get(time.Second); got != 3 {
			t.Errorf("%d while somebody reads", got)
		}
	})
}
