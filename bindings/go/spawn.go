package actorcore

import (
	"runtime"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/drop"
	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Spawner is where actors are made: a *System from outside, or the *Context of a handler, which is quicker
// and puts them where the handler's actor is.
type Spawner interface {
	spawner()
}

func (s *System) spawner()  {}
func (c *Context) spawner() {}

// SpawnOption says more about an actor than its kind does.
type SpawnOption func(*spawnOptions)

type spawnOptions struct {
	name        string
	supervisor  Actor
	dispatcher  *Dispatcher
	mailbox     *Mailbox
	queue       MailboxQueue
	order       *order // of the mailbox's functions
	flags       uint32
	supervision raw.Supervision
	children    raw.Supervision
	stashMax    uint32
}

// Named gives the actor a name, unique in the system, that System.Find finds.
func Named(name string) SpawnOption { return func(o *spawnOptions) { o.name = name } }

// Supervised makes the actor a child of another, in a handler as a rule of Context.Self: it stops before its
// supervisor stops or restarts, and the supervisor's Children say what its failure leads to. Where they say
// nothing the child stops, and the supervisor is told by a Failed.
func Supervised(by Actor) SpawnOption { return func(o *spawnOptions) { o.supervisor = by } }

// On runs the actor on this dispatcher.
func (d *Dispatcher) On() SpawnOption { return func(o *spawnOptions) { o.dispatcher = d } }

// Spawn makes an actor of this kind. The state is the actor's from now on.
func (k *Kind[S]) Spawn(at Spawner, state *S, options ...SpawnOption) (Actor, error) {
	return spawnOne(at, &k.kind, unsafe.Pointer(state), options)
}

// SpawnMany makes an actor of each state, and writes their ids into actors, which is as long or nil. All or
// none. The states stay where they are: the slice lives as long as one of its actors.
//
// Cost: one call into C.
func (k *Kind[S]) SpawnMany(at Spawner, states []S, actors []Actor, options ...SpawnOption) error {
	if actors == nil {
		actors = make([]Actor, len(states))
	}
	if len(actors) != len(states) {
		return ErrInvalidArgument
	}
	if len(states) == 0 {
		return nil
	}
	return spawn(at, &k.kind, unsafe.Pointer(&states[0]), unsafe.Sizeof(states[0]), actors, options)
}

func spawnOne(at Spawner, k *kind, state unsafe.Pointer, options []SpawnOption) (Actor, error) {
	var actor [1]Actor
	err := spawn(at, k, state, 0, actor[:], options)
	return actor[0], err
}

// spawn makes an actor for each of the states, which are stride bytes apart.
func spawn(at Spawner, k *kind, states unsafe.Pointer, stride uintptr, actors []Actor, options []SpawnOption) error {
	var asked spawnOptions
	if len(options) != 0 {
		asked = gather(options)
	}
	if c, ok := at.(*Context); ok {
		return c.spawn(k, states, stride, actors, asked)
	}
	return at.(*System).spawn(k, states, stride, actors, asked)
}

// gather is apart because what an option is called with escapes.
func gather(options []SpawnOption) (asked spawnOptions) {
	for _, option := range options {
		option(&asked)
	}
	if asked.mailbox != nil && asked.mailbox.Queue != nil {
		asked.queue = asked.mailbox.Queue() // which may panic
	}
	return asked
}

// spawn uses the worker's own cells, and makes one call into C.
func (c *Context) spawn(k *kind, states unsafe.Pointer, stride uintptr, actors []Actor, asked spawnOptions) error {
	w, n := c.worker, len(actors)
	if !w.reserve(n) {
		return ErrLimit
	}
	if asked.dispatcher == nil {
		asked.dispatcher = w.dispatcher
	}
	taken := w.free[len(w.free)-n:]
	settle(taken, k, states, stride)
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := asked.raw(k, w.system, &pinner)
	var failed raw.Error
	status := raw.WorkerSpawn(c.turn.Worker, &spec, words(taken), uint64(n), rawActors(actors), &failed)
	if status != raw.Ok {
		asked.order.end()
		empty(taken)
		return explain(status, failed)
	}
	w.free = w.free[:len(w.free)-n]
	return nil
}

// spawn from outside takes its cells from the table.
func (s *System) spawn(k *kind, states unsafe.Pointer, stride uintptr, actors []Actor, asked spawnOptions) error {
	taken, ok := s.cells.take(nil, len(actors))
	if !ok {
		return ErrLimit
	}
	if asked.dispatcher == nil {
		asked.dispatcher = s.dispatcher
	}
	settle(taken, k, states, stride)
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := asked.raw(k, s, &pinner)
	release(s)
	var failed raw.Error
	status := raw.SpawnMany(s.handle, &spec, words(taken), uint64(len(taken)), rawActors(actors), &failed)
	if status != raw.Ok {
		asked.order.end()
		empty(taken)
		s.cells.give(taken)
	}
	return explain(status, failed)
}

// raw is what the library is asked for. The pinner holds the name. Where the library refuses it, the order ends.
func (o *spawnOptions) raw(k *kind, s *System, pinner *runtime.Pinner) raw.SpawnOptions {
	o.order = o.mailbox.order(s, o.queue)
	return raw.SpawnOptions{
		StructSize:  uint32(unsafe.Sizeof(raw.SpawnOptions{})),
		Flags:       k.flags | o.flags,
		Dispatcher:  o.dispatcher.handle,
		Supervisor:  o.supervisor.raw(),
		Name:        pinned(pinner, o.name),
		Supervision: o.supervision,
		Children:    o.children,
		StashMax:    o.stashMax,
		Mailbox:     o.mailbox.raw(o.order, pinner),
	}
}

func rawActors(actors []Actor) *raw.Actor {
	return (*raw.Actor)(unsafe.Pointer(unsafe.SliceData(actors)))
}

// reserve makes sure that the worker has n free cells of its own.
func (w *worker) reserve(n int) bool {
	if n <= len(w.free) {
		return true
	}
	var ok bool
	w.free, ok = w.system.cells.take(w.free, n-len(w.free)+cellsKept/2)
	return ok
}

// forget gives the cell of an actor that has ended back.
func (w *worker) forget(word *uintptr) {
	ended := cellOf(word)
	*ended = cell{}
	if *word&1 != 0 {
		drop.Made(word).Free()
	}
	w.free = append(w.free, ended)
	if len(w.free) > cellsKept {
		w.system.cells.give(w.free[cellsKept/2:])
		w.free = w.free[:cellsKept/2]
	}
}
