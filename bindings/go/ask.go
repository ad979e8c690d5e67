package actorcore

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
	"github.com/actorcore/actorcore/bindings/go/internal/send"
)

// Ask sends a request from outside the handlers and waits for its reply (see Type.Reply) until the context
// ends: at its deadline with ErrTimeout, which is context.DeadlineExceeded too. ErrNoReply says that the
// actor stopped, or dropped the request; ErrFailed that it failed at it. A request that is cancelled was
// sent all the same. It carries the context's span (see WithSpan).
func Ask[M, R any](ctx context.Context, s *System, to Actor, t Type[M], message M, reply Type[R]) (R, error) {
	if err := inHandler(ctx); err != nil {
		return *new(R), err
	}
	if err := t.askable(s, to); err != nil {
		return *new(R), err
	}
	if ctx.Done() == nil && spanIn(ctx).Bits == 0 {
		return askNow(s, to, t, t.request(s, &message), raw.TimeoutNever, reply)
	}
	return askUntil(ctx, s, to, t, message, reply)
}

// askUntil is apart because all that a context's end may leave behind escapes.
func askUntil[M, R any](ctx context.Context, s *System, to Actor, t Type[M], message M, reply Type[R]) (R, error) {
	request, span := append([]byte(nil), t.request(s, &message)...), spanIn(ctx)
	return waiting[R]{late: stopping, call: func(timeout uint64) (R, error) {
		if span.Bits != 0 {
			return askWith(s, to, t, request, span, timeout, reply)
		}
		return askNow(s, to, t, request, timeout, reply)
	}}.end(ctx)
}

func askNow[M, R any](s *System, to Actor, t Type[M], request []byte, timeout uint64, reply Type[R]) (R, error) {
	var answer raw.Message
	release(s)
	status := raw.Ask(s.handle, to.raw(), t.Number(), view(request), timeout, &answer)
	acquire(s)
	return answered(t, request, status, &answer, reply)
}

func askWith[M, R any](s *System, to Actor, t Type[M], request []byte, span raw.Span, timeout uint64, reply Type[R]) (R, error) {
	var answer [1]raw.Message
	var status [1]raw.Status
	called := askAll(s, []Actor{to}, question(t.Number(), request, timeout, span), answer[:], status[:])
	if called != raw.Ok {
		status[0] = called
	}
	return answered(t, request, status[0], &answer[0], reply)
}

// answered is what became of a request.
func answered[M, R any](t Type[M], request []byte, status raw.Status, answer *raw.Message, reply Type[R]) (R, error) {
	if t.about.form == formValue {
		values.asked(ticketIn(request), status)
	}
	if status != raw.Ok {
		return *new(R), check(status)
	}
	return reply.open(answer)
}

// request is a message as the bytes that an ask copies.
func (t Type[M]) request(s *System, message *M) []byte {
	switch t.about.form {
	case formBytes:
		return *(*[]byte)(unsafe.Pointer(message))
	case formValue:
		bytes := make([]byte, valueBytes)
		binary.NativeEndian.PutUint64(bytes, values.put(*message, s))
		return bytes
	default:
		return unsafe.Slice((*byte)(unsafe.Pointer(message)), unsafe.Sizeof(*message))
	}
}

// open takes a reply apart, and gives its buffer back.
func (t Type[M]) open(e *raw.Message) (message M, err error) {
	if e.Length > raw.InlineBytes {
		if status := locate(e); status != raw.Ok {
			return message, check(status)
		}
		defer dropLong(e)
	}
	if e.Type != t.Number() {
		return message, fmt.Errorf("actorcore: the reply is message type %s, not %s", typeName(e.Type), typeName(t.Number()))
	}
	return t.read(e)
}

// read is a copy of the message in an envelope.
func (t Type[M]) read(e *raw.Message) (message M, err error) {
	switch {
	case t.about.form == formBytes:
		*(*[]byte)(unsafe.Pointer(&message)) = append([]byte{}, payload(e)...)
		return message, nil
	case keyOf(e) != t.key:
		return message, wrongLength(e, t.key)
	case t.about.form == formValue:
		return openValue[M](e)
	default:
		return *(*M)(body(e)), nil
	}
}

// locate puts the address of an envelope's buffer where it is on receipt.
func locate(e *raw.Message) raw.Status {
	var bytes raw.Bytes
	status := raw.BufferView(*(*raw.Buffer)(unsafe.Pointer(&e.Data)), &bytes)
	*(**byte)(unsafe.Pointer(&e.Data[8])) = bytes.Data
	return status
}

// Request asks an actor inside a handler. The answer comes as a message of its own, with the result as its
// Correlation; so does AskFailed where there is none in time.
//
// Cost: a call into C; more than 32 bytes take allocations.
func (t Type[M]) Request(c *Context, to Actor, message M, timeout time.Duration) (uint64, error) {
	if err := t.askable(c.system, to); err != nil {
		return 0, err
	}
	if uint32(t.key>>32) > raw.InlineBytes {
		return t.requestLong(c, to, message, timeout)
	}
	var payload send.Inline
	*(*M)(unsafe.Pointer(&payload)) = message
	correlation, status := send.Ask(c.turn.Worker, c.self.raw(), to.raw(), t.Number(), &payload,
		unsafe.Sizeof(message), nanoseconds(timeout))
	return correlation, check(status)
}

// requestLong is apart because its message escapes.
func (t Type[M]) requestLong(c *Context, to Actor, message M, timeout time.Duration) (uint64, error) {
	var correlation uint64
	request := t.request(c.system, &message)
	status := raw.WorkerAsk(c.turn.Worker, c.self.raw(), to.raw(), t.Number(), view(request), nanoseconds(timeout),
		&correlation)
	if t.about.form == formValue {
		values.giveUp(ticketIn(request))
	}
	return correlation, check(status)
}

// Reply answers the request in hand (see Ask and Request). Where it is none, that is an error.
func (t Type[M]) Reply(c *Context, message M) error {
	asked, err := c.asked()
	if err != nil {
		return err
	}
	t.Send(c, c.Sender(), message)
	c.sent().Correlation = asked | raw.CorrelationReply
	return nil
}

// asked is the number of the request in hand.
func (c *Context) asked() (uint64, error) {
	asked := c.message.Correlation
	if asked == 0 || asked&raw.CorrelationReply != 0 {
		return 0, fmt.Errorf("message type %s is no request, so it has no reply: %w", typeName(c.message.Type), ErrInvalidArgument)
	}
	return asked, nil
}

// sent is the envelope that was filled last.
func (c *Context) sent() *raw.Message {
	at := uintptr(c.turn.OutboxCount-1) * 8
	return *(**raw.Message)(unsafe.Add(unsafe.Pointer(c.turn.Outbox), at))
}

func view(bytes []byte) raw.Bytes {
	return raw.Bytes{Data: unsafe.SliceData(bytes), Size: uint64(len(bytes))}
}

// Answer is how one of many that were asked has answered.
type Answer[R any] struct {
	Reply R
	Err   error // as Ask gives it
}

// AskMany sends one request to many actors from outside the handlers, and waits until each has answered or the
// context ends. Inside a handler call RequestMany: the answers come one by one.
func AskMany[M, R any](ctx context.Context, s *System, to []Actor, t Type[M], message M, reply Type[R]) ([]Answer[R], error) {
	if err := inHandler(ctx); err != nil {
		return nil, err
	}
	if t.about.form == formValue {
		return nil, movesToOne(t)
	}
	if len(to) == 0 {
		return nil, nil
	}
	request, span := append([]byte(nil), t.request(s, &message)...), spanIn(ctx)
	to = append([]Actor(nil), to...)
	return waiting[[]Answer[R]]{late: stopping, call: func(timeout uint64) ([]Answer[R], error) {
		return askManyNow(s, to, question(t.Number(), request, timeout, span), reply)
	}}.end(ctx)
}

func movesToOne(t fmt.Stringer) error {
	return fmt.Errorf("a value moves to one actor, message type %s cannot go to many: %w", t, ErrInvalidArgument)
}

func askManyNow[R any](s *System, to []Actor, asked *asked, reply Type[R]) ([]Answer[R], error) {
	messages, statuses := make([]raw.Message, len(to)), make([]raw.Status, len(to))
	if err := check(askAll(s, to, asked, messages, statuses)); err != nil {
		return nil, err
	}
	answers := make([]Answer[R], len(to))
	for i := range answers {
		if answers[i].Err = check(statuses[i]); answers[i].Err == nil {
			answers[i].Reply, answers[i].Err = reply.open(&messages[i])
		}
	}
	return answers, nil
}

// asked is what many are asked, in memory that stays where it is until done.
type asked struct {
	options *raw.AskOptions
	pinner  runtime.Pinner
}

func question(number uint32, request []byte, timeout uint64, span raw.Span) *asked {
	a := &asked{options: &raw.AskOptions{Type: number, TimeoutNs: timeout, Span: span}}
	a.options.StructSize = uint32(unsafe.Sizeof(*a.options))
	if len(request) != 0 {
		a.options.Payload = view(request)
		a.pinner.Pin(a.options.Payload.Data)
	}
	return a
}

func (a *asked) done() { a.pinner.Unpin() }

func askAll(s *System, to []Actor, asked *asked, replies []raw.Message, statuses []raw.Status) raw.Status {
	defer asked.done()
	release(s)
	status := raw.AskWith(s.handle, (*raw.Actor)(unsafe.Pointer(&to[0])), uint64(len(to)), asked.options, &replies[0],
		&statuses[0], nil)
	acquire(s)
	return status
}

// Cancel ends a request of this actor's (see Type.Request) without a word: a reply that comes later is a dead
// letter, and who handles the request can see it (see Wanted). ErrNotFound: it has ended.
func (c *Context) Cancel(correlation uint64) error {
	return check(raw.AskCancel(c.turn.System, correlation))
}

// Wanted says whether somebody still waits for the reply to the request in hand. A handler that takes long can
// ask in between, and give up.
//
// Cost: a call into C.
func (c *Context) Wanted() bool {
	return raw.AskIsPending(c.turn.System, c.message.Correlation) == raw.Ok
}
