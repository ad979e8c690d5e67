package actorcore

import (
	"context"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Context is what a handler has in hand: its actor, the message, and the way to send, spawn and stop.
// It is also a context.Context without a deadline, so that it can be handed to calls that take one.
//
// Threads: only the handler that was given it, until it returns.
// Cost:    nothing in here allocates or calls C, unless its comment says so.
type Context struct {
	turn       *raw.Turn
	activation *raw.Activation
	message    *raw.Message
	at         uint32 // the message's index in the activation
	end        uint32 // the index of the first message that is not to be handled the way the one in hand is
	isValue    bool   // the message is a value that its handler has taken
	self       Actor
	state      unsafe.Pointer
	system     *System
	worker     *worker
}

var _ context.Context = (*Context)(nil)

// Self is the actor that handles the message.
func (c *Context) Self() Actor { return c.self }

// Sender is who sent the message, or none.
func (c *Context) Sender() Actor { return Actor{c.message.Sender.Bits} }

// Type is the message's number.
func (c *Context) Type() uint32 { return c.message.Type }

// Bytes is the message's payload, in the library's memory: copy what is to outlive the handler.
func (c *Context) Bytes() []byte { return payload(c.message) }

// Correlation is 0 for a plain message, else the number of the request that this is, or answers. For those of
// a timer's message and of one that carries a span, which are neither, see Timer and Span.
func (c *Context) Correlation() uint64 {
	return c.message.Correlation &^ raw.CorrelationReply
}

// IsReply says that the message answers a request of this actor's (see Type.Request).
func (c *Context) IsReply() bool {
	return c.message.Correlation&raw.CorrelationReply != 0 && !isTimers(c.message)
}

// System is the actor's system.
func (c *Context) System() *System { return c.system }

// Stop stops the actor when its activation ends: what is left of the batch in hand is still handled,
// what came after it, or was given back by Unstash, is dead-lettered. To stop another actor, send it Stop.
func (c *Context) Stop() { c.activation.Flags |= raw.ActivationStop }

// Deadline is none.
func (c *Context) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done is nil: a handler is never cancelled.
func (c *Context) Done() <-chan struct{} { return nil }

// Err is nil.
func (c *Context) Err() error { return nil }

// Value is nil.
func (c *Context) Value(any) any { return nil }

// flush empties the outbox in the middle of a turn.
//
//go:noinline
func (c *Context) flush() {
	if status := raw.WorkerFlush(c.turn.Worker); status != raw.Ok {
		panic(sendFailure(status))
	}
}

// load makes the message at c.at the one in hand.
func (c *Context) load() *raw.Message {
	c.message = *(**raw.Message)(unsafe.Add(unsafe.Pointer(c.activation.Messages), uintptr(c.at)*8))
	return c.message
}

// keyOf is the message's type and length, as one number.
func keyOf(m *raw.Message) uint64 { return *(*uint64)(unsafe.Pointer(&m.Type)) }

// body is where the payload of a message begins.
func body(m *raw.Message) unsafe.Pointer {
	if m.Length > raw.InlineBytes {
		return *(*unsafe.Pointer)(unsafe.Pointer(&m.Data[8]))
	}
	return unsafe.Pointer(&m.Data)
}

func payload(m *raw.Message) []byte { return unsafe.Slice((*byte)(body(m)), m.Length) }
