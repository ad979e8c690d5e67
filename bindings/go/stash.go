package actorcore

import "github.com/actorcore/actorcore/bindings/go/internal/raw"

// StashMax bounds how many messages the actor can stash; 0 is 1,024.
func StashMax(messages int) SpawnOption {
	return func(o *spawnOptions) { o.stashMax = uint32(max(messages, 0)) }
}

// Stash sets the message in hand aside, to be handled after Unstash or a restart; where the actor ends before, it is
// a dead letter. It is the last that a handler does with its message: from here on the Context has none.
// ErrFull: the stash has as many as StashMax allows, and the message is still in hand. ErrInvalidArgument: it is in
// the stash already, or a step of the actor's life.
//
// Cost: a call into C.
func (c *Context) Stash() error {
	var ticket uint64
	if c.isValue {
		ticket = ticketOf(c.message)
	}
	if status := raw.WorkerStash(c.turn.Worker, c.worker.next, c.at); status != raw.Ok {
		return check(status)
	}
	if c.isValue {
		c.isValue = false
		values.untake(ticket)
	}
	c.load()
	return nil
}

// Unstash puts stashed messages back, the oldest first and at most so many, 0 being all: they come before all that
// the actor has not begun to handle.
//
// Cost: a call into C.
func (c *Context) Unstash(most int) error {
	status := raw.WorkerUnstash(c.turn.Worker, c.worker.next, uint64(max(most, 0)))
	if status == raw.Ok {
		c.cut()
		c.activation.Handled = c.end
		c.activation.Flags |= raw.ActivationYield
	}
	return check(status)
}
