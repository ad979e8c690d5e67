package actorcore

import (
	"errors"
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/drop"
	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// PoolOptions say how a pool is made; the zero value is one routee.
type PoolOptions struct {
	RouterOptions
	// Size is how many routees there are at first; 0 is SizeMin.
	Size int
	// SizeMin and SizeMax bound what a resize by load comes to; 0 is 1, and 4,096.
	SizeMin, SizeMax int
	// ResizeInterval is how often the pool is resized by its load, by the system's clock, at least a millisecond; 0 is
	// never.
	ResizeInterval time.Duration
	// GrowAbove and ShrinkBelow are messages that wait, on average, for each routee. With more than the one, the pool
	// grows by a quarter, at least by one; with fewer than the other, it shrinks by as much. ShrinkBelow is at most
	// GrowAbove; 0 is never.
	GrowAbove, ShrinkBelow uint64
}

// NewPool makes a router that spawns its routees, of this kind, and keeps their number; make makes the state of each
// one, in the routee's first turn, before its handler of Started. Where make panics or gives nil that is the routee's
// failure, and it is called again if the routee goes on.
//
// The routees are children of the router, or of whom Supervised names, and end with the router in any case. The
// router restarts those that fail, unless a Supervision says otherwise: StrategyEscalate ends the router,
// StrategyDecide needs a supervisor of the program's own. In the place of a routee that stopped by itself another is
// spawned, about a millisecond later; where a failure ended it, its policy wanted it gone, and the pool is one smaller
// until Resize. All other options for a spawn mean what they mean there; Named is for RouterOptions.Name.
func (k *Kind[S]) NewPool(s *System, make func() *S, options PoolOptions, spawn ...SpawnOption) (Router, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	asked := gather(spawn)
	asked.flags |= raw.SpawnStarted
	if asked.dispatcher == nil {
		asked.dispatcher = s.dispatcher
	}
	routee := asked.raw(&k.kind, s, &pinner)
	pinner.Pin(&routee)
	ticket := values.put(newPool(k, make), nil)
	spec := options.raw(&pinner)
	spec.Spawn = &routee
	spec.Make, spec.User, spec.Destroy = drop.Make, uintptr(ticket), drop.End
	spec.PoolSize = uint32(options.Size)
	spec.PoolMin = uint32(options.SizeMin)
	spec.PoolMax = uint32(options.SizeMax)
	spec.ResizeIntervalNs = nanoseconds(options.ResizeInterval)
	spec.GrowAbove = options.GrowAbove
	spec.ShrinkBelow = options.ShrinkBelow
	r, err := s.newRouter(&spec)
	if err != nil {
		asked.order.end()
		values.end(ticket)
	}
	return r, err
}

// A pool is what its routees are made from. The library spawns them where there is no Go: each has a word of C's for a
// ticket, which gives it a cell on its first turn.
//
// Threads:    any; it does not change.
// Invariants: the ticket ends with the router. What has not begun by then is being stopped, and becomes a leftover.
// Cost:       a lock a routee.
type pool struct {
	kind  *kind
	first kind // of a routee whose state has not been made
	make  func() unsafe.Pointer
}

var errNoState = errors.New("the pool's make gave no state")

// leftovers are routees that their pool ended before they began.
var leftovers = NewKind[Nothing]("Routee")

func newPool[S any](k *Kind[S], make func() *S) *pool {
	p := &pool{kind: &k.kind, make: func() unsafe.Pointer { return unsafe.Pointer(make()) }}
	p.first = kind{name: k.name, of: k.of, others: p.begin, rare: map[uint32]run{
		raw.TypeStopping: nothing,
		raw.TypeStopped:  ending(nothing),
	}}
	return p
}

// begin makes a routee's state, and has its kind handle the message in hand.
func (p *pool) begin(c *Context) error {
	state := p.make()
	if state == nil {
		return errNoState
	}
	cell := cellOf(&c.activation.User)
	cell.kind, cell.state = p.kind, state
	c.state, c.worker.kind = state, p.kind
	return p.kind.handler(c.message.Type)(c)
}

// firstOf gives a routee its cell.
func (w *worker) firstOf(word *uintptr) *cell {
	if !w.reserve(1) {
		panic(ErrLimit)
	}
	routee, last := drop.Made(word), len(w.free)-1
	cell := w.free[last]
	w.free = w.free[:last]
	cell.kind = &leftovers.kind
	if value, ok := values.take(routee.Ticket); ok {
		cell.kind = &value.(*pool).first
	}
	routee.Cell = unsafe.Pointer(cell)
	return cell
}
