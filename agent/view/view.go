package view

import (
	"iter"

	"mibgate/element"
	"mibgate/element/access"
	"mibgate/mib"
)

// View reads one configuration, and the status of the moment, for one principal.
type View struct {
	el      *element.Element
	configs mib.Configs
	who     access.Principal
}

// New makes a view on the configuration that is stored.
func New(el *element.Element, who access.Principal) *View {
	return &View{el: el, configs: el.Store.Current(), who: who}
}

// Running makes a view on the configuration that the services work by now, which
// is another one while a service waits for its restart.
func Running(el *element.Element, who access.Principal) *View {
	return &View{el: el, configs: el.Services.InForce(), who: who}
}

// Cell is one instance and its value. Key is nil for a scalar.
type Cell struct {
	Object *mib.Object
	Key    mib.Key
	Value  mib.Value
}

// Name is the instance in text form: `SipEp.Gateway[Name="x"].Port`.
func (c Cell) Name() string { return c.Object.Instance(c.Key) }

// Get reads one instance; key is nil for a scalar. The error is a *mib.Error:
// ErrNoAccess when the role may not see it, ErrNoRow when there is no such row,
// ErrUnavailable when the service that would answer is not there.
func (v *View) Get(o *mib.Object, key mib.Key) (mib.Value, error) {
	if !access.CanRead(v.who.Role, o) {
		detail := "cannot be read with the role " + v.who.Role.String()
		if !o.Access.Readable() {
			detail = "cannot be read: it only takes part in keys and notifications"
		}
		return mib.Value{}, &mib.Error{Kind: mib.ErrNoAccess, Path: o.Instance(key), Detail: detail, Position: -1}
	}
	b := v.bind(o.Module)
	if o.Table == nil {
		if o.Source == mib.SourceStatus && b.Status == nil {
			return mib.Value{}, absent(o, key)
		}
		return o.Get(b, nil, v.el.Store.Fingerprint), nil
	}
	owner := ownerOf(o.Table, b)
	if owner == nil || o.Source == mib.SourceStatus && b.Status == nil {
		return mib.Value{}, absent(o, key)
	}
	row, ok := o.Table.Lookup(owner, key)
	if !ok {
		return mib.Value{}, &mib.Error{Kind: mib.ErrNoRow, Path: o.Instance(key), Detail: "the row does not exist", Position: -1}
	}
	return o.Get(b, row, v.el.Store.Fingerprint), nil
}

func absent(o *mib.Object, key mib.Key) error {
	return &mib.Error{Kind: mib.ErrUnavailable, Path: o.Instance(key), Detail: "the service is not there to answer it", Position: -1}
}

// Walk yields every instance of scope that the principal may read: by service,
// in each by OID; a table comes row by row where its first column stands.
// What is out of sight is left out, without error.
func (v *View) Walk(scope Scope) iter.Seq[Cell] {
	return func(yield func(Cell) bool) {
		for _, m := range v.el.Registry.Modules() {
			if !m.Shown() || !scope.hasModule(m) {
				continue
			}
			if !v.walkModule(m, scope, yield) {
				return
			}
		}
	}
}

func (v *View) walkModule(m *mib.Module, scope Scope, yield func(Cell) bool) bool {
	b := v.bind(m)
	var last *mib.Table
	for _, o := range inOrder(m) {
		if !scope.hasObject(o) {
			continue
		}
		if o.Table != nil {
			if o.Table != last && !v.walkTable(o.Table, b, scope, yield) {
				return false
			}
			last = o.Table
			continue
		}
		if v.visible(o, b) && !yield(Cell{Object: o, Value: o.Get(b, nil, v.el.Store.Fingerprint)}) {
			return false
		}
	}
	return true
}

func (v *View) walkTable(t *mib.Table, b mib.Binding, scope Scope, yield func(Cell) bool) bool {
	owner := ownerOf(t, b)
	if owner == nil {
		return true
	}
	row, ok := t.Seek(owner, scope.Key, true)
	for ok {
		key := t.KeyOf(row, nil)
		if scope.Key != nil && mib.CompareKeys(t.Index, key, scope.Key) != 0 {
			break
		}
		for _, o := range t.Columns {
			if !scope.hasObject(o) || !v.visible(o, b) {
				continue
			}
			if !yield(Cell{Object: o, Key: key, Value: o.Get(b, row, v.el.Store.Fingerprint)}) {
				return false
			}
		}
		row, ok = t.Seek(owner, key, false)
	}
	return true
}

// visible tells whether a walk shows o.
func (v *View) visible(o *mib.Object, b mib.Binding) bool {
	return access.CanRead(v.who.Role, o) && (o.Source != mib.SourceStatus || b.Status != nil)
}

// bind reads m in the view's snapshot.
func (v *View) bind(m *mib.Module) mib.Binding { return v.el.Bind(v.configs, m) }

// ownerOf is what holds the rows of t, nil when nothing does.
func ownerOf(t *mib.Table, b mib.Binding) any {
	if t.Source == mib.SourceStatus {
		return b.Status
	}
	return b.Config
}

// RequireRow is an ErrNoRow unless the row that scope names is there.
func (v *View) RequireRow(scope Scope) error {
	t := scope.Table
	gone := &mib.Error{Kind: mib.ErrNoRow, Path: t.Instance(scope.Key), Detail: "the row does not exist", Position: -1}
	owner := ownerOf(t, v.bind(t.Module))
	if owner == nil {
		return gone
	}
	if _, ok := t.Lookup(owner, scope.Key); !ok {
		return gone
	}
	return nil
}
