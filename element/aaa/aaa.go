package aaa

import (
	"context"

	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/aaa"
)

// AdminName is the account of the factory configuration.
const AdminName = "admin"

// MinPassword is how many octets a password needs before SNMPv3 can use it
// (RFC 3414 §11.2).
const MinPassword = 8

// MaxUsers is how many accounts there may be: each costs two hashes over 1 MiB
// whenever the variables of SNMPv3 change.
const MaxUsers = 32

// Service is the account service.
type Service struct{ store.NoChange }

// New makes the service.
func New() *Service { return &Service{} }

// Module is MIBGATE-AAA-MIB.
func (s *Service) Module() *mib.Module { return aaa.Module }

// Start has nothing to do.
func (s *Service) Start(context.Context, *store.Snapshot) error { return nil }

// Stop has nothing to do.
func (s *Service) Stop(context.Context) error { return nil }

// NeedRestart is never needed: accounts are read when they matter.
func (s *Service) NeedRestart(_, _ *store.Snapshot) bool { return false }

// Status implements service.Service.
func (s *Service) Status() any { return status{} }

// Commands implements service.Service.
func (s *Service) Commands() any { return nil }

var _ aaa.Status = status{}

type status struct{}

func (status) NeedRestartInfo() aaa.NeedRestartInfo { return aaa.NeedRestartInfoNo }

// Factory makes the admin account with its initial password.
func Factory(c *store.Candidate, password string) {
	cfg, tok := c.Edit(aaa.Module)
	row := aaa.NewUsersRow(AdminName)
	row.Password, row.AccessRights = password, aaa.UsersAccessRightsAdmin
	cfg.(*aaa.Config).AddUsers(tok, row) //nolint:forcetypeassert // the module's own type
}

// Validate sees to it that somebody can still administer the unit, and that the
// accounts are not too many.
func (s *Service) Validate(c mib.Configs) error {
	if err := store.CheckRows(c, aaa.Tables.Users, MaxUsers); err != nil {
		return err
	}
	for u := range aaa.Of(c).Users.Active() {
		if u.AccessRights == aaa.UsersAccessRightsAdmin && u.Password != "" {
			return nil
		}
	}
	return &mib.Error{
		Kind: mib.ErrInconsistent, Path: aaa.Objects.UsersAccessRights.Path(),
		Detail: "would leave no active account with the role admin and a password; make another one first", Position: -1,
	}
}

// Account is one login.
type Account struct {
	Name     string
	Password string
	Role     access.Role
}

// Find reads an account; ok is false when there is none or it is not active.
func Find(c mib.Configs, name string) (a Account, ok bool) {
	u := aaa.Of(c).FindUsers(name)
	if u == nil || u.State() != mib.RowActive {
		return Account{}, false
	}
	return Account{Name: u.UserName, Password: u.Password, Role: Role(u.AccessRights)}, true
}

// All reads every active account.
func All(c mib.Configs) []Account {
	var out []Account
	for u := range aaa.Of(c).Users.Active() {
		out = append(out, Account{Name: u.UserName, Password: u.Password, Role: Role(u.AccessRights)})
	}
	return out
}

// Role is the role of an access right.
func Role(r aaa.UsersAccessRights) access.Role {
	switch r {
	case aaa.UsersAccessRightsAdmin:
		return access.Admin
	case aaa.UsersAccessRightsUser:
		return access.User
	case aaa.UsersAccessRightsObserver:
		return access.Observer
	}
	return access.None
}
