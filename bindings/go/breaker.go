package actorcore

import (
	"context"
	"errors"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Breaker stops calls to what fails or has become slow, and finds out when it is well again. Guard makes a
// call through it. It takes time and chance from its system. It is a value; Release it once.
//
// Threads: any, handlers among them.
type Breaker struct {
	handle raw.Breaker
}

type (
	// BreakerState is where a breaker is.
	BreakerState = raw.BreakerState
	// BreakerMode is who decides where it is.
	BreakerMode = raw.BreakerMode
	// BreakerReason is why it changed its state.
	BreakerReason = raw.BreakerReason
	// Outcome is what a guarded call came to.
	Outcome = raw.Outcome
)

const (
	// Calls pass.
	BreakerClosed BreakerState = raw.BreakerClosed
	// Calls are refused.
	BreakerOpen BreakerState = raw.BreakerOpen
	// Probes pass.
	BreakerHalfOpen BreakerState = raw.BreakerHalfOpen
)

const (
	// The breaker decides.
	BreakerAutomatic BreakerMode = raw.BreakerAutomatic
	// Open until told otherwise.
	BreakerForcedOpen BreakerMode = raw.BreakerForcedOpen
	// Closed until told otherwise.
	BreakerForcedClosed BreakerMode = raw.BreakerForcedClosed
)

const (
	// Too many calls failed.
	BreakerFailures BreakerReason = raw.BreakerFailures
	// Too many calls were slow.
	BreakerSlowness BreakerReason = raw.BreakerSlowness
	// It was open long enough.
	BreakerTimeOver BreakerReason = raw.BreakerTimeOver
	// Enough probes succeeded in a row.
	BreakerRecovered BreakerReason = raw.BreakerRecovered
	// A probe failed.
	BreakerProbeFailed BreakerReason = raw.BreakerProbeFailed
	// A probe was slow.
	BreakerProbeSlow BreakerReason = raw.BreakerProbeSlow
	// A probe did not come back.
	BreakerProbeLost BreakerReason = raw.BreakerProbeLost
	// Force.
	BreakerForced BreakerReason = raw.BreakerForced
)

const (
	// It worked; if it took too long it was slow.
	OutcomeSuccess Outcome = raw.OutcomeSuccess
	// It failed.
	OutcomeFailure Outcome = raw.OutcomeFailure
	// It says nothing about what was called.
	OutcomeIgnored Outcome = raw.OutcomeIgnored
)

// BreakerOptions say what is too much, and how long to wait; the zero value is a good choice.
type BreakerOptions struct {
	Window       time.Duration // that is watched, in tenths; 0 is 10 s
	CallsMin     int           // in the window before it may open; 0 is 20
	FailureRatio float64       // of failed calls at which it opens; 0 is 0.5
	SlowRatio    float64       // of slow calls at which it opens; 0 is 0.5
	Slow         time.Duration // what takes longer is slow; 0: nothing, unless Quantile says so
	// Quantile, above 0 and below 1: slow is what takes longer than Factor times this quantile of the window,
	// but at least SlowFloor and at most Slow.
	Quantile  float64
	Factor    float64 // 0 is 2
	SlowFloor time.Duration
	Open      time.Duration // how long it is open the first time; 0 is 1 s
	OpenMax   time.Duration // and at most; 0 is 60 s
	Growth    float64       // from one time to the next; 0 is 2
	Jitter    float64       // the part by which it is shortened at most, by chance
	Probes    int           // under way at once while half-open; 0 is 1, at most 64
	Successes int           // of probes in a row until it closes; 0 is 3
}

// NewBreaker makes a breaker, which is closed.
func (s *System) NewBreaker(options BreakerOptions) (Breaker, error) {
	spec := raw.BreakerOptions{
		StructSize:   uint32(unsafe.Sizeof(raw.BreakerOptions{})),
		CallsMin:     uint32(options.CallsMin),
		Successes:    uint32(options.Successes),
		Probes:       uint32(options.Probes),
		WindowNs:     nanoseconds(options.Window),
		FailureRatio: options.FailureRatio,
		SlowRatio:    options.SlowRatio,
		SlowNs:       nanoseconds(options.Slow),
		SlowFloorNs:  nanoseconds(options.SlowFloor),
		Quantile:     options.Quantile,
		Factor:       options.Factor,
		OpenNs:       nanoseconds(options.Open),
		OpenMaxNs:    nanoseconds(options.OpenMax),
		Growth:       options.Growth,
		Jitter:       options.Jitter,
	}
	var b Breaker
	var failed raw.Error
	err := explain(raw.BreakerCreate(s.handle, &spec, &b.handle, &failed), failed)
	return b, err
}

// Release gives the breaker back.
func (b Breaker) Release() { raw.BreakerRelease(b.handle) }

// Guard makes a call through the breaker. An error, or a panic, counts as a failure; context.Canceled does not
// count. Where the breaker refuses (ErrOverloaded), or the call gave an error, the result is the fallback's,
// which gets that error; without one it is the error.
func Guard[R any](b Breaker, call func() (R, error), fallback func(error) (R, error)) (result R, err error) {
	permit, err := b.Enter()
	if err == nil {
		result, err = guarded(b, permit, call)
	}
	if err != nil && fallback != nil {
		return fallback(err)
	}
	return result, err
}

func (b Breaker) leaving(permit Permit, outcome *Outcome) { _ = b.Leave(permit, *outcome) }

func guarded[R any](b Breaker, permit Permit, call func() (R, error)) (result R, err error) {
	outcome := OutcomeFailure // what a panic leaves
	defer b.leaving(permit, &outcome)
	result, err = call()
	switch {
	case err == nil:
		outcome = OutcomeSuccess
	case errors.Is(err, context.Canceled):
		outcome = OutcomeIgnored
	}
	return result, err
}

// Permit is leave to make one call. Hand it back once.
type Permit struct {
	permit raw.Permit
}

// Enter asks for leave to make a call, for what Guard does not fit. ErrOverloaded: do not make it.
func (b Breaker) Enter() (permit Permit, err error) {
	err = check(raw.BreakerEnter(b.handle, &permit.permit))
	return permit, err
}

// Leave tells how the call ended. The time since Enter is the call's.
func (b Breaker) Leave(permit Permit, outcome Outcome) error {
	return check(raw.BreakerLeave(b.handle, &permit.permit, uint32(outcome)))
}

// Force holds it open or closed, or lets it decide again, beginning closed with an empty window.
func (b Breaker) Force(mode BreakerMode) error {
	return check(raw.BreakerForce(b.handle, uint32(mode)))
}

// BreakerStats is where a breaker is and what it did.
type BreakerStats struct {
	State          BreakerState
	Mode           BreakerMode
	Succeeded      uint64 // calls that worked, slow ones among them
	Failed         uint64 // calls that failed
	Slow           uint64 // of all these, the slow ones
	Ignored        uint64 // calls that were not to count
	Late           uint64 // calls that came back after a change of state, and did not count
	Refused        uint64
	Opened         uint64 // how often it opened by itself
	Changes        uint64 // number of the last change of state
	WindowCalls    uint64
	WindowFailures uint64
	WindowSlow     uint64
	SlowAfter      uint64 // nanoseconds: what takes longer is slow, now
	Until          uint64 // while open: when it will be half-open, on the system's clock
}

// Stats reads them.
func (b Breaker) Stats() (BreakerStats, error) {
	var r raw.BreakerStats
	err := check(raw.BreakerGetStats(b.handle, &r))
	return BreakerStats{
		BreakerState(r.State), BreakerMode(r.Mode), r.Succeeded, r.Failed, r.Slow, r.Ignored, r.Late, r.Refused,
		r.Opened, r.Changes, r.WindowCalls, r.WindowFailures, r.WindowSlow, r.SlowAfterNs, r.UntilNs,
	}, err
}

// BreakerChange is one change of state.
type BreakerChange struct {
	Number    uint64 // from 1, in order
	Time      uint64 // the system's clock
	From, To  BreakerState
	Reason    BreakerReason
	Calls     uint64 // in the window
	Failures  uint64 // of these
	Slow      uint64 // of these
	SlowAfter uint64 // nanoseconds: what counted as slow
	Until     uint64 // when it opened: until when
}

// Changes are the changes of state after a number, oldest first, of the last 256.
func (b Breaker) Changes(after uint64) ([]BreakerChange, error) {
	var rows [256]raw.BreakerChange
	var count uint64
	if err := check(raw.BreakerChanges(b.handle, after, &rows[0], uint64(len(rows)), &count)); err != nil {
		return nil, err
	}
	changes := make([]BreakerChange, count)
	for i := range changes {
		r := &rows[i]
		changes[i] = BreakerChange{
			r.Number, r.TimeNs, BreakerState(r.From), BreakerState(r.To), BreakerReason(r.Reason), r.Calls,
			r.Failures, r.Slow, r.SlowAfterNs, r.UntilNs,
		}
	}
	return changes, nil
}
