package service

import "time"

// SetTimeouts makes a test's services late sooner.
func (s *Supervisor) SetTimeouts(start, stop time.Duration) {
	s.startTimeout, s.stopTimeout = start, stop
}

// SetRetry makes a test's services that failed start again sooner.
func (s *Supervisor) SetRetry(d time.Duration) { s.retryTime = d }
