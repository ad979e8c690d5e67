package actorcore

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Actor is an actor's id: a value, valid in its system, stale once the actor has stopped, and never used
// again. It is a fixed-layout value and may be part of a message.
type Actor struct {
	bits uint64
}

// IsNone says that this is no actor's id, such as the sender of what was told from outside.
func (a Actor) IsNone() bool { return a.bits == 0 }

// String is the id in hexadecimal.
func (a Actor) String() string { return fmt.Sprintf("actor-%016x", a.bits) }

func (a Actor) raw() raw.Actor { return raw.Actor{Bits: a.bits} }

// Receiver is an actor that handles messages of one type.
type Receiver[M any] interface {
	Receive(ctx *Context, message M) error
}

// Func is a function as an actor.
type Func[M any] func(ctx *Context, message M) error

// Receive calls the function.
func (f Func[M]) Receive(ctx *Context, message M) error { return f(ctx, message) }

// Spawn makes an actor that handles messages of one type.
func Spawn[M any](at Spawner, t Type[M], actor Receiver[M], options ...SpawnOption) (Actor, error) {
	kind := t.about.receivers(func() *kind { return receiverKind(t) })
	return spawnOne(at, kind, unsafe.Pointer(&actor), options)
}

// receiverKind is the kind of all the actors that Spawn makes for one message type.
func receiverKind[M any](t Type[M]) *kind {
	k := NewKind("", On(t, func(actor *Receiver[M], ctx *Context, message M) error {
		return (*actor).Receive(ctx, message)
	}))
	k.name = func(state unsafe.Pointer) string {
		actor := *(*Receiver[M])(state)
		if _, ok := actor.(Func[M]); ok {
			return "function of " + t.String()
		}
		name := fmt.Sprintf("%T", actor)
		return name[strings.LastIndexByte(name, '.')+1:]
	}
	return &k.kind
}
