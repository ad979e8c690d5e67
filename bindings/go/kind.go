package actorcore

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Kind is a kind of actor: a state S, and what it does with each type of message.
//
//	var counters = actorcore.NewKind("Counter",
//		actorcore.On(adds, (*Counter).Add),
//		actorcore.On(gets, (*Counter).Get))
//
// A message of a type that it has no handler for fails the actor: nothing is lost in silence. Only the steps of its
// life (Started, Restarting, Restarted, Stopping, Stopped) need no handler.
type Kind[S any] struct {
	kind
}

// Handler is what a kind of actor does with one type of message. Make one with On or Else.
type Handler[S any] struct {
	number uint32
	others bool
	run    run
}

// A run handles the message in hand and those of its type that follow it, and leaves the first other one
// at ctx.at. On an error, ctx.at is the message that failed.
type run func(c *Context) error

// typesDirect is below which number a message type's handler is found by an index.
const typesDirect = 256

// kind is a Kind without its type.
type kind struct {
	name   func(state unsafe.Pointer) string
	of     reflect.Type // the state's
	flags  uint32
	direct []run
	rare   map[uint32]run
	others run
	steps  [lifeSteps]run
	became *became // of an actor that has become another: it stands for those
}

// NewKind makes a kind of actor; the name tells it in failures. It panics when two handlers are for one type.
func NewKind[S any](name string, handlers ...Handler[S]) *Kind[S] {
	k := &Kind[S]{kind{of: reflect.TypeFor[S](), rare: map[uint32]run{}, others: unexpected}}
	k.name = func(unsafe.Pointer) string { return name }
	for _, handler := range handlers {
		if handler.others {
			k.others = handler.run
			continue
		}
		if _, taken := k.rare[handler.number]; taken {
			panic("actorcore: " + name + " has two handlers for message type " + typeName(handler.number))
		}
		k.rare[handler.number] = handler.run
	}
	k.live()
	k.direct = directly(k.rare, k.others)
	return k
}

// directly is the table of the handlers of low numbers.
func directly(handlers map[uint32]run, others run) []run {
	var table []run
	for number, run := range handlers {
		for number < typesDirect && int(number) >= len(table) {
			table = append(table, others)
		}
		if number < typesDirect {
			table[number] = run
		}
	}
	return table
}

func (k *kind) handler(number uint32) run {
	if int(number) < len(k.direct) {
		return k.direct[number]
	}
	if run, ok := k.rare[number]; ok {
		return run
	}
	return k.others
}

// unexpected is what a kind does with a type of message that it has no handler for.
func unexpected(*Context) error { return fmt.Errorf("no handler for this message") }

// Else handles every message that no other handler of the kind is for. See Context.Type and Context.Bytes.
func Else[S any](f func(state *S, ctx *Context) error) Handler[S] {
	return Handler[S]{others: true, run: func(c *Context) error {
		if err := f((*S)(c.state), c); err != nil {
			return err
		}
		c.at++
		return nil
	}}
}

// On handles one type of message.
func On[S, M any](t Type[M], f func(state *S, ctx *Context, message M) error) Handler[S] {
	handler := Handler[S]{number: t.Number()}
	switch {
	case t.about.form == formBytes:
		handler.run = onBytes(f)
	case t.about.form == formValue:
		handler.run = onValue(t.key, f)
	case t.key>>32 > raw.InlineBytes:
		handler.run = onLong(t.key, f)
	default:
		handler.run = onInline(t.key, f)
	}
	return handler
}

func onInline[S, M any](key uint64, f func(*S, *Context, M) error) run {
	return func(c *Context) error {
		s, m := (*S)(c.state), c.message
		if keyOf(m) != key {
			return wrongLength(m, key)
		}
		for {
			if err := f(s, c, *(*M)(unsafe.Pointer(&m.Data))); err != nil {
				return err
			}
			if c.at++; c.at == c.end {
				return nil
			}
			if m = c.load(); keyOf(m) != key {
				return nil
			}
		}
	}
}

func onLong[S, M any](key uint64, f func(*S, *Context, M) error) run {
	return func(c *Context) error {
		if keyOf(c.message) != key {
			return wrongLength(c.message, key)
		}
		if err := f((*S)(c.state), c, *(*M)(body(c.message))); err != nil {
			return err
		}
		c.at++
		return nil
	}
}

func onBytes[S, M any](f func(*S, *Context, M) error) run {
	return func(c *Context) error {
		bytes := payload(c.message)
		if err := f((*S)(c.state), c, *(*M)(unsafe.Pointer(&bytes))); err != nil {
			return err
		}
		c.at++
		return nil
	}
}

func onValue[S, M any](key uint64, f func(*S, *Context, M) error) run {
	return func(c *Context) error {
		if keyOf(c.message) != key {
			return wrongLength(c.message, key)
		}
		message, err := openValue[M](c.message)
		if err == nil {
			c.isValue = true
			defer c.handledValue(ticketOf(c.message))
			err = f((*S)(c.state), c, message)
		}
		if err != nil {
			return err
		}
		c.at++
		return nil
	}
}

func (c *Context) handledValue(ticket uint64) {
	c.isValue = false
	values.handled(ticket)
}

func wrongLength(m *raw.Message, key uint64) error {
	return fmt.Errorf("the message has %d bytes, its type has %d", m.Length, key>>32)
}
