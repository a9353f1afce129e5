package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// SocketName is the file of the control socket in the data folder.
const SocketName = "control.sock"

// maxSunPath is what sun_path of struct sockaddr_un holds before its final
// zero (unix(7)).
const maxSunPath = 107

// within gives a name for file in dir that is short enough for a socket, and
// what to release after use. A path that is too long is replaced by one over
// an open descriptor of the folder, which means the same file.
func within(dir, file string) (name string, release func(), err error) {
	if name = filepath.Join(dir, file); len(name) <= maxSunPath {
		return name, func() {}, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) + "/" + file, func() { _ = f.Close() }, nil
}

// listen makes the control socket of dir. It is bound under another name, made
// 0600 and then moved into place, so that nobody finds it half made and a
// stale one is replaced. The caller holds the lock of the data folder.
func listen(dir string) (*net.UnixListener, error) {
	temp := SocketName + ".new"
	if err := os.Remove(filepath.Join(dir, temp)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	name, release, err := within(dir, temp)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	defer release()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l.SetUnlinkOnClose(false) // it is moved; Close of the Server removes it
	err = os.Chmod(filepath.Join(dir, temp), 0o600)
	if err == nil {
		err = os.Rename(filepath.Join(dir, temp), filepath.Join(dir, SocketName))
	}
	if err != nil {
		_ = l.Close()
		_ = os.Remove(filepath.Join(dir, temp))
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return l, nil
}

// dial reaches the control socket of dir.
func dial(dir string) (*net.UnixConn, error) {
	name, release, err := within(dir, SocketName)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	defer release()
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: name, Net: "unix"})
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("data folder %s: %w", dir, ErrNotRunning)
	case err != nil:
		return nil, fmt.Errorf("control socket of %s: %w", dir, errors.Unwrap(err))
	}
	return c, nil
}

// admit lets the user of this process and root pass.
func admit(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var cred *syscall.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if credErr != nil {
		return credErr
	}
	if !trusted(cred.Uid) {
		return errPeer
	}
	return nil
}

func trusted(uid uint32) bool { return uid == 0 || int64(uid) == int64(os.Geteuid()) }
