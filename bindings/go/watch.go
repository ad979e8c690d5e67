package actorcore

import "github.com/actorcore/actorcore/bindings/go/internal/raw"

// Ended tells of an actor's end: one that is watched (Terminations), or one that is linked (Exits).
type Ended struct {
	Actor    Actor
	Status   Status // OK: it stopped; ErrFailed: by a failure; ErrStopped: with the system; ErrStale: before it was watched
	Reserved uint32
}

// TrapExit has the actor told by Exits of the end of any actor that it is linked to, where it would fail with those
// that fail.
func TrapExit() SpawnOption {
	return func(o *spawnOptions) { o.flags |= raw.SpawnTrapExit }
}

// Watch has an actor told of another one's end by a message of Terminations: once, after the other's Stopped, and at
// once when it has ended before. Watching twice is watching once; a watch survives restarts on both sides. Handlers
// too.
func (s *System) Watch(watcher, target Actor) error {
	release(s)
	return check(raw.ActorWatch(s.handle, watcher.raw(), target.raw()))
}

// Unwatch ends a watch; a message that was sent before may still come. ErrNotFound: there was none; ErrStale: nor is
// one of the two. Handlers too.
func (s *System) Unwatch(watcher, target Actor) error {
	return check(raw.ActorUnwatch(s.handle, watcher.raw(), target.raw()))
}

// Link links two actors: when one of them ends by a failure the other fails too, with ErrFailed, and its supervisor
// decides; one with TrapExit is told instead, of any end. Linking twice is linking once; a link survives restarts.
// ErrStale: one of them has ended, and nothing was linked. Handlers too.
func (s *System) Link(one, other Actor) error {
	release(s)
	return check(raw.ActorLink(s.handle, one.raw(), other.raw()))
}

// Unlink ends a link. ErrNotFound: there was none; ErrStale: nor is one of the two. Handlers too.
func (s *System) Unlink(one, other Actor) error {
	return check(raw.ActorUnlink(s.handle, one.raw(), other.raw()))
}

// Watch has the actor in hand told of another one's end; see System.Watch.
//
// Cost: a call into C; so have the others.
func (c *Context) Watch(target Actor) error { return c.system.Watch(c.self, target) }

// Unwatch ends a watch of the actor in hand; see System.Unwatch.
func (c *Context) Unwatch(target Actor) error { return c.system.Unwatch(c.self, target) }

// Link links the actor in hand to another one; see System.Link.
func (c *Context) Link(other Actor) error { return c.system.Link(c.self, other) }

// Unlink ends a link of the actor in hand; see System.Unlink.
func (c *Context) Unlink(other Actor) error { return c.system.Unlink(c.self, other) }
