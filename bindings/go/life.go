package actorcore

import "github.com/actorcore/actorcore/bindings/go/internal/raw"

// The steps of an actor's life. A handler for one of them is what asks for it. They are messages that are counted
// nowhere and cannot be stashed; whatever an actor has become (see Context.Become), they go to the kind that it was
// spawned with.
var (
	// Started is an actor's first message.
	Started = define[Nothing](raw.TypeStarted, "Started")
	// Restarting comes before a restart, and before the children's end: let go of what is to be made anew.
	Restarting = define[Nothing](raw.TypeRestarting, "Restarting")
	// Restarted is the first message after a restart: make the state anew. The state is the same value as before,
	// and nobody else puts it right: a kind that restarts and has no handler for this goes on with what the failure
	// left.
	Restarted = define[Nothing](raw.TypeRestarted, "Restarted")
	// Stopping is the first message of a stop, before the children's; the mailbox takes nothing more.
	Stopping = define[Nothing](raw.TypeStopping, "Stopping")
	// Stopped is an actor's last message, once its children have ended. One that is killed does not get it.
	Stopped = define[Nothing](raw.TypeStopped, "Stopped")
)

// lifeSteps is above the numbers of the steps, without the bit that the library's messages have in common.
const lifeSteps = 16

func stepOf(number uint32) uint32 { return number % lifeSteps }

// stepFlags are the spawn flags that ask for the steps. Every actor is told of its end, which gives its cell back,
// and of its restarts, which end what it became.
var stepFlags = map[uint32]uint32{
	raw.TypeStarted:    raw.SpawnStarted,
	raw.TypeRestarting: raw.SpawnRestarting,
	raw.TypeRestarted:  raw.SpawnRestarted,
	raw.TypeStopping:   raw.SpawnStopping,
	raw.TypeStopped:    raw.SpawnStopped,
}

// live sorts the handlers of the steps out.
func (k *kind) live() {
	k.flags = raw.SpawnStopped | raw.SpawnRestarted
	for number, flag := range stepFlags {
		handler, ok := k.rare[number]
		if ok {
			k.flags |= flag
		} else {
			handler = nothing
		}
		k.steps[stepOf(number)] = handler
		k.rare[number] = step
	}
	k.steps[stepOf(raw.TypeRestarted)] = anew(k.steps[stepOf(raw.TypeRestarted)])
	k.steps[stepOf(raw.TypeStopped)] = ending(k.steps[stepOf(raw.TypeStopped)])
}

// step is what the kind that an actor was spawned with does at a step of its life.
func step(c *Context) error {
	return cellOf(&c.activation.User).kind.spawned().steps[stepOf(c.message.Type)](c)
}

func nothing(c *Context) error {
	c.at++
	return nil
}

// anew ends all that the actor became.
func anew(first run) run {
	return func(c *Context) error {
		cell := cellOf(&c.activation.User)
		cell.kind = cell.kind.spawned()
		c.worker.kind = cell.kind
		return first(c)
	}
}

// ending gives the actor's cell back once its last message is handled, which is not the actor's where it was killed.
func ending(last run) run {
	return func(c *Context) error {
		defer c.worker.forget(&c.activation.User)
		if c.activation.Flags&raw.ActivationKilled != 0 {
			return nothing(c)
		}
		return last(c)
	}
}
