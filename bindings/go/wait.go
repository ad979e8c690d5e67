package actorcore

import (
	"context"
	"time"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// A waiting is a call that blocks its thread in the library.
type waiting[R any] struct {
	call func(timeout uint64) (R, error)
	// late is how long past the deadline the call may take to come back with what it knows.
	late time.Duration
	// abandon takes a result that came after the wait was given up; may be nil.
	abandon func(R)
}

// stopping is the library's own time for ending handlers, after the deadline of a stop, and some.
const stopping = 2 * time.Second

// end waits for the call or for the context's end: a deadline is the call's timeout, and a call that is
// cancelled is left to end by itself, on a goroutine of its own. A context that has no end costs nothing.
func (w waiting[R]) end(ctx context.Context) (R, error) {
	if err := ctx.Err(); err != nil {
		return *new(R), err
	}
	if ctx.Done() == nil {
		return w.call(raw.TimeoutNever)
	}
	type outcome struct {
		result R
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := w.call(timeoutOf(ctx))
		done <- outcome{result, err}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
	}
	err := ctx.Err()
	if err == context.DeadlineExceeded {
		err = ErrTimeout
		select {
		case o := <-done:
			return o.result, o.err
		case <-time.After(w.late):
		}
	}
	if w.abandon != nil {
		go func() { w.abandon((<-done).result) }()
	}
	return *new(R), err
}

// inHandler refuses a wait that would hold up its own worker.
func inHandler(ctx context.Context) error {
	if _, inside := ctx.(*Context); inside {
		return ErrWouldDeadlock
	}
	return nil
}

func timeoutOf(ctx context.Context) uint64 {
	deadline, ok := ctx.Deadline()
	if !ok {
		return raw.TimeoutNever
	}
	return nanoseconds(time.Until(deadline))
}

func nanoseconds(d time.Duration) uint64 { return uint64(max(d, 0)) }
