package actorcore

import (
	"runtime"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Engine holds one registry (dimensions, formulas, layers of caps), the subsystems that are asked, and
// entities, and resolves snapshots. It is a value; Release it once.
//
// Threads: any.
type Engine struct {
	handle raw.Engine
}

// Name is the number of a name (of a dimension, system, context, layer, realm or tag) in its engine. It
// stays the same for the engine's life, and is never 0.
type Name uint32

// Source is a document in memory.
type Source struct {
	Text   string
	Format Format // FormatAuto looks at the first character
	Label  string // a file's name, for errors
	Member string // takes only this member of the document's top-level mapping
}

// NewEngine makes an engine on a system, or, with nil, one that works without actors.
func NewEngine(s *System) (Engine, error) {
	var system raw.System
	if s != nil {
		system = s.handle
	}
	var e Engine
	var failed raw.Error
	err := explain(raw.EngineCreate(system, nil, &e.handle, &failed), failed)
	return e, err
}

// Release gives the engine back. Entities and snapshots keep what they need.
func (e Engine) Release() { raw.EngineRelease(e.handle) }

// Load replaces the registry, and the layers where the document has some. A malformed one is refused as a
// whole: the *Error names every line and reason.
func (e Engine) Load(source Source) error {
	return source.read(func(source *raw.Source, failed *raw.Error) raw.Status {
		return raw.EngineLoad(e.handle, source, failed)
	})
}

// LoadFile is Load from a file.
func (e Engine) LoadFile(path string) error {
	var failed raw.Error
	return explain(raw.EngineLoadFile(e.handle, textOf(path), &failed), failed)
}

// LoadLayers replaces the layers of caps.
func (e Engine) LoadLayers(source Source) error {
	return source.read(func(source *raw.Source, failed *raw.Error) raw.Status {
		return raw.EngineLoadLayers(e.handle, source, failed)
	})
}

// LoadOutputs parses a list of subsystem outputs. Release it.
func (e Engine) LoadOutputs(source Source) (*Outputs, error) {
	outputs := &Outputs{}
	err := source.read(func(source *raw.Source, failed *raw.Error) raw.Status {
		return raw.OutputsLoad(e.handle, source, &outputs.handle, failed)
	})
	if err != nil {
		return nil, err
	}
	return outputs, outputs.borrow()
}

// ResolveCase resolves one self-contained case of the specification's form, with its own registry.
func (e Engine) ResolveCase(source Source, flags ResolveFlags) (Snapshot, error) {
	var snapshot Snapshot
	err := source.read(func(source *raw.Source, failed *raw.Error) raw.Status {
		return raw.ResolveCase(e.handle, source, uint32(flags), &snapshot.handle, failed)
	})
	return snapshot, err
}

// read hands the document to a call.
func (s Source) read(call func(*raw.Source, *raw.Error) raw.Status) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	source := &raw.Source{
		StructSize: uint32(unsafe.Sizeof(raw.Source{})),
		Format:     uint32(s.Format),
		Text:       pinned(&pinner, s.Text),
		Label:      pinned(&pinner, s.Label),
		Member:     pinned(&pinner, s.Member),
	}
	var failed raw.Error
	return explain(call(source, &failed), failed)
}

// Name is the number of a name, which is new to the engine or not.
func (e Engine) Name(text string) (Name, error) {
	var name uint32
	err := check(raw.EngineName(e.handle, textOf(text), &name))
	return Name(name), err
}

// Text is a name.
func (e Engine) Text(name Name) (string, error) {
	var text raw.Text
	if err := check(raw.EngineText(e.handle, uint32(name), &text)); err != nil {
		return "", err
	}
	return copyText(text), nil
}

// Dimensions are the registry's, in the order of their names.
func (e Engine) Dimensions() ([]Name, error) {
	var names []Name
	for {
		var count uint64
		status := raw.EngineDimensions(e.handle, (*uint32)(unsafe.SliceData(names)), uint64(len(names)), &count)
		if status == raw.EBufferTooSmall || (status == raw.Ok && count > uint64(len(names))) {
			names = make([]Name, count)
			continue
		}
		return names[:min(count, uint64(len(names)))], check(status)
	}
}

// Clear drops every cached snapshot.
func (e Engine) Clear() error { return check(raw.EngineClear(e.handle)) }

// Metrics is what an engine did.
type Metrics struct {
	Resolved        uint64 // resolves that computed a snapshot
	Cached          uint64 // resolves and reads that a cached snapshot served
	Missed          uint64 // cached reads that found none, or one out of date
	Failed          uint64 // resolves that failed
	Rejected        uint64 // entries in the errors of the resolved snapshots
	Asked           uint64 // questions put to subsystems
	Late            uint64 // of these, the ones without an answer in time
	Invalidated     uint64 // cached snapshots dropped by a call
	Entities        uint64 // alive
	Snapshots       uint64 // alive, cached ones among them
	RegistryVersion uint64 // how often a registry or layers were loaded
	Updated         uint64 // of the resolved, those that folded only what had changed since the one before
}

// Metrics reads them.
func (e Engine) Metrics() (Metrics, error) {
	m := raw.EngineMetrics{StructSize: uint32(unsafe.Sizeof(raw.EngineMetrics{}))}
	err := check(raw.EngineGetMetrics(e.handle, &m))
	return Metrics{m.Resolved, m.Cached, m.Missed, m.Failed, m.Rejected, m.Asked, m.Late, m.Invalidated, m.Entities,
		m.Snapshots, m.RegistryVersion, m.Updated}, err
}

// Subsystem is one that computes its output, and is asked at every resolve.
type Subsystem struct {
	Name     string // its system, unique in the engine
	Priority int64  // of its outputs; higher first
	Actor    Actor  // gets Questions; of the engine's system
}

// Register has a subsystem's actor asked from now on.
func (e Engine) Register(subsystem Subsystem) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := raw.SubsystemOptions{
		StructSize: uint32(unsafe.Sizeof(raw.SubsystemOptions{})),
		Name:       pinned(&pinner, subsystem.Name),
		Priority:   subsystem.Priority,
		Actor:      subsystem.Actor.raw(),
	}
	var failed raw.Error
	return explain(raw.SubsystemRegister(e.handle, &spec, &failed), failed)
}

// Remove has a subsystem asked no more.
func (e Engine) Remove(subsystem string) error {
	return check(raw.SubsystemRemove(e.handle, textOf(subsystem)))
}
