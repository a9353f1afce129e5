// Package script applies configuration scripts, each as one transaction, and
// writes the configuration in force as one.
//
// A script is lines of mib/text. An assignment to a cell of a missing row
// creates the row where rows may be created; rows of the system may be assigned
// to anywhere in the script that makes them appear. Either all of it takes
// effect or nothing; commands run after the commit, in the order of the script.
// What a script reads of the outside is its text and nothing else.
//
// It imports mib, mib/text, agent/view and element/store. A Script is immutable
// and may be applied any number of times. Start reading at script.go.
package script
