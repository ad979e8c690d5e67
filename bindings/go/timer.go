package actorcore

import (
	"context"
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Timer sends an actor a message at a time, once or again and again (see Type.After and Type.Every). It
// belongs to its receiver, and ends with it. The zero value is none.
//
// Threads: any; a value.
type Timer struct {
	system raw.System
	timer  raw.Timer
}

// TimerStats is what a timer did and will do.
type TimerStats struct {
	Sent    uint64        // messages
	Skipped uint64        // periods that came due before the receiver had begun with the last message
	Next    uint64        // when it fires next, on the system's clock (see System.Now)
	Period  time.Duration // 0: it fires once
}

// TimerOption says more about a timer than when it fires.
type TimerOption func(*raw.TimerOptions)

// FirstAfter is the delay of a periodic timer's first message, where it is not the period.
func FirstAfter(delay time.Duration) TimerOption {
	return func(o *raw.TimerOptions) { o.DelayNs = nanoseconds(delay) }
}

// KeptOnRestart has the timer survive a restart of its actor.
func KeptOnRestart() TimerOption {
	return func(o *raw.TimerOptions) { o.Flags |= raw.TimerKeep }
}

// After sends a message to an actor, as a rule the one in hand, after a delay; its sender is none. A type
// that travels by reference (see Define) is refused with ErrUnsupported: its value belongs to one message.
//
// Cost: a call into C.
func (t Type[M]) After(at Spawner, to Actor, delay time.Duration, message M, options ...TimerOption) (Timer, error) {
	return t.start(at, to, raw.TimerOptions{DelayNs: nanoseconds(delay)}, &message, options)
}

// Every sends a message to an actor after each period, without drift. While the actor has not begun with
// the last one, periods are skipped, never made up for.
//
// Cost: a call into C.
func (t Type[M]) Every(at Spawner, to Actor, period time.Duration, message M, options ...TimerOption) (Timer, error) {
	if period <= 0 {
		return Timer{}, ErrInvalidArgument
	}
	spec := raw.TimerOptions{DelayNs: nanoseconds(period), PeriodNs: nanoseconds(period)}
	return t.start(at, to, spec, &message, options)
}

func (t Type[M]) start(at Spawner, to Actor, spec raw.TimerOptions, message *M, options []TimerOption) (Timer, error) {
	if t.about.form == formValue {
		return Timer{}, ErrUnsupported
	}
	s := systemOf(at)
	if len(options) != 0 {
		spec = adjusted(spec, options)
	}
	spec.StructSize = uint32(unsafe.Sizeof(spec))
	spec.To = to.raw()
	spec.Type = t.Number()
	spec.Payload = view(t.request(s, message))
	var pinner runtime.Pinner
	defer pinner.Unpin()
	if spec.Payload.Size != 0 {
		pinner.Pin(spec.Payload.Data)
	}
	timer := Timer{system: s.handle}
	var failed raw.Error
	release(s)
	err := explain(raw.TimerStart(s.handle, &spec, &timer.timer, &failed), failed)
	if err != nil {
		return Timer{}, err
	}
	return timer, nil
}

// adjusted is apart because what an option is called with escapes.
func adjusted(spec raw.TimerOptions, options []TimerOption) raw.TimerOptions {
	for _, option := range options {
		option(&spec)
	}
	return spec
}

func systemOf(at Spawner) *System {
	if c, ok := at.(*Context); ok {
		return c.system
	}
	return at.(*System)
}

// Cancel ends the timer. True says that it sends nothing from now on; false that it had ended before. A
// message that it sent already is still handled: where that matters, compare Context.Timer with the one that
// is wanted.
//
// Cost: a call into C.
func (t Timer) Cancel() bool { return raw.TimerCancel(t.system, t.timer) == raw.Ok }

// Stats is what a timer that has not ended did so far.
func (t Timer) Stats() (TimerStats, error) {
	var out raw.TimerStats
	if err := check(raw.TimerGetStats(t.system, t.timer, &out)); err != nil {
		return TimerStats{}, err
	}
	return TimerStats{out.Sent, out.Skipped, out.NextNs, time.Duration(out.PeriodNs)}, nil
}

// Timer is the timer that sent the message in hand, or none.
func (c *Context) Timer() Timer {
	if !isTimers(c.message) {
		return Timer{}
	}
	return Timer{c.system.handle, raw.Timer{Bits: c.message.Correlation}}
}

func isTimers(m *raw.Message) bool {
	return m.Correlation>>60 == raw.CorrelationTimer>>60 && m.Type < raw.TypeStarted
}

// SetReceiveTimeout has the actor in hand get a message Timeouts whenever it had none for so long; 0 ends
// that.
//
// Cost: a call into C.
func (c *Context) SetReceiveTimeout(timeout time.Duration) error {
	return c.system.SetReceiveTimeout(c.self, timeout)
}

// SetReceiveTimeout does so for any actor.
func (s *System) SetReceiveTimeout(actor Actor, timeout time.Duration) error {
	return check(raw.ActorSetReceiveTimeout(s.handle, actor.raw(), nanoseconds(timeout)))
}

// Advance lets a seeded system run for so much virtual time: timers fire at exactly their deadlines.
func (s *System) Advance(ctx context.Context, duration time.Duration) error {
	if err := inHandler(ctx); err != nil {
		return err
	}
	release(s)
	defer acquire(s)
	_, err := waiting[Nothing]{late: stopping, call: func(uint64) (Nothing, error) {
		return Nothing{}, check(raw.SystemAdvance(s.handle, nanoseconds(duration)))
	}}.end(ctx)
	return err
}
