package actorcore

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
	"github.com/actorcore/actorcore/bindings/go/internal/send"
)

// Type is a type of message: a Go type, its number, which is what travels, and a name for people.
// Make one with Define, once, as a package variable.
type Type[M any] struct {
	key   uint64 // number, and length << 32 as it stands in the envelope
	about *typeAbout
}

// typeAbout is what is known of a message type apart from its key.
type typeAbout struct {
	name string
	form form
	once sync.Once
	kind *kind
}

// receivers is the kind of the actors that Spawn makes for this type.
func (a *typeAbout) receivers(make func() *kind) *kind {
	a.once.Do(func() { a.kind = make() })
	return a.kind
}

// lengthOpen stands for the length of types whose messages differ in it.
const lengthOpen = ^uint32(0)

var typeNames sync.Map // number -> defined

type defined struct {
	name string
	of   reflect.Type
}

// Define registers a message type under a number of the program's own, 1 to 0x7fffffff, and says how it
// travels:
//
//   - a type of fixed layout (sized integers and floats, arrays and structs of them, Actor, Entity ...) as
//     its bytes: up to 32 in the envelope, more in a buffer of the library;
//   - a []byte as those bytes; a handler gets a view of the library's memory, to be copied if it is to stay;
//   - any other type by reference, within this process and between Go actors. Where M has a method
//     Dropped(), it is called exactly once for each message that no handler got.
//
// It panics when the number is taken by another type, or when a type without pointers has padding or parts
// that differ from machine to machine.
func Define[M any](number uint32, name string) Type[M] {
	if number == 0 || number > 0x7fffffff {
		panic(fmt.Sprintf("actorcore: message type %d (%s): a number from 1 to 0x7fffffff is wanted", number, name))
	}
	return define[M](number, name)
}

func define[M any](number uint32, name string) Type[M] {
	of := reflect.TypeFor[M]()
	about := &typeAbout{name: name, form: formOf(of)}
	if other, loaded := typeNames.LoadOrStore(number, defined{name, of}); loaded && other != any(defined{name, of}) {
		panic(fmt.Sprintf("actorcore: message type %d (%s) is taken by %s", number, name, other.(defined).name))
	}
	length := uint32(of.Size())
	switch {
	case about.form == formBytes:
		length = lengthOpen
	case about.form == formValue:
		length = valueBytes
	case of.Size() > raw.PayloadBytesMax:
		panic(fmt.Sprintf("actorcore: %v has %d bytes, more than a message holds", of, of.Size()))
	}
	return Type[M]{uint64(number) | uint64(length)<<32, about}
}

// typeName is a message type's number, and its name where it has one.
func typeName(number uint32) string {
	text := strconv.FormatUint(uint64(number), 10)
	if known, ok := typeNames.Load(number); ok {
		text += " (" + known.(defined).name + ")"
	}
	return text
}

// Number is what the type travels under.
func (t Type[M]) Number() uint32 { return uint32(t.key) }

// String is the name that it was defined with.
func (t Type[M]) String() string { return t.about.name }

// Send sends a message to an actor, from the actor in hand. It takes effect when the turn ends, at the
// latest. Dead receivers are no error: the message becomes a dead letter. What can go wrong is memory that
// is exhausted, and that ends the handler like a panic.
//
// Cost: a store into the library's memory; more than 32 bytes take a buffer, which is a call into C.
func (t Type[M]) Send(c *Context, to Actor, message M) {
	turn := c.turn
	if turn.OutboxCount == turn.OutboxCapacity {
		c.flush()
	}
	e := *(**raw.Message)(unsafe.Add(unsafe.Pointer(turn.Outbox), uintptr(turn.OutboxCount)*8))
	e.To = raw.Actor{Bits: to.bits}
	e.Sender = raw.Actor{Bits: c.self.bits}
	e.Correlation = 0
	if uint32(t.key>>32) <= raw.InlineBytes {
		*(*uint64)(unsafe.Pointer(&e.Type)) = t.key
		*(*M)(unsafe.Pointer(&e.Data)) = message
	} else {
		t.sendLong(e, message)
	}
	turn.OutboxCount++
}

//go:noinline
func (t Type[M]) sendLong(e *raw.Message, message M) {
	if status := t.fillLong(e, message); status != raw.Ok {
		panic(sendFailure(status))
	}
}

// tellOne sends an envelope from outside the handlers; refused, what it carries is still the caller's.
func (s *System) tellOne(e *raw.Message) raw.Status {
	release(s)
	return send.Tell(s.handle, e)
}

// Tell sends a message from outside the handlers; its sender is none. ErrNotFound says that a Router has nobody for
// it.
func (t Type[M]) Tell(s *System, to Actor, message M) error { return t.tell(s, Span{}, to, message) }

func (t Type[M]) tell(s *System, span Span, to Actor, message M) error {
	var e raw.Message
	if status := t.fill(&e, message); status != raw.Ok {
		return check(status)
	}
	e.To = to.raw()
	e.Correlation = span.span.Bits
	status := s.tellOne(&e)
	if status != raw.Ok {
		takeBack(&e, t.about.form)
	}
	return check(status)
}

// Batch is messages to be sent in one call, each to its own actor. The zero value is empty.
//
// Threads: one at a time.
type Batch struct {
	messages []raw.Message
	forms    []form
	statuses []raw.Status
}

// Add puts a message into a batch.
func (t Type[M]) Add(b *Batch, to Actor, message M) error {
	b.messages = append(b.messages, raw.Message{})
	e := &b.messages[len(b.messages)-1]
	if status := t.fill(e, message); status != raw.Ok {
		b.messages = b.messages[:len(b.messages)-1]
		return check(status)
	}
	e.To = to.raw()
	b.forms = append(b.forms, t.about.form)
	return nil
}

// TellMany sends a batch from outside the handlers and empties it; messages to one actor keep their order.
// It says how many were accepted, and why the first one that was not was refused.
func (s *System) TellMany(b *Batch) (accepted int, err error) {
	if len(b.messages) == 0 {
		return 0, nil
	}
	b.statuses = slices.Grow(b.statuses[:0], len(b.messages))[:len(b.messages)]
	clear(b.statuses)
	release(s)
	failed := raw.TellMany(s.handle, &b.messages[0], uint64(len(b.messages)), &b.statuses[0], nil)
	for i := range b.messages {
		if failed != raw.Ok {
			b.statuses[i] = failed
		}
		if b.statuses[i] == raw.Ok {
			accepted++
			continue
		}
		takeBack(&b.messages[i], b.forms[i])
		if err == nil {
			err = check(b.statuses[i])
		}
	}
	b.messages, b.forms = b.messages[:0], b.forms[:0]
	return accepted, err
}
