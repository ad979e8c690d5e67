package actorcore

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// System owns actors and the goroutines that run them. Nothing is shared between two systems.
//
// Threads: any.
type System struct {
	handle     raw.System
	dispatcher *Dispatcher
	serving    sync.WaitGroup
	cells      cells

	dispatchers sync.Map // by handle
	toAll       sync.Map // the addresses of routers that give a request to all
}

// Options say how a system is made; the zero value is a good choice.
type Options struct {
	// Workers is how many goroutines run handlers; 0 is GOMAXPROCS. Each keeps a thread. Where the program
	// has other work for its processors, leave some to it.
	Workers int
	// Throughput is the most messages of one actor in one activation; 0 is the library's choice, 256.
	Throughput int
	// Spin is how long a worker without work looks for some before it sleeps; 0 is the library's choice,
	// 20 µs, and a negative one sleeps at once.
	Spin time.Duration
	// Seeded runs the whole system deterministically, in virtual time, from Seed: the same program with the
	// same seed has the same TraceHash. It moves only while Settle, Ask, Resolve or Stop is under way.
	Seeded bool
	// Seed is the seed of the schedule and of Random; 0 takes one from the machine unless Seeded.
	Seed uint64
	// Name names the system's threads.
	Name string
	// MessageBytesMax is the most memory that messages on their way may take, at least 1 MiB; 0 is no limit. Above it
	// sends fail with ErrOverloaded, and what handlers send is dead.
	MessageBytesMax uint64
	// Placement says where the workers run.
	Placement
	// CriticalCPUs are kept for dispatchers that are Critical: no other thread of the system runs there.
	CriticalCPUs CPUSet
	// BackgroundCPUs are where the library's own helpers run, and dispatchers that are Background; no other
	// worker does.
	BackgroundCPUs CPUSet
	// Isolated lets no two dispatchers share a processor. The library has a dispatcher of its own beside the
	// system's, for subsystems that are functions: it takes a processor, or BackgroundCPUs where there are some.
	Isolated bool
	// Share is how much of the machine's processors the workers may use, above 0 and up to 1; 0 is all. A worker
	// rests when together they used more; what one activation takes too much is made good afterwards.
	Share float64
}

// NewSystem makes a system and starts its workers. Close it.
func NewSystem(options Options) (*System, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := raw.SystemOptions{
		StructSize: uint32(unsafe.Sizeof(raw.SystemOptions{})),
		ApiVersion: raw.APIVersion,
		Seed:       options.Seed,
		Workers:    1, // of the library's own dispatcher, which has no actors here
		Throughput: uint32(options.Throughput),
		SpinNs:     spin(options.Spin),
		Name:       pinned(&pinner, options.Name),

		MessageBytesMax:  options.MessageBytesMax,
		CriticalCpus:     options.CriticalCPUs.pinned(&pinner),
		BackgroundCpus:   options.BackgroundCPUs.pinned(&pinner),
		CpuSharePermille: permille(options.Share),
	}
	if options.Workers == 0 && options.CPUs.size() == 0 && options.Share > 0 {
		options.Workers = max(1, int(math.Ceil(options.Share*float64(runtime.GOMAXPROCS(0)))))
	}
	if options.Isolated {
		spec.Flags |= raw.SystemIsolated
		if options.BackgroundCPUs.size() != 0 {
			spec.DispatcherFlags = raw.DispatcherBackground
		}
	}
	if options.Seeded {
		spec.Flags |= raw.SystemSeeded
		options.Workers = 1 // the library lets one run at a time
	}
	s := &System{}
	var failed raw.Error
	if err := explain(raw.SystemCreate(&spec, &s.handle, &failed), failed); err != nil {
		return nil, err
	}
	var err error
	own := DispatcherOptions{Workers: options.Workers, Name: options.Name, Placement: options.Placement}
	if s.dispatcher, err = s.NewDispatcher(own); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Dispatcher is a set of workers with actors of their own: what blocks in one does not hold up another.
type Dispatcher struct {
	system *System
	handle raw.Dispatcher
}

// DispatcherOptions say how a dispatcher is made; they mean what they do in Options, and 0 is the system's.
type DispatcherOptions struct {
	Workers    int
	Throughput int
	Spin       time.Duration
	Name       string
	Placement
}

// NewDispatcher starts another set of workers. It ends with its system.
func (s *System) NewDispatcher(options DispatcherOptions) (*Dispatcher, error) {
	if options.Workers == 0 {
		options.Workers = options.CPUs.size()
	}
	if options.Workers == 0 {
		options.Workers = runtime.GOMAXPROCS(0)
	}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := raw.DispatcherOptions{
		StructSize: uint32(unsafe.Sizeof(raw.DispatcherOptions{})),
		Mode:       raw.DispatcherAttached,
		Workers:    uint32(options.Workers),
		Throughput: uint32(options.Throughput),
		SpinNs:     spin(options.Spin),
		Name:       pinned(&pinner, options.Name),
		Cpus:       options.CPUs.pinned(&pinner),
		Node:       uint32(options.Node),
		Priority:   uint32(options.Priority),
		Fairness:   uint32(options.Fairness),
		Flags:      options.flags(),
	}
	d := &Dispatcher{system: s}
	var failed raw.Error
	if err := explain(raw.DispatcherCreate(s.handle, &spec, &d.handle, &failed), failed); err != nil {
		return nil, err
	}
	s.dispatchers.Store(d.handle, d)
	attached := make(chan error, options.Workers)
	for range options.Workers {
		s.serving.Go(func() { newWorker(d).serve(attached) })
	}
	var err error
	for range options.Workers {
		err = errors.Join(err, <-attached)
	}
	return d, err
}

// Settle waits until the system is quiet: no message queued or in hand, no ask and no resolve under way.
// In a seeded system this is what runs it.
func (s *System) Settle(ctx context.Context) error {
	if err := inHandler(ctx); err != nil {
		return err
	}
	release(s)
	defer acquire(s)
	_, err := waiting[Nothing]{late: stopping, call: func(timeout uint64) (Nothing, error) {
		return Nothing{}, check(raw.SystemSettle(s.handle, timeout))
	}}.end(ctx)
	return err
}

// StopReport is what a stop came to.
type StopReport struct {
	Drained  uint64        // messages that were handled between the call and the stop
	Dropped  uint64        // messages that became dead letters
	Actors   uint64        // actors that the stop ended
	Elapsed  time.Duration // how long it took, by the system's clock
	TimedOut bool          // the deadline came before the mailboxes were empty
}

// Stop refuses new messages from outside, handles what is queued until nothing is left or the context's
// deadline comes, and then stops every actor. A second call gives the first one's report.
func (s *System) Stop(ctx context.Context) (StopReport, error) {
	if err := inHandler(ctx); err != nil {
		return StopReport{}, err
	}
	return waiting[StopReport]{late: stopping, call: s.stop}.end(ctx)
}

func (s *System) stop(timeout uint64) (StopReport, error) {
	var report raw.StopReport
	var failed raw.Error
	release(s)
	if err := explain(raw.SystemStop(s.handle, timeout, &report, &failed), failed); err != nil {
		return StopReport{}, err
	}
	s.serving.Wait()
	acquire(s)
	s.cells.close()
	values.close(s)
	return StopReport{report.Drained, report.Dropped, report.Actors, time.Duration(report.ElapsedNs), report.TimedOut != 0}, nil
}

// Close stops the system at once, without draining, and releases it. The ledger and the like cannot be read
// afterwards.
func (s *System) Close() error {
	_, err := s.stop(0)
	raw.SystemRelease(s.handle)
	return err
}

// Now is the system's clock: monotonic nanoseconds, or virtual ones in a seeded system.
func (s *System) Now() (ns uint64) {
	raw.SystemNow(s.handle, &ns)
	return ns
}

// Random is a random number from the system's seed. In a seeded system the sequence is part of the replay.
func (s *System) Random() (random uint64) {
	raw.SystemRandom(s.handle, &random)
	return random
}

// TraceHash is a hash over all that a seeded system did so far: the same program with the same seed has the
// same, in any language.
func (s *System) TraceHash() (uint64, error) {
	var hash uint64
	err := check(raw.SystemTraceHash(s.handle, &hash))
	return hash, err
}

// Find is the actor that was spawned under a name.
func (s *System) Find(name string) (Actor, error) {
	var actor raw.Actor
	err := check(raw.SystemFind(s.handle, textOf(name), &actor))
	return Actor{actor.Bits}, err
}

// StopActor asks an actor to stop, and returns at once. With drain it first handles what it was sent before;
// otherwise that becomes dead letters.
func (s *System) StopActor(actor Actor, drain bool) error {
	var flags uint32
	if drain {
		flags = raw.StopDrain
	}
	return check(raw.ActorStop(s.handle, actor.raw(), flags))
}

// Alive says whether an actor lives.
func (s *System) Alive(actor Actor) bool {
	return raw.ActorCheck(s.handle, actor.raw()) == raw.Ok
}

func spin(spin time.Duration) uint64 {
	if spin < 0 {
		return raw.SpinNone
	}
	return uint64(spin)
}
