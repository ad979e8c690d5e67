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
	if k.of != cell.kind.of {
		return fmt.Errorf("an actor with a state of %v cannot become %s, which has one of %v: %w", cell.kind.of,
			k.name(cell.state), k.of, ErrInvalidArgument)
	}
	if cell.below == nil {
		cell.below = new([]*kind)
	}
	if below := *cell.below; onTop || len(below) == 0 {
		if len(below) == behaviorsMax {
			return ErrLimit
		}
		*cell.below = append(below, cell.kind)
	}
	cell.kind = k
	c.cut()
	return nil
}

// Unbecome goes back to what the actor was before, from the next message on. ErrNotFound: it is what it was spawned as.
func (c *Context) Unbecome() error {
	cell := cellOf(&c.activation.User)
	if cell.below == nil || len(*cell.below) == 0 {
		return ErrNotFound
	}
	below := *cell.below
	cell.kind = below[len(below)-1]
	*cell.below = below[:len(below)-1]
	c.cut()
	return nil
}

// cut ends what the handler in hand is given with its message: the next one may be another's.
func (c *Context) cut() { c.end = c.at + 1 }
