// Package testwait holds what tests need to wait for events without guessing times, and to see that no goroutine is
// left behind. It imports the standard library only; its functions are called from the test's goroutine.
package testwait
