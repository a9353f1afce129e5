package store

import (
	"context"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/aaa"
	"mibgate/mib/snmp"
)

// TestErrorsKeepSecrets: an error goes to logs and other people's screens.
func TestErrorsKeepSecrets(t *testing.T) {
	s := startModel(t)
	tx, err := s.Begin(context.Background(), access.Internal)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	for _, tt := range []struct {
		object *mib.Object
		key    mib.Key
	}{
		{snmp.Objects.Community, nil}, {snmp.Objects.PrivPassword, nil}, {aaa.Objects.UsersPassword, aaa.UsersKey("x")},
	} {
		name := tt.object.Instance(tt.key)
		err := tx.Set(tt.object, tt.key, mib.String(strings.Repeat("hush ", 60)))
		if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
