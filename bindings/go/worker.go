package actorcore

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/drop"
	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// A worker is a goroutine that runs handlers: it takes turns of a dispatcher until the system stops.
//
// Threads:    its own goroutine, which keeps its thread, so that the library can tell a call that waits
// inside a handler from one outside (ErrWouldDeadlock).
// Invariants: next is the activation in hand; those before it have ended, one way or another.
// Cost:       one call into C a turn; nothing a message.
type worker struct {
	Context
	handle     raw.Worker
	dispatcher *Dispatcher
	kind       *kind
	next       uint32
	stopped    bool
	free       []*cell
}

// A sendFailure ends a handler whose message could not be sent.
type sendFailure raw.Status

func newWorker(dispatcher *Dispatcher) *worker {
	w := &worker{dispatcher: dispatcher}
	w.system, w.worker = dispatcher.system, w
	return w
}

// serve takes turns until the system has stopped. The first thing that it tells is whether it attached.
func (w *worker) serve(attached chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var failed raw.Error
	err := explain(raw.WorkerAttach(w.dispatcher.handle, raw.AttachPinned, &w.handle, &failed), failed)
	attached <- err
	if err != nil {
		return
	}
	defer w.leave()
	for !w.turns() {
	}
}

// leave gives the worker back. Where a handler ended the goroutine, another worker takes its place.
func (w *worker) leave() {
	raw.WorkerRelease(w.handle)
	w.system.cells.give(w.free)
	if !w.stopped {
		attached := make(chan error, 1)
		w.system.serving.Go(func() { newWorker(w.dispatcher).serve(attached) })
	}
}

// turns takes turns; false says that a handler panicked, which has been told, and that the turn goes on.
func (w *worker) turns() (ended bool) {
	defer func() {
		if !ended {
			w.contain(recover())
		}
	}()
	for w.take() {
		for ; w.next < w.turn.Count; w.next++ {
			activation := w.activationAt(w.next)
			if w.next == 0 || claim(activation) {
				w.run(activation)
			}
		}
	}
	return true
}

// take gives the last turn back and takes the next one, unless a turn is in hand; false is the end.
func (w *worker) take() bool {
	if w.turn != nil && w.next < w.turn.Count {
		return true
	}
	w.next = 0
	w.stopped = raw.WorkerTurn(w.handle, raw.TimeoutNever, &w.turn) != raw.Ok
	if drop.Pending() {
		go values.sweep() // what Dropped does is no worker's business
	}
	return !w.stopped
}

func (w *worker) activationAt(index uint32) *raw.Activation {
	return (*raw.Activation)(unsafe.Add(unsafe.Pointer(w.turn.Activations), uintptr(index)*unsafe.Sizeof(raw.Activation{})))
}

func claim(activation *raw.Activation) bool {
	return atomic.CompareAndSwapUint32(&activation.State, raw.ActivationReady, raw.ActivationClaimed)
}

// run handles the messages of one activation.
func (w *worker) run(activation *raw.Activation) {
	acquire(w.system)
	c := &w.Context
	cell := cellOf(&activation.User)
	if cell == nil {
		cell = w.firstOf(&activation.User)
	}
	c.activation = activation
	c.self = Actor{activation.Actor.Bits}
	c.state = cell.state
	c.at, c.end = 0, activation.Count
	w.kind = cell.kind.now()
	for c.at < c.end || w.goesOn(cell) {
		m := c.load()
		if err := w.kind.handler(m.Type)(c); err != nil {
			w.fail(raw.EHandler, err.Error())
			break
		}
	}
	release(w.system)
}

// goesOn says whether the rest of an activation that was cut short is to be handled now, by what the actor has
// become; what is given back comes again.
func (w *worker) goesOn(cell *cell) bool {
	c := &w.Context
	if c.end == c.activation.Count || c.activation.Flags&raw.ActivationYield != 0 {
		return false
	}
	w.kind = cell.kind.now()
	c.end = c.activation.Count
	return true
}

// contain makes a panic the failure of the actor whose handler it was, and of nothing else.
func (w *worker) contain(reason any) {
	switch reason := reason.(type) {
	case nil:
		w.fail(raw.EPanic, "panic: the handler ended its goroutine")
	case sendFailure:
		w.fail(raw.EHandler, Status(reason).Error())
	default:
		w.fail(raw.EPanic, fmt.Sprint("panic: ", reason))
	}
	release(w.system)
	w.next++
}

// fail names who failed, why, and at which message, so that the end survives a long reason.
func (w *worker) fail(status raw.Status, reason string) {
	who := "go " + w.kind.name(w.state) + ": "
	where := ": message type " + typeName(w.message.Type)
	reason = reason[:min(len(reason), failureText-len(who)-len(where))]
	text := who + reason + where
	raw.WorkerFail(w.handle, w.next, w.at, status, textOf(text))
}
