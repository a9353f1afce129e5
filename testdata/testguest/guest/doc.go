// Command guest is the first and only program of the machine that package testguest boots. It takes commands on its
// console, and answers each with lines that begin with "| " and one that is "done", or "failed" and why.
//
// It is built without cgo by testguest, and runs in the machine only. It imports nothing of ours. Start reading at main.
package main
