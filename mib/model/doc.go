// Package model is the whole model: the registry of every generated module,
// and the arc our services hang below.
//
// It owns nothing else; it imports package mib and the generated packages, and
// is imported by what must know all modules (cmd, agent). Everything in it is
// immutable. Start reading at model_gen.go; what holds for every generated
// package is tested here.
package model
