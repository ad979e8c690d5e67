package actorcore

import "fmt"

// Behavior is a Kind, whatever its state: what an actor can become.
type Behavior interface {
	behavior() *kind
}

func (k *kind) behavior() *kind { return k }

// behaviorsMax is how many an actor can have on top of each other, as in other languages.
const behaviorsMax = 64

// Become has another kind handle the actor's messages from the next one on, with the same state, until Unbecome or a
// restart. ErrInvalidArgument: it is a kind of actors with another state; ErrLimit: 64 are on top of each other.
func (c *Context) Become(kind Behavior) error { return c.become(kind.behavior(), true) }

// Replace is Become in the place of what the actor is now, so that Unbecome goes back to what was below that. The
// kind that it was spawned with is never replaced, and stays below.
func (c *Context) Replace(kind Behavior) error { return c.become(kind.behavior(), false) }

func (c *Context) become(k *kind, onTop bool) error {
	cell := cellOf(&c.activation.User)
	if was := cell.kind.spawned(); k.of != was.of {
		return fmt.Errorf("an actor with a state of %v cannot become %s, which has one of %v: %w", was.of,
			k.name(cell.state), k.of, ErrInvalidArgument)
	}
	b := cell.kind.became
	if b == nil {
		b = &became{stack: []*kind{cell.kind}}
		b.became = b
		cell.kind = &b.kind
	}
	switch top := len(b.stack) - 1; {
	case !onTop && top != 0:
		b.stack[top] = k
	case top == behaviorsMax:
		return ErrLimit
	default:
		b.stack = append(b.stack, k)
	}
	c.cut()
	return nil
}

// Unbecome goes back to what the actor was before, from the next message on. ErrNotFound: it is what it was spawned as.
func (c *Context) Unbecome() error {
	b := cellOf(&c.activation.User).kind.became
	if b == nil || len(b.stack) == 1 {
		return ErrNotFound
	}
	b.stack = b.stack[:len(b.stack)-1]
	c.cut()
	return nil
}

// became is the kind of one actor, from when it becomes another until it restarts.
type became struct {
	kind
	stack []*kind // from the one that it was spawned with to the one that it is
}

// now is the kind that handles an actor's messages.
func (k *kind) now() *kind {
	if k.became == nil {
		return k
	}
	return k.became.stack[len(k.became.stack)-1]
}

// spawned is the kind that the actor was spawned with.
func (k *kind) spawned() *kind {
	if k.became == nil {
		return k
	}
	return k.became.stack[0]
}

// cut ends what the handler in hand is given with its message: the next one may be another's.
func (c *Context) cut() { c.end = c.at + 1 }
