package actorcore

import (
	"runtime"
	"time"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Strategy is what a child's failure leads to.
type Strategy = raw.Supervise

const (
	// StrategyDefault is, in an actor's own Supervision, what its supervisor's Children say; in Children, that the
	// child stops and the supervisor is told by a Failed.
	StrategyDefault Strategy = raw.SuperviseDefault
	// StrategyStop stops the child.
	StrategyStop Strategy = raw.SuperviseStop
	// StrategyRestart restarts the child.
	StrategyRestart Strategy = raw.SuperviseRestart
	// StrategyResume has the child go on with its next message.
	StrategyResume Strategy = raw.SuperviseResume
	// StrategyEscalate fails the supervisor with the child's failure.
	StrategyEscalate Strategy = raw.SuperviseEscalate
	// StrategyRestartAll restarts all children of the supervisor.
	StrategyRestartAll Strategy = raw.SuperviseRestartAll
	// StrategyRestForOne restarts the child and those that were spawned after it.
	StrategyRestForOne Strategy = raw.SuperviseRestForOne
	// StrategyStopAll stops all children of the supervisor.
	StrategyStopAll Strategy = raw.SuperviseStopAll
	// StrategyDecide tells the supervisor by a Failed, and has it call Context.Decide in the handler of that.
	StrategyDecide Strategy = raw.SuperviseDecide
)

// Policy says what failures of an actor, or of its children, lead to. The zero value is StrategyDefault.
type Policy struct {
	Strategy Strategy
	// RestartsMax restarts within Period are the most, 1,000 at most; one more leads to OnLimit. 0 is no limit. A
	// restart of several at once counts as one.
	RestartsMax int
	// Period is by the system's clock; 0 is 5 s.
	Period time.Duration
	// BackoffMin is how long the first restart waits; 0 does not wait.
	BackoffMin time.Duration
	// BackoffMax is the longest wait; 0 is 60 times the first.
	BackoffMax time.Duration
	// BackoffReset is after how long without a failure the next wait is the first again; 0 is twice the longest.
	BackoffReset time.Duration
	// BackoffPercent is how much longer each wait is than the one before, 100 to 1,000; 0 is 200, twice as long.
	BackoffPercent int
	// JitterPercent is by how much at most a wait is made shorter or longer at random, 0 to 100.
	JitterPercent int
	// OnLimit is StrategyStop, which 0 is too, StrategyStopAll or StrategyEscalate.
	OnLimit Strategy
}

// raw is what the library is asked for. A negative number becomes one that it refuses.
func (p *Policy) raw() raw.Supervision {
	return raw.Supervision{
		Strategy:       uint32(p.Strategy),
		RestartsMax:    uint32(p.RestartsMax),
		PeriodNs:       nanoseconds(p.Period),
		BackoffMinNs:   nanoseconds(p.BackoffMin),
		BackoffMaxNs:   nanoseconds(p.BackoffMax),
		BackoffResetNs: nanoseconds(p.BackoffReset),
		BackoffPercent: uint32(p.BackoffPercent),
		JitterPercent:  uint32(p.JitterPercent),
		OnLimit:        uint32(p.OnLimit),
	}
}

// Children says what the failures of the actor's children lead to.
func Children(policy Policy) SpawnOption {
	return func(o *spawnOptions) { o.children = policy.raw() }
}

// Supervision says what the actor's own failure leads to, in the place of what its supervisor's Children say.
func Supervision(policy Policy) SpawnOption {
	return func(o *spawnOptions) { o.supervision = policy.raw() }
}

// KeepChildren leaves the actor's children alone when it restarts; they end otherwise.
func KeepChildren() SpawnOption {
	return func(o *spawnOptions) { o.flags |= raw.SpawnKeepChildren }
}

// Supervise replaces the actor's Children from their next failure on.
func (s *System) Supervise(supervisor Actor, children Policy) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	policy := children.raw()
	pinner.Pin(&policy)
	var failed raw.Error
	return explain(raw.ActorSupervise(s.handle, supervisor.raw(), &policy, &failed), failed)
}

// Failed tells a supervisor that a child's handler failed. The child has stopped, or waits for Context.Decide.
type Failed struct {
	Actor  Actor
	Status Status // ErrHandler or ErrPanic, or what another language's handler returned
	Type   uint32 // of the message in hand
	Number uint64 // the failure's, for System.Failures
}

// Text is the failure's language, handler and reason, such as "go Counter: panic: out of ink: message type 1 (add)";
// empty where it is none of the last 256 failures.
func (f Failed) Text(at Spawner) string {
	var kept raw.Failure
	var count uint64
	status := raw.SystemFailures(systemOf(at).handle, f.Number-1, &kept, 1, &count)
	if status != raw.Ok || count == 0 || kept.Number != f.Number {
		return ""
	}
	return string(kept.Text[:kept.TextSize])
}

// Decide says what a failure leads to that StrategyDecide has left open, in the handler of its Failed; with none the
// child stops. Any strategy but StrategyDefault and StrategyDecide; the limit and the waits of the policy apply.
// ErrNotFound: the actor waits for no decision.
//
// Cost: a call into C.
func (c *Context) Decide(child Actor, strategy Strategy) error {
	return check(raw.ActorDecide(c.turn.System, child.raw(), uint32(strategy)))
}

// Restart restarts an actor once it has ended its activation, as StrategyRestart does, but no failure is recorded and
// no limit applies: it keeps its id, mailbox, watches and links, its stash goes back in front of the mailbox, it is
// the kind that it was spawned with again, and its children stop (see KeepChildren). The steps are Restarting, the
// children's end, and Restarted. To have it handle first what it was sent before, send it Restart. Handlers too.
func (s *System) Restart(actor Actor) error {
	release(s)
	return check(raw.ActorRestart(s.handle, actor.raw()))
}

// Kill ends an actor once it has ended its activation, without Stopping and Stopped, and its children in the same
// way. What it has left is dead letters. To have it handle first what it was sent before, send it Kill. Handlers too.
func (s *System) Kill(actor Actor) error {
	release(s)
	return check(raw.ActorStop(s.handle, actor.raw(), raw.StopKill))
}

// Children are an actor's, in the order of their spawn, those that are stopping among them. Handlers too.
func (s *System) Children(supervisor Actor) ([]Actor, error) {
	for children := make([]Actor, 16); ; {
		var count uint64
		status := raw.ActorChildren(s.handle, supervisor.raw(), rawActors(children), uint64(len(children)), &count)
		if status != raw.Ok {
			return nil, check(status)
		}
		if count <= uint64(len(children)) {
			return children[:count], nil
		}
		children = make([]Actor, 2*count)
	}
}

// Supervisor is whose child an actor is, or none. Handlers too.
func (s *System) Supervisor(actor Actor) (Actor, error) {
	var supervisor raw.Actor
	err := check(raw.ActorSupervisor(s.handle, actor.raw(), &supervisor))
	return Actor{supervisor.Bits}, err
}

// Children are those of the actor in hand.
//
// Cost: a call into C, and an allocation.
func (c *Context) Children() ([]Actor, error) { return c.system.Children(c.self) }

// Supervisor is whose child the actor in hand is, or none.
//
// Cost: a call into C.
func (c *Context) Supervisor() (Actor, error) { return c.system.Supervisor(c.self) }

// SupervisionStats is what an actor's children and itself have come to.
type SupervisionStats struct {
	Children  uint64 // now
	Failures  uint64 // of children, that were decided on
	Resumed   uint64 // of these, led to a resume
	Restarted uint64 // of these, led to a restart, of one or of several
	Stopped   uint64 // of these, led to a stop
	Escalated uint64 // of these, led to the supervisor's own failure
	Limited   uint64 // restarts that RestartsMax refused
	Restarts  uint64 // how often the actor itself has restarted
}

// SupervisionStats reads them. Handlers too.
func (s *System) SupervisionStats(actor Actor) (SupervisionStats, error) {
	var stats raw.SupervisionStats
	err := check(raw.ActorGetSupervision(s.handle, actor.raw(), &stats))
	return SupervisionStats(stats), err
}
