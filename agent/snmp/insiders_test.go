package snmp

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/hoc"
)

// insiders are a unit and those who have some rights at it. Each has the password
// that says his name; see as.
//
//	obs, usr  of the roles
//	own       of a group with views of its own: the system group but sysName, sysContact for writing, and own keys
//	secret    of a group that must encrypt
//	public    the community, which stands for usr
//	narrow    a community of own's group
var insiders = []string{
	`Snmp.EnableSnmpV1="Enable"`, `Snmp.EnableSnmpV2="Enable"`, `Snmp.MinimumSecurityLevel="NoAuthNoPriv"`, `Snmp.Community="public"`, `Snmp.SnmpUser="usr"`,
	`Aaa.Users[UserName="obs"].Password="the password of obs"`, `Aaa.Users[UserName="obs"].AccessRights="Observer"`,
	`Aaa.Users[UserName="usr"].Password="the password of usr"`, `Aaa.Users[UserName="usr"].AccessRights="User"`,
	`Aaa.Users[UserName="own"].Password="the password of own"`, `Aaa.Users[UserName="own"].AccessRights="None"`,
	`Aaa.Users[UserName="secret"].Password="the password of secret"`, `Aaa.Users[UserName="secret"].AccessRights="None"`,
	`Aaa.Users[UserName="community-admin"].Password="the password of community-admin"`, `Aaa.Users[UserName="community-admin"].AccessRights="None"`,
	`Vacm.VacmSecurityToGroup[VacmSecurityModel=3, VacmSecurityName="own"].VacmGroupName="mine"`,
	`Vacm.VacmSecurityToGroup[VacmSecurityModel=2, VacmSecurityName="own"].VacmGroupName="mine"`,
	`Vacm.VacmSecurityToGroup[VacmSecurityModel=3, VacmSecurityName="secret"].VacmGroupName="sealed"`,
	`Vacm.VacmAccess[VacmGroupName="mine", ContextPrefix="", SecurityModel=0, SecurityLevel="NoAuthNoPriv"].ReadViewName="some"`,
	`Vacm.VacmAccess[VacmGroupName="mine", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthNoPriv"].ReadViewName="some"`,
	`Vacm.VacmAccess[VacmGroupName="mine", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthNoPriv"].WriteViewName="few"`,
	`Vacm.VacmAccess[VacmGroupName="sealed", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthPriv"].ReadViewName="some"`,
	`Vacm.VacmAccess[VacmGroupName="sealed", ContextPrefix="elsewhere", SecurityModel=3, SecurityLevel="NoAuthNoPriv"].ReadViewName="admin-read"`,
	`Vacm.VacmViewTreeFamily[ViewName="some", Subtree="1.3.6.1.2.1.1"].Type="Included"`,
	`Vacm.VacmViewTreeFamily[ViewName="some", Subtree="1.3.6.1.2.1.1.5"].Type="Excluded"`,
	`Vacm.VacmViewTreeFamily[ViewName="few", Subtree="1.3.6.1.2.1.1.4"].Type="Included"`,
	`Vacm.VacmViewTreeFamily[ViewName="few", Subtree="1.3.6.1.6.3.15.1.2.2.1.7"].Type="Included"`,
	`Community.SnmpCommunity[Index="narrow"].Name="narrow"`, `Community.SnmpCommunity[Index="narrow"].SecurityName="own"`,
	`Community.SnmpCommunity[Index="nobody"].Name="nobody"`, `Community.SnmpCommunity[Index="nobody"].SecurityName="admin"`,
	`Community.SnmpCommunity[Index="tagged"].Name="tagged"`, `Community.SnmpCommunity[Index="tagged"].SecurityName="community-admin"`, `Community.SnmpCommunity[Index="tagged"].TransportTag="noc"`,
	`Community.SnmpCommunity[Index="context"].Name="context"`, `Community.SnmpCommunity[Index="context"].SecurityName="community-admin"`, `Community.SnmpCommunity[Index="context"].ContextName="elsewhere"`,
}

func as(name, level string) []string {
	return user(level, name, "SHA-256", "the password of "+name, "AES", "the password of "+name)
}

func asCommunity(version, name string) []string { return []string{version, "-c", name} }

// cellOf is the OID of a cell of usmUserTable at our engine.
func (u *unit) cellOf(column, name string) string {
	return u.oid("Usm.UsmUser."+column, mib.String(string(u.svc.EngineID())), mib.String(name))
}

// TestInsiders: who has some rights gets no more by any way that we could think
// of. Nothing changes, and the answer shows nothing.
func TestInsiders(t *testing.T) {
	u := newUnit(t, insiders...)
	const contact, location = "1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.1.6.0"
	key := strings.Repeat("6b", 64)
	engine := string(u.svc.EngineID())
	lock := u.oid("Usm.UsmUserSpinLock")
	wrong := fmt.Sprint((u.svc.locks[u.el.Registry.Object("Usm.UsmUserSpinLock")].Number() + 5) % 1000000)
	tests := []struct {
		name string
		how  []string
		args []string // of snmpset
		says string
	}{
		{"own key of another", as("obs", "authPriv"), []string{u.cellOf("OwnAuthKeyChange", "usr"), "x", key}, "noAccess"},
		{"own key of the administrator", as("usr", "authPriv"), []string{u.cellOf("OwnPrivKeyChange", "admin"), "x", key}, "noAccess"},
		{"own key, and another's behind it", as("obs", "authPriv"), []string{u.cellOf("OwnAuthKeyChange", "obs"), "x", key, u.cellOf("OwnAuthKeyChange", "usr"), "x", key}, "noAccess"},
		{"own key, and what he may not", as("obs", "authPriv"), []string{u.cellOf("OwnAuthKeyChange", "obs"), "x", key, location, "s", "stolen"}, "noAccess"},
		{"own key by the other column", as("obs", "authPriv"), []string{u.cellOf("AuthKeyChange", "obs"), "x", key}, "noAccess"},
		{"own key without authentication", as("obs", "noAuthNoPriv"), []string{u.cellOf("OwnAuthKeyChange", "obs"), "x", key}, "authorizationError"},
		{"own key by v2c", asCommunity("-v2c", "public"), []string{u.cellOf("OwnAuthKeyChange", "usr"), "x", key}, "noAccess"},
		{"own key by v1", asCommunity("-v1", "public"), []string{u.cellOf("OwnAuthKeyChange", "usr"), "x", key}, "noSuchName"},
		{"own key by v2c, own group", asCommunity("-v2c", "narrow"), []string{u.cellOf("OwnAuthKeyChange", "own"), "x", key}, "authorizationError"},
		{"own key of another, own group", as("own", "authPriv"), []string{u.cellOf("OwnAuthKeyChange", "admin"), "x", key}, "noAccess"},
		{"own key of a namesake at another engine", as("own", "authPriv"), []string{u.oid("Usm.UsmUser.OwnAuthKeyChange", mib.String("another engine"), mib.String("own")), "x", key}, "inconsistentName"},
		{"clone of the administrator", as("usr", "authPriv"), []string{u.cellOf("Status", "eve"), "i", "4", u.cellOf("CloneFrom", "eve"), "o", u.cellOf("SecurityName", "admin")}, "noAccess"},
		{"clone as an oracle", as("own", "authPriv"), []string{u.cellOf("CloneFrom", "own"), "o", u.cellOf("SecurityName", "nobody")}, "noAccess"},
		{"another group", as("usr", "authPriv"), []string{u.oid("Vacm.VacmSecurityToGroup.VacmGroupName", mib.Int(3), mib.String("usr")), "s", "admin"}, "noAccess"},
		{"a greater view", as("own", "authPriv"), []string{u.oid("Vacm.VacmAccess.WriteViewName", mib.String("mine"), mib.String(""), mib.Int(3), mib.Int(2)), "s", "admin-write"}, "noAccess"},
		{"write view of a role's group", as("obs", "authPriv"), []string{location, "s", "stolen"}, "noAccess"},
		{"accounts by the write view of a role's group", as("obs", "authPriv"), []string{u.oid("Aaa.Users.AccessRights", mib.String("obs")), "i", "100"}, "noAccess"},
		{"traps to himself", as("usr", "authPriv"), []string{u.oid("Snmp.TrapDest"), "s", "192.0.2.1"}, "noAccess"},
		{"traps to himself, by the tables", as("usr", "authPriv"), []string{u.oid("Target.SnmpTargetAddr.RowStatus", mib.String("eve")), "i", "5"}, "noAccess"},
		{"the community", as("usr", "authPriv"), []string{u.oid("Community.SnmpCommunity.Name", mib.String("default")), "s", "stolen"}, "noAccess"},
		{"keys of the store", as("usr", "authPriv"), []string{u.oid("Snmp.UserKeys.AuthKey", mib.String(engine), mib.String("usr")), "s", key}, "noAccess"},
		{"out of the view", as("own", "authPriv"), []string{location, "s", "stolen"}, "noAccess"},
		{"in the view, and out of it", as("own", "authPriv"), []string{contact, "s", "stolen", location, "s", "stolen"}, "noAccess"},
		{"another name of what is in the view", as("own", "authPriv"), []string{u.oid("Hoc.SystemContact"), "s", "stolen"}, "noAccess"},
		{"in the view, without authentication", as("own", "noAuthNoPriv"), []string{contact, "s", "stolen"}, "authorizationError"},
		{"in the view, by community", asCommunity("-v2c", "narrow"), []string{contact, "s", "stolen"}, "authorizationError"},
		{"lower level than its group has", as("secret", "authNoPriv"), []string{contact, "s", "stolen"}, "authorizationError"},
		{"account named as the default community", as("community-admin", "authPriv"), []string{location, "s", "stolen"}, "authorizationError"},
		{"community of a name without group", asCommunity("-v2c", "nobody"), []string{location, "s", "stolen"}, "Timeout"},
		{"community for other addresses", asCommunity("-v2c", "tagged"), []string{location, "s", "stolen"}, "Timeout"},
		{"community of another context", asCommunity("-v2c", "context"), []string{location, "s", "stolen"}, "Timeout"},
		{"lock that is wrong, observer", as("obs", "authPriv"), []string{lock, "i", wrong}, "inconsistentValue"},
		{"note in another's row", as("obs", "authPriv"), []string{u.cellOf("Public", "usr"), "s", "stolen"}, "noAccess"},
		{"note in the administrator's row", as("usr", "authPriv"), []string{u.cellOf("Public", "admin"), "s", "stolen"}, "noAccess"},
		{"note by v2c", asCommunity("-v2c", "public"), []string{u.cellOf("Public", "usr"), "s", "stolen"}, "noAccess"},
		{"note in a row to come", as("obs", "authPriv"), []string{u.oid("Usm.UsmUser.Public", mib.String("another engine"), mib.String("obs")), "s", "stolen"}, "noAccess"},
		{"another protocol, behind the same one", v3, []string{u.cellOf("PrivProtocol", "obs"), "o", usm.AES128.OID().String(), u.cellOf("AuthProtocol", "usr"), "o", usm.SHA512.OID().String()}, "inconsistentValue"},
		{"lock that is wrong", v3, []string{lock, "i", wrong, location, "s", "stolen"}, "inconsistentValue"},
		{"name with odd octets", v3, []string{u.oid("Usm.UsmUser.Status", mib.String(engine), mib.String("e\x00ve")), "i", "5"}, "noCreation"},
		{"name that is no text", v3, []string{u.oid("Usm.UsmUser.Status", mib.String(engine), mib.String("\xff\xfe")), "i", "5"}, "noCreation"},
		{"another row of a role", v3, []string{u.oid("Vacm.VacmAccess.Status", mib.String("observer"), mib.String(""), mib.Int(3), mib.Int(3)), "i", "4"}, "inconsistentValue"},
		{"read-only row of a role", v3, []string{u.oid("Vacm.VacmAccess.WriteViewName", mib.String("observer"), mib.String(""), mib.Int(3), mib.Int(2)), "s", "admin-write"}, "notWritable"},
		{"row in the view of a role", v3, []string{u.oid("Vacm.VacmViewTreeFamily.Status", mib.String("observer-read"), mib.Ident(mib.OID{1, 3, 6, 1, 6})), "i", "4"}, "inconsistentValue"},
		{"the last administrator", v3, []string{u.cellOf("Status", "admin"), "i", "6"}, "inconsistentValue"},
		{"group of the last administrator", v3, []string{u.oid("Vacm.VacmSecurityToGroup.VacmGroupName", mib.Int(3), mib.String("admin")), "s", "mine"}, "inconsistentValue"},
	}
	before := u.el.Store.Current()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			how := tt.how
			if tt.says == "Timeout" {
				how = append(slices.Clone(how), "-t", "0.3")
			}
			out, err := u.tool("snmpset", how, tt.args...)
			if err == nil || !strings.Contains(out, tt.says) {
				t.Errorf("%v, want %s: %s", err, tt.says, out)
			}
			if now := u.el.Store.Current(); now != before {
				t.Error("something has changed")
				before = now
			}
		})
	}
	// The same is possible for whom it is meant: the attacks failed by what they are.
	u.ask("snmpset", as("own", "authNoPriv"), contact, "s", "own")
	u.ask("snmpset", as("obs", "authPriv"), u.cellOf("OwnAuthKeyChange", "obs"), "x", key)
}

// TestWhatInsidersSee: a walk of everything shows nobody a secret, and what is
// out of a view to nobody.
func TestWhatInsidersSee(t *testing.T) {
	u := newUnit(t, append(insiders, `Snmp.PrivPassword=""`)...)
	secrets := []string{"the password of", adminPassword, "\"narrow\"", "\"tagged\""}
	for _, password := range []string{adminPassword, "the password of obs", "the password of usr"} { // and a key in any form
		ku, err := usm.PasswordToKey(usm.SHA256, password)
		if err != nil {
			t.Fatal(err)
		}
		kul, err := usm.Localize(usm.SHA256, ku, u.svc.EngineID())
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, string(kul), hex.EncodeToString(kul), strings.ToUpper(hex.EncodeToString(kul)))
	}
	for _, tt := range []struct {
		name string
		how  []string
		most int // instances; 0: any number
	}{
		{"usr", as("usr", "authPriv"), 0},
		{"obs", as("obs", "authPriv"), 0},
		{"obs without authentication", as("obs", "noAuthNoPriv"), 0},
		{"community", asCommunity("-v2c", "public"), 0},
		{"own", as("own", "authPriv"), 120},
		{"community of a group", asCommunity("-v2c", "narrow"), 120},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := u.ask("snmpbulkwalk", append([]string{"-Cc"}, tt.how...), ".1")
			for _, s := range secrets {
				if strings.Contains(out, s) {
					t.Errorf("the walk shows %q", s)
				}
			}
			if strings.Contains(out, ".1.3.6.1.6.3.15.1.2.2.1.3.") || strings.Contains(out, ".1.3.6.1.6.3.16.1.2.") {
				t.Error("the walk shows the users or their groups")
			}
			seen := names(t, out)
			if tt.most == 0 {
				return
			}
			if len(seen) == 0 || len(seen) > tt.most {
				t.Errorf("%d instances", len(seen))
			}
			for _, n := range seen {
				if !n.HasPrefix(mib.OID{1, 3, 6, 1, 2, 1, 1}) || n.HasPrefix(mib.OID{1, 3, 6, 1, 2, 1, 1, 5}) {
					t.Errorf("%s is out of the view", n)
				}
			}
		})
	}
	// An administrator sees communities, and keys nowhere.
	out := u.ask("snmpbulkwalk", v3, ".1")
	for _, s := range append([]string{"the password of", adminPassword}, secrets[4:]...) {
		if strings.Contains(out, s) {
			t.Errorf("the administrator's walk shows %q", s)
		}
	}
}

// TestRefusalsKeepSecrets: the error of what is refused, whatever for, does not
// say what was to be set.
func TestRefusalsKeepSecrets(t *testing.T) {
	const secret = "Very-Secret-Indeed"
	long := strings.Repeat(secret, 4)
	u := newUnit(t, insiders...)
	obs := mib.Key{mib.String(string(u.svc.EngineID())), mib.String("obs")}
	account, row := mib.Key{mib.String("obs")}, mib.Key{mib.String("default")}
	for _, tt := range []struct {
		object string
		key    mib.Key
		value  string
	}{
		{"Snmp.Community", nil, long},
		{"Snmp.Community", nil, secret + "\x07"},
		{"Community.SnmpCommunity.Name", row, long},
		{"Community.SnmpCommunity.Name", row, secret + "\x07"},
		{"Aaa.Users.Password", account, strings.Repeat(long, 10)},
		{"Snmp.PrivPassword", nil, strings.Repeat(long, 10)},
		{"Usm.UsmUser.AuthKeyChange", obs, secret},
		{"Usm.UsmUser.PrivKeyChange", obs, secret},
		{"Usm.UsmUser.OwnAuthKeyChange", obs, long},
		{"Snmp.UserKeys.AuthKey", obs, secret},
		{"Snmp.UserKeys.PrivKey", obs, long + long + long},
	} {
		err := u.assign(tt.object, tt.key, mib.String(tt.value))
		var e *mib.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", tt.object, err)
			continue
		}
		if strings.Contains(err.Error(), secret[:8]) || strings.Contains(e.Value, secret[:8]) {
			t.Errorf("the error shows it: %v", err)
		}
	}
	err := u.try(`Snmp.Community="`+secret+`"`, `Community.SnmpCommunity[Index="default"].Name="`+secret+`!"`)
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("two communities at once: %v", err)
	}
}

// assign makes one assignment, as a script does.
func (u *unit) assign(path string, key mib.Key, v mib.Value) error {
	u.t.Helper()
	tx, err := u.el.Store.Begin(context.Background(), access.Internal)
	if err != nil {
		u.t.Fatal(err)
	}
	defer tx.Abort()
	tx.CreateRows = true
	if err := tx.Set(u.el.Registry.Object(path), key, v); err != nil {
		return err
	}
	return tx.Commit()
}

// TestGroupsOfNames: the security names of the default community are in groups
// for v1 and v2c only, and no account can stand for them.
func TestGroupsOfNames(t *testing.T) {
	u := newUnit(t, insiders...)
	if err := u.try(`Snmp.SnmpUser="community-admin"`); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("an account named as the unit's own community: %v", err)
	}
	p := u.svc.admin.Policy(u.el.Store.Current(), contexts[:])
	for _, tt := range []struct {
		model int32
		name  string
		level message.Level
		ok    bool
	}{
		{admin.ModelV2c, "community-admin", message.NoAuthNoPriv, true},
		{admin.ModelUSM, "community-admin", message.AuthPriv, false},
		{admin.ModelV2c, "admin", message.NoAuthNoPriv, false},
		{admin.ModelV2c, "obs", message.NoAuthNoPriv, false},
		{admin.ModelV1, "usr", message.NoAuthNoPriv, true},
		{admin.ModelUSM, "secret", message.AuthNoPriv, false},
		{admin.ModelUSM, "secret", message.AuthPriv, true},
		{4, "admin", message.AuthPriv, false},
	} {
		if _, err := p.Check(tt.model, tt.name, tt.level, ""); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	if r := access.None; admin.RoleOf("none") != r || admin.RoleOf("Admin") != r || admin.RoleOf("") != r {
		t.Error("a name that is none of a role's group has a role")
	}
}

// TestNotifiedByLevel: a target is told what the notify view of its user's group
// has at the level that it is sent with, and nothing below the levels of the group.
func TestNotifiedByLevel(t *testing.T) {
	u := newUnit(t, append(insiders,
		`Vacm.VacmAccess[VacmGroupName="sealed", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthPriv"].NotifyViewName="admin-read"`,
		`Target.SnmpTargetAddr[Name="nms"].TDomain="1.3.6.1.6.1.1"`, `Target.SnmpTargetAddr[Name="nms"].TAddress="\xc0\x00\x02\x01\x00\xa2"`,
		`Target.SnmpTargetAddr[Name="nms"].TagList="trap"`, `Target.SnmpTargetAddr[Name="nms"].Params="sealed"`,
		`Target.SnmpTargetParams[Name="sealed"].SecurityName="secret"`)...)
	for level, want := range map[string]bool{"NoAuthNoPriv": false, "AuthNoPriv": false, "AuthPriv": true} {
		u.set(`Target.SnmpTargetParams[Name="sealed"].SecurityLevel="` + level + `"`)
		for _, to := range u.svc.policy.Load().notify.Targets {
			if to.Name == "nms" && (to.View.Contains(mib.OID{1, 3, 6, 1, 6, 3, 1, 1, 5, 1}) != want || to.User == nil) {
				t.Errorf("at %s the view is %v", level, to.View)
			}
		}
	}
}

// TestRightsThatEndMeanwhile: a SET that waits for its turn has the rights of the
// moment when it comes, not those of when it was sent.
func TestRightsThatEndMeanwhile(t *testing.T) {
	u := newUnit(t, openSettings...)
	location, c := mib.MustOID("1.3.6.1.2.1.1.6.0"), client{t: t}
	for name, tt := range map[string]struct {
		set  string
		want message.ErrorStatus
	}{
		"nothing of it":     {`Hoc.SystemName="busy"`, message.NoError},
		"another role":      {`Snmp.CommunityRole="Observer"`, message.AuthorizationError},
		"another community": {`Snmp.Community="other"`, message.AuthorizationError},
		"no v2c":            {`Snmp.EnableSnmpV2="Disable"`, message.AuthorizationError},
	} {
		t.Run(name, func(t *testing.T) {
			u.set(openSettings...)
			u.set(`Hoc.SystemLocation="before"`)
			x := newExchange(u.svc.responder.NewScratch())
			x.Size = copy(x.Buffer, c.set(message.V2c, location, mib.String("after")))
			if _, ok := u.svc.accept(x); !ok {
				t.Fatal("the SET is not accepted")
			}
			u.set(tt.set)
			var m message.Message
			if err := message.Decode(u.svc.respond(x), &m); err != nil || m.PDU.ErrorStatus() != tt.want {
				t.Errorf("%v, %v", m.PDU.ErrorStatus(), err)
			}
			if after := hoc.Of(u.el.Store.Current()).SystemLocation == "after"; after != (tt.want == message.NoError) {
				t.Errorf("carried out: %v", after)
			}
		})
	}
	// The same of a user.
	u.set(`Aaa.Users[UserName="root"].Password="the password of root"`, `Aaa.Users[UserName="root"].AccessRights="Admin"`)
	x := newExchange(u.svc.responder.NewScratch())
	c.id++
	c.b.Begin(c.envelope(u, message.Set), maxMessage)
	if err := c.b.Append(location, mib.String("stolen")); err != nil {
		t.Fatal(err)
	}
	packet, err := c.b.Finish(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	x.Size = copy(x.Buffer, packet)
	if _, ok := u.svc.accept(x); !ok {
		t.Fatal("the SET is not accepted")
	}
	u.set(`Aaa.Users[UserName="admin"].Delete=10`)
	u.svc.respond(x)
	if got := hoc.Of(u.el.Store.Current()).SystemLocation; got == "stolen" {
		t.Error("who is no user any more has set something")
	}
}
