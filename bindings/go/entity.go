package actorcore

import (
	"bytes"
	"context"
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Entity is a profile and the stored outputs of its subsystems. It is a fixed-layout value, which may be
// part of a message; Release it once.
//
// Threads: any; as a rule, the actor that stands for it.
type Entity struct {
	bits uint64
}

func (e Entity) raw() raw.Entity { return raw.Entity{Bits: e.bits} }

// Profile is who an entity is.
type Profile struct {
	ID         string // required
	Name       string
	Race       string
	Lifespan   int64  // years
	Age        int64  // years
	CreatedAt  int64  // nanoseconds since 1970
	UpdatedAt  int64  // nanoseconds since 1970
	Version    uint64 // raised with every change; 0 is taken as 1
	Subsystems string // a JSON array of names; may be empty
	Data       string // a JSON object; may be empty
}

// NewEntity makes an entity without outputs.
func (e Engine) NewEntity(profile Profile) (Entity, error) {
	var entity raw.Entity
	err := profile.pass(func(profile *raw.Profile, failed *raw.Error) raw.Status {
		return raw.EntityCreate(e.handle, profile, &entity, failed)
	})
	return Entity{entity.Bits}, err
}

// SetProfile replaces the profile.
func (e Entity) SetProfile(profile Profile) error {
	return profile.pass(func(profile *raw.Profile, failed *raw.Error) raw.Status {
		return raw.EntitySetProfile(e.raw(), profile, failed)
	})
}

func (p *Profile) pass(call func(*raw.Profile, *raw.Error) raw.Status) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	var failed raw.Error
	return explain(call(&raw.Profile{
		StructSize: uint32(unsafe.Sizeof(raw.Profile{})),
		Id:         pinned(&pinner, p.ID),
		Name:       pinned(&pinner, p.Name),
		Race:       pinned(&pinner, p.Race),
		Lifespan:   p.Lifespan,
		Age:        p.Age,
		CreatedAt:  p.CreatedAt,
		UpdatedAt:  p.UpdatedAt,
		Version:    p.Version,
		Subsystems: pinned(&pinner, p.Subsystems),
		Data:       pinned(&pinner, p.Data),
	}, &failed), failed)
}

// Profile is the profile as JSON.
func (e Entity) Profile() (string, error) {
	return grown(func(buffer *byte, capacity uint64, size *uint64) raw.Status {
		return raw.EntityProfile(e.raw(), buffer, capacity, size)
	})
}

// Release gives the entity back.
func (e Entity) Release() { raw.EntityRelease(e.raw()) }

// Put stores a subsystem's output, in place of its former one.
func (e Entity) Put(output *Output) error {
	return output.pass(func(output *raw.Output) raw.Status { return raw.EntityPut(e.raw(), output) })
}

// PutFrom is Put of one output of a parsed list.
func (e Entity) PutFrom(outputs *Outputs, index int) error {
	return check(raw.EntityPut(e.raw(), &outputs.rows[index]))
}

// PutAll replaces all outputs by a parsed list.
func (e Entity) PutAll(outputs *Outputs) error {
	return check(raw.EntityPutAll(e.raw(), outputs.handle))
}

// PutContribution puts one contribution into a subsystem's output: in place of the one that differs from it in nothing
// but the value, or beside the others. ErrRejected: the output is left out whatever the registry, so Put it whole.
func (e Entity) PutContribution(system Name, row Contribution) error {
	return e.contribution(raw.EntityPutContribution, system, row)
}

// RemoveContribution takes out the contribution that differs from row in nothing but the value.
func (e Entity) RemoveContribution(system Name, row Contribution) error {
	return e.contribution(raw.EntityRemoveContribution, system, row)
}

func (e Entity) contribution(call func(raw.Entity, uint32, *raw.Contribution, *raw.Error) raw.Status, system Name,
	row Contribution) error {
	var failed raw.Error
	return explain(call(e.raw(), uint32(system), (*raw.Contribution)(unsafe.Pointer(&row)), &failed), failed)
}

// PutCap is PutContribution of a cap.
func (e Entity) PutCap(system Name, row Cap) error { return e.limit(raw.EntityPutCap, system, row) }

// RemoveCap takes out the cap that differs from row in nothing but the value.
func (e Entity) RemoveCap(system Name, row Cap) error {
	return e.limit(raw.EntityRemoveCap, system, row)
}

func (e Entity) limit(call func(raw.Entity, uint32, *raw.Cap, *raw.Error) raw.Status, system Name, row Cap) error {
	var failed raw.Error
	return explain(call(e.raw(), uint32(system), (*raw.Cap)(unsafe.Pointer(&row)), &failed), failed)
}

// Remove removes a subsystem's output.
func (e Entity) Remove(system Name) error {
	return check(raw.EntityRemove(e.raw(), uint32(system)))
}

// Invalidate drops the cached snapshot.
func (e Entity) Invalidate() error { return check(raw.Invalidate(e.raw())) }

// Cached is the cached snapshot, if it is still what Resolve would give; ErrNotCached otherwise.
func (e Entity) Cached() (Snapshot, error) {
	var snapshot Snapshot
	err := check(raw.GetCachedSnapshot(e.raw(), &snapshot.handle))
	return snapshot, err
}

// Resolve folds the entity's outputs into a snapshot, or serves the cached one. Where registered subsystems
// have to be asked it waits for them, a second at most; inside a handler that is ErrWouldDeadlock, and
// ResolveAsync the way.
func (e Entity) Resolve(ctx context.Context, flags ResolveFlags) (Snapshot, error) {
	if ctx.Done() == nil {
		return e.resolve(flags)
	}
	return waiting[Snapshot]{abandon: Snapshot.Release, call: func(uint64) (Snapshot, error) {
		return e.resolve(flags)
	}}.end(ctx)
}

func (e Entity) resolve(flags ResolveFlags) (snapshot Snapshot, err error) {
	var failed raw.Error
	status := raw.Resolve(e.raw(), uint32(flags), &snapshot.handle, &failed)
	return snapshot, explain(status, failed)
}

// ResolveWith resolves, handing a context of the caller's to every subsystem that is asked. They have until
// the deadline, or a second. Neither served from nor kept in the cache.
func (e Entity) ResolveWith(ctx context.Context, flags ResolveFlags, question []byte) (Snapshot, error) {
	question = bytes.Clone(question) // the call may outlive the wait
	return waiting[Snapshot]{abandon: Snapshot.Release, call: func(timeout uint64) (snapshot Snapshot, err error) {
		if timeout == raw.TimeoutNever {
			timeout = 0
		}
		var failed raw.Error
		status := raw.ResolveWithContext(e.raw(), uint32(flags), view(question), timeout, &snapshot.handle, &failed)
		return snapshot, explain(status, failed)
	}}.end(ctx)
}

// ResolveMany resolves many entities in one call. Snapshots and errors are as long as entities.
func ResolveMany(entities []Entity, flags ResolveFlags) ([]Snapshot, []error, error) {
	if len(entities) == 0 {
		return nil, nil, nil
	}
	snapshots := make([]Snapshot, len(entities))
	statuses := make([]raw.Status, len(entities))
	status := raw.ResolveBatch((*raw.Entity)(unsafe.Pointer(&entities[0])), uint64(len(entities)), uint32(flags),
		&snapshots[0].handle, &statuses[0], nil)
	errs := make([]error, len(entities))
	for i, status := range statuses {
		errs[i] = check(status)
	}
	return snapshots, errs, check(status)
}

// Resolved ends an asynchronous resolve of one entity; see Resolutions. The snapshot is the handler's to
// release.
type Resolved struct {
	Entity   Entity
	Snapshot Snapshot
	Status   Status
	Reserved uint32
}

// Asynchronous says whom to resolve without waiting, and where to answer.
type Asynchronous struct {
	Entities    []Entity
	Flags       ResolveFlags
	Context     []byte        // for the asked subsystems
	Timeout     time.Duration // how long they have; 0 is a second
	ReplyTo     Actor         // gets one Resolved an entity
	Correlation uint64        // the caller's number; the messages have it
}

// ResolveAsync resolves without waiting: every entity's snapshot arrives as a message.
func (e Engine) ResolveAsync(ask Asynchronous) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := raw.ResolveOptions{
		StructSize:  uint32(unsafe.Sizeof(raw.ResolveOptions{})),
		Flags:       uint32(ask.Flags),
		Entities:    (*raw.Entity)(unsafe.Pointer(pin(&pinner, ask.Entities))),
		Count:       uint64(len(ask.Entities)),
		Context:     raw.Bytes{Data: pin(&pinner, ask.Context), Size: uint64(len(ask.Context))},
		TimeoutNs:   nanoseconds(ask.Timeout),
		ReplyTo:     ask.ReplyTo.raw(),
		Correlation: ask.Correlation,
	}
	var failed raw.Error
	return explain(raw.ResolveAsync(e.handle, &spec, &failed), failed)
}
