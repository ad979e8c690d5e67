package actorcore

import (
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Registration is an actor and one of its names.
type Registration struct {
	Actor  Actor
	Name   string
	Shared bool // others may hold the name too
}

// namesPage is how many names one call reads.
const namesPage = 64

// Register gives a live actor a name, beside those that it has. A name belongs to one actor until it ends,
// or to all that register it as shared. Legal inside a handler.
func (s *System) Register(name string, actor Actor, shared bool) error {
	var flags uint32
	if shared {
		flags = raw.NameShared
	}
	return check(raw.NameRegister(s.handle, textOf(name), actor.raw(), flags))
}

// Unregister takes a name from an actor, also one that it was spawned with. Legal inside a handler.
func (s *System) Unregister(name string, actor Actor) error {
	return check(raw.NameUnregister(s.handle, textOf(name), actor.raw()))
}

// Names are those that match a pattern, sorted: `*` stands for any bytes, `?` for one.
func (s *System) Names(pattern string) ([]Registration, error) {
	var all []Registration
	var after *raw.Named
	page := make([]raw.Named, namesPage)
	for {
		var count uint64
		if err := check(raw.SystemNames(s.handle, textOf(pattern), after, &page[0], namesPage, &count)); err != nil {
			return nil, err
		}
		for i := range page[:count] {
			all = append(all, registration(&page[i]))
		}
		if count < namesPage {
			return all, nil
		}
		last := page[count-1]
		after = &last
	}
}

// SubscribeNames tells an actor of the names that match a pattern: of those that are there at once, of changes
// from then on. Its kind handles them with OnRegistered and OnUnregistered. Legal inside a handler.
func (s *System) SubscribeNames(pattern string, subscriber Actor) error {
	return check(raw.NameSubscribe(s.handle, textOf(pattern), subscriber.raw()))
}

// UnsubscribeNames ends it.
func (s *System) UnsubscribeNames(pattern string, subscriber Actor) error {
	return check(raw.NameUnsubscribe(s.handle, textOf(pattern), subscriber.raw()))
}

// OnRegistered handles what SubscribeNames tells of names that are there.
func OnRegistered[S any](f func(state *S, ctx *Context, name Registration) error) Handler[S] {
	return onTold(raw.TypeRegistered, func(bytes []byte) Registration {
		return registration((*raw.Named)(unsafe.Pointer(unsafe.SliceData(bytes))))
	}, f)
}

// OnUnregistered handles what SubscribeNames tells of names that are gone.
func OnUnregistered[S any](f func(state *S, ctx *Context, name Registration) error) Handler[S] {
	return onTold(raw.TypeUnregistered, func(bytes []byte) Registration {
		return registration((*raw.Named)(unsafe.Pointer(unsafe.SliceData(bytes))))
	}, f)
}

// RegisterType gives a message type its name in the library, where other languages' programs and reports
// find it (see TypeName). The same name again is fine.
func RegisterType[M any](s *System, t Type[M]) error {
	return check(raw.TypeRegister(s.handle, t.Number(), textOf(t.String())))
}

// TypeName is what a message type is called: as it was registered, or the library's own.
func (s *System) TypeName(number uint32) (string, error) {
	var name raw.Text
	err := check(raw.TypeName(s.handle, number, &name))
	return unsafe.String(name.Data, name.Size), err
}

// registration may be backed up to the end of its name only.
func registration(n *raw.Named) Registration {
	return Registration{Actor{n.Actor.Bits}, string(unsafe.Slice(&n.Name[0], n.Size)), n.Flags&raw.NameShared != 0}
}

// onTold handles a message of the library's whose payload is read as a whole.
func onTold[S, M any](number uint32, read func([]byte) M, f func(*S, *Context, M) error) Handler[S] {
	return Handler[S]{number: number, run: func(c *Context) error {
		if err := f((*S)(c.state), c, read(payload(c.message))); err != nil {
			return err
		}
		c.at++
		return nil
	}}
}
