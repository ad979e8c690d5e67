package actorcore

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Router is an actor's id that stands for many actors, its routees: what is told, asked or sent by a timer to its
// Actor goes to one of them, or to all, with its sender as it was, so that a reply goes straight to who asked. Stop,
// Kill and Restart are for the router itself. The routees of a group are given; those of a pool are spawned, see
// Kind.NewPool. It is a value; Close it once.
//
// Who sends routes the message, at once. Where there are no routees it is refused with ErrNotFound, out of a handler
// it is a dead letter with DeadUnrouted, and a request of a handler's ends with an AskFailed. A routee that has ended
// is taken off.
//
// Threads: any, and handlers.
type Router struct {
	handle  raw.Router
	address Actor
	system  *System
}

// Route is which routee gets a message.
type Route = raw.Route

const (
	// RouteRoundRobin is each in turn, whoever sends.
	RouteRoundRobin Route = raw.RouteRoundRobin
	// RouteRandom is any; in a seeded system the seed decides.
	RouteRandom Route = raw.RouteRandom
	// RouteBroadcast is all of them, which share a payload of more than 32 bytes. A value that travels by reference
	// (see Define) is the same for all: they must only read it. A request is answered by the first reply.
	RouteBroadcast Route = raw.RouteBroadcast
	// RouteSmallestMailbox is one with the fewest messages waiting, in turn among equals. With a Mailbox the routee
	// knows them; of another one, those are counted that this router gave it since it began its last turn.
	RouteSmallestMailbox Route = raw.RouteSmallestMailbox
	// RouteConsistentHash is the one that the message's key belongs to. When a routee comes or goes, only its own keys
	// move.
	RouteConsistentHash Route = raw.RouteConsistentHash
	// RouteScatterGather is RouteBroadcast, and a request that has no reply after RouterOptions.Timeout ends.
	RouteScatterGather Route = raw.RouteScatterGather
)

// toAll says that a request goes to more than one actor.
func toAll(route Route) bool { return route == RouteBroadcast || route == RouteScatterGather }

// RouterOptions say how a router chooses; the zero value is each in turn.
type RouterOptions struct {
	Logic Route
	// Name is found by System.Find; unique in the system, empty is none.
	Name string
	// KeyOffset is where in the payload the key of RouteConsistentHash is, in bytes (see unsafe.Offsetof), and KeySize
	// how long it is; 0 is to the end. What the payload has not is left out. A type that travels by reference has no
	// key.
	KeyOffset, KeySize uint32
	// VirtualNodes are the points that each routee has on the ring of RouteConsistentHash, at most 1,024; 0 is 128. More
	// spread the keys more evenly.
	VirtualNodes int
	// LoadBoundPercent keeps a hot key of RouteConsistentHash from filling one mailbox: no routee gets a message that
	// would give it more waiting ones than this many percent of the mean; the next on the ring does. 100 to 10,000; 0
	// is no bound.
	LoadBoundPercent int
	// Timeout is how long a request waits for its first reply with RouteScatterGather, by the system's clock, if its
	// own time is not over sooner; 0 is 5 s, a negative one leaves it to the request.
	Timeout time.Duration
}

// raw is what the library is asked for. The pinner holds the name.
func (o *RouterOptions) raw(pinner *runtime.Pinner) raw.RouterOptions {
	return raw.RouterOptions{
		StructSize:       uint32(unsafe.Sizeof(raw.RouterOptions{})),
		Logic:            uint32(o.Logic),
		Name:             pinned(pinner, o.Name),
		KeyOffset:        o.KeyOffset,
		KeySize:          o.KeySize,
		VirtualNodes:     uint32(o.VirtualNodes),
		LoadBoundPercent: uint32(o.LoadBoundPercent),
		TimeoutNs:        orNever(o.Timeout),
	}
}

// NewRouter makes a router of a group: live actors of the system, each once, at most 4,096, and no routers.
func (s *System) NewRouter(options RouterOptions, routees ...Actor) (Router, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := options.raw(&pinner)
	if len(routees) != 0 {
		spec.Routees, spec.RouteesCount = rawActors(routees), uint64(len(routees))
		pinner.Pin(spec.Routees)
	}
	return s.newRouter(&spec)
}

func (s *System) newRouter(spec *raw.RouterOptions) (Router, error) {
	var handle raw.Router
	var address raw.Actor
	var failed raw.Error
	release(s)
	if err := explain(raw.RouterCreate(s.handle, spec, &handle, &address, &failed), failed); err != nil {
		return Router{}, err
	}
	if toAll(Route(spec.Logic)) {
		s.toAll.Store(Actor{address.Bits}, nil)
	}
	return Router{handle, Actor{address.Bits}, s}, nil
}

// Close ends the router as StopActor of its Actor without draining does, and a pool with it; a group's routees live
// on.
func (r Router) Close() {
	raw.RouterRelease(r.handle)
	r.system.toAll.Delete(r.address)
}

// Actor is where to send, ask, forward, and watch.
func (r Router) Actor() Actor { return r.address }

// Add adds a live actor of the system to a group. ErrExists: it is one of them; ErrWrongMode: the router has a pool.
func (r Router) Add(routee Actor) error {
	var failed raw.Error
	return explain(raw.RouterAdd(r.handle, routee.raw(), &failed), failed)
}

// Remove takes a routee off a group. It gets nothing that is sent after this returns, and lives on. ErrNotFound: it
// is none of them; ErrWrongMode: the router has a pool.
func (r Router) Remove(routee Actor) error {
	return check(raw.RouterRemove(r.handle, routee.raw()))
}

// Resize gives a pool another size, at most 4,096, and with a ResizeInterval between its bounds (ErrLimit). It grows
// at once; when it shrinks, the youngest routees are taken off and stop when they have handled what they were given.
// What somebody is just about to send them may be a dead letter. ErrWrongMode: the router has a group.
func (r Router) Resize(size int) error {
	var failed raw.Error
	release(r.system)
	return explain(raw.RouterResize(r.handle, uint32(size), &failed), failed)
}

// Routee is a routee as it is now.
type Routee struct {
	Actor Actor
	// Place is from 0: the routee took the lowest that was free. It decides which keys are its own.
	Place  uint64
	Routed uint64 // messages that it was given
	Queued uint64 // messages that wait in its mailbox, whoever sent them
}

// Routees are all there are, by place.
func (r Router) Routees() ([]Routee, error) {
	for rows := make([]raw.Routee, 16); ; {
		var count uint64
		if err := check(raw.RouterRoutees(r.handle, &rows[0], uint64(len(rows)), &count)); err != nil {
			return nil, err
		}
		if count > uint64(len(rows)) {
			rows = make([]raw.Routee, 2*count)
			continue
		}
		routees := make([]Routee, count)
		for i, row := range rows[:count] {
			routees[i] = Routee{Actor{row.Actor.Bits}, row.Place, row.Routed, row.Queued}
		}
		return routees, nil
	}
}

// RouterStats is what a router did.
type RouterStats struct {
	Routees  uint64 // that there are
	Routed   uint64 // messages and copies that a routee was chosen for
	Unrouted uint64 // messages that there was nobody for
	Spilled  uint64 // messages that LoadBoundPercent kept from the routee of their key
	Ended    uint64 // routees that were taken off because they ended
	Replaced uint64 // routees that a pool spawned in place of others
	Grown    uint64 // routees by which resizing made it larger
	Shrunk   uint64 // and smaller
}

// Stats is what the router did; exact while nobody sends.
func (r Router) Stats() (RouterStats, error) {
	var stats raw.RouterStats
	err := check(raw.RouterGetStats(r.handle, &stats))
	return RouterStats(stats), err
}

// askable refuses a request with a value that travels by reference where it would go to many: it belongs to whoever
// answers first.
func (t Type[M]) askable(s *System, to Actor) error {
	if t.about.form == formValue {
		if _, isToAll := s.toAll.Load(to); isToAll {
			return fmt.Errorf("a value moves to one actor, message type %s cannot be asked of many: %w", t, ErrInvalidArgument)
		}
	}
	return nil
}
