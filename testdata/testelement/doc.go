// Package testelement is an element for tests: the real model in a temporary
// data folder, with the services a test gives it.
//
// When the test is over it checks what must hold for ever (DESIGN §7): every
// object answers with a value of its syntax, also while the services are
// stopped; what is in force equals what a reader of the data folder finds; no
// goroutine is left.
//
// It imports element, agent/script and agent/view: tests assign and read in
// script syntax. Its functions are called from the test's goroutine. Start
// reading at New.
package testelement
