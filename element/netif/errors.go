package netif

import "errors"

var (
	// ErrNetworkDown means that the interface exists in principle but has no IPv4 address now: there is no
	// default route, the interface is down, or nothing has configured it yet. It may pass.
	ErrNetworkDown = errors.New("Network down") //nolint:staticcheck,revive // the text an operator reads as the state of a gateway
	// ErrNoSuchInterface means that no interface of the host has that name.
	ErrNoSuchInterface = errors.New("no such network interface")
)
