// Package actorcore is the Go binding of libactorcore: an actor runtime and an engine of stat snapshots.
//
// # Actors
//
// A program's messages are Go types with a number, and its actors are values with handlers for them:
//
//	var (
//		adds = actorcore.Define[uint64](1, "add")
//		gets = actorcore.Define[actorcore.Nothing](2, "get")
//		sums = actorcore.Define[uint64](3, "sum")
//	)
//
//	type Counter struct{ sum uint64 }
//
//	func (c *Counter) Add(_ *actorcore.Context, n uint64) error {
//		c.sum += n
//		return nil
//	}
//
//	func (c *Counter) Get(ctx *actorcore.Context, _ actorcore.Nothing) error {
//		return sums.Reply(ctx, c.sum)
//	}
//
//	var counters = actorcore.NewKind("Counter",
//		actorcore.On(adds, (*Counter).Add),
//		actorcore.On(gets, (*Counter).Get))
//
// From outside, a program makes a System, spawns actors, tells and asks them:
//
//	system, err := actorcore.NewSystem(actorcore.Options{})
//	defer system.Close()
//	counter, err := counters.Spawn(system, &Counter{})
//	err = adds.Tell(system, counter, 5)
//	sum, err := actorcore.Ask(ctx, system, counter, gets, actorcore.Nothing{}, sums)
//
// Inside a handler everything goes through its Context: Type.Send, Type.Reply, Type.Request, Kind.Spawn,
// Kind.SpawnMany, Context.Stop and the like. An actor for one type of message needs no Kind: Spawn takes a Receiver,
// which is any value with a Receive method, or a Func.
//
// An actor's handlers run one at a time, and see the messages of one sender in the order sent. Its state is
// theirs alone, so it needs no lock. A handler that returns an error or panics fails its actor, and no other:
// the failure says who, why and at which message ("go Counter: panic: out of ink: message type 1 (add)"), is
// kept for System.Failures, and the actor's supervisor decides what follows. Without one the actor stops.
//
// Every message is accounted for, and System.Ledger says where: handled, queued, or dead for a reason that
// System.DeadLetters names.
//
// # Supervision and the steps of a life
//
// An actor that is spawned with Supervised is a child of another: it stops before that one stops or restarts. The
// supervisor's Children say what a failure of a child leads to, unless the child has a Supervision of its own: that
// it stops, restarts or resumes, alone or with its siblings, or that the supervisor fails.
//
//	boss, err := bosses.Spawn(system, &Boss{}, actorcore.Children(actorcore.Policy{
//		Strategy: actorcore.StrategyRestart, RestartsMax: 3, BackoffMin: 10 * time.Millisecond}))
//
//	// in a handler of the boss's
//	counter, err := counters.Spawn(ctx, &Counter{}, actorcore.Supervised(ctx.Self()))
//
// The message that failed is gone; a restarted actor keeps its id and its mailbox, and the very value that is its
// state. Nothing is copied or made anew behind its back: that is for its handler of Restarted, and without one it
// goes on with what the failure left.
//
//	actorcore.On(actorcore.Restarted, func(c *Counter, _ *actorcore.Context, _ actorcore.Nothing) error {
//		*c = Counter{}
//		return nil
//	})
//
// So are Started, Restarting, Stopping and Stopped handlers of a kind. With StrategyDecide, and where no strategy is
// said, the supervisor needs a handler for Failures; who watches another (Context.Watch) one for Terminations, and
// who is linked to another and has TrapExit one for Exits. As for any message, a kind without a handler fails.
//
// A handler can set its message aside (Context.Stash, Context.Unstash), and have another kind with the same state
// handle the next ones (Context.Become, Context.Unbecome).
//
// # Traces
//
// A Span is one step of a Trace (W3C Trace Context), which follows one piece of work through actors and programs. A
// message carries its span wherever it goes (Type.SendIn), a request by its ask (WithSpan, Type.RequestIn):
//
//	span, err := ctx.Span()       // that of the message in hand
//	step, err := span.Child(7)    // 7 is the program's own number for what it is
//	sums.SendIn(ctx, step, to, 5) // whoever handles that ends the step
//	record, err := span.End()     // ids and times, for an exporter
//
// # How messages travel
//
// A type of fixed layout (sized integers and floats, arrays and structs of them, Actor, Entity) travels as
// its bytes, up to 32 of them without any allocation on either side, and means the same to an actor in
// another language. A []byte travels as it is. Anything else, a *T, a string, a map, moves by reference and
// stays within the process: the receiver gets the very value. When a message with such a value dies without
// a handler, for its receiver had stopped, or failed, or the system ended, the value's Dropped method, if it
// has one, is called exactly once, on a goroutine of its own, before Stop returns at the latest. See Define.
//
// # Where handlers run
//
// On worker goroutines of the system, as many as Options.Workers, which lend their threads to the library.
// One call into C fetches what many actors have to do and hands over what the last ones sent, so that a
// message costs tens of nanoseconds, and nothing calls from C into Go but the functions of a Mailbox. What waits (Ask, Settle, Stop)
// is refused with ErrWouldDeadlock inside a handler; use Request and ResolveAsync there, whose answers are
// messages. A handler that blocks in Go holds up its worker only; give such actors a Dispatcher of their own.
//
// With Options.Seeded the system runs in virtual time, one handler at a time, in an order that the seed
// decides: the same program with the same seed does exactly the same, and System.TraceHash proves it.
//
// # Events and work
//
// A Bus publishes to the actors that subscribed to a topic or pattern (a handler for Events); a Queue hands items
// to one actor of a pool at a time until it acknowledges them (a handler for Works). Type.Publish and Type.Put send
// a message's bytes that way, and Type.In reads them.
//
// # Many actors behind one id
//
// A Router stands for many actors: what is sent to its Actor goes to one of them, or to all, as its Route says. Those
// of a group are given to System.NewRouter; those of a pool are spawned by Kind.NewPool, which keeps their number and
// replaces who stopped.
//
// # Memory
//
// A Buffer, which may be a part of a file (MapFile), goes to any number of actors without a copy. MemoryPools and
// Allocator say what the library holds, and ConfigureMemory how it keeps that, for the whole process.
//
// # Snapshots
//
// An Engine holds a registry of dimensions, formulas and caps. An Entity keeps what its subsystems
// contribute (Entity.Put), and Entity.Resolve folds that into an immutable Snapshot, bit for bit the same in
// every language. An actor can be a subsystem that is asked at each resolve (Engine.Register, Questions).
// Engine, Entity and Snapshot are small values that stand for things of the library; release each one once.
// What a View or Outputs.At lends is in the library's memory until then.
//
// # Errors
//
// Every error that comes from the library is a Status or an *Error with one:
//
//	if errors.Is(err, actorcore.ErrTimeout) { ... } // context.DeadlineExceeded holds too
//	var full *actorcore.Error
//	if errors.As(err, &full) { ... } // full.Message says what to do, full.Details what is wrong where
//
// # Building
//
// The package finds the installed library by pkg-config:
//
//	export PKG_CONFIG_PATH=/opt/actorcore/lib/pkgconfig
//	export CGO_LDFLAGS=-Wl,-rpath,/opt/actorcore/lib
//	go build
package actorcore
