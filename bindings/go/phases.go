package actorcore

import (
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Phase is what an actor is told that takes part in a phase of the system's stop; answer with Done.
type Phase struct {
	Name     string
	Number   uint32
	Deadline time.Duration // when it is over, on the system's clock
	system   *System
	actor    Actor
}

// Done says that the actor has done what the phase is for. From any goroutine. ErrNotFound: it is over.
func (p Phase) Done() error {
	return check(raw.PhaseDone(p.system.handle, p.actor.raw(), p.Number))
}

// AddPhase adds a phase behind the phase after, or before all with none. Stop goes through the phases, in
// order, before anything else, and each is over when the actors that joined it have answered or stopped, or
// when its time is over; 0 is 5 seconds. There are "before-stop", "service", "storage" and "after".
func (s *System) AddPhase(name, after string, timeout time.Duration) error {
	return check(raw.PhaseAdd(s.handle, textOf(name), textOf(after), nanoseconds(timeout)))
}

// SetPhaseTimeout says how long a phase may take; 0 is 5 seconds.
func (s *System) SetPhaseTimeout(name string, timeout time.Duration) error {
	return check(raw.PhaseSetTimeout(s.handle, textOf(name), nanoseconds(timeout)))
}

// JoinPhase has an actor take part in a phase; its kind handles it with OnPhase. Legal inside a handler.
func (s *System) JoinPhase(name string, actor Actor) error {
	return check(raw.PhaseJoin(s.handle, textOf(name), actor.raw()))
}

// OnPhase handles the coming of a phase that the actor joined.
func OnPhase[S any](f func(state *S, ctx *Context, phase Phase) error) Handler[S] {
	return Handler[S]{number: raw.TypePhase, run: func(c *Context) error {
		told := (*raw.Phase)(unsafe.Pointer(unsafe.SliceData(payload(c.message))))
		phase := Phase{string(unsafe.Slice(&told.Name[0], told.Size)), told.Number, time.Duration(told.DeadlineNs),
			c.system, c.self}
		if err := f((*S)(c.state), c, phase); err != nil {
			return err
		}
		c.at++
		return nil
	}}
}

// PhaseInfo is a phase, and what it came to.
type PhaseInfo struct {
	Name       string
	State      PhaseState
	Timeout    time.Duration
	Elapsed    time.Duration
	Members    uint64
	Unanswered []Actor // who has been told and has not answered
}

// Phases are all, in order. After Stop they say what each came to.
func (s *System) Phases() ([]PhaseInfo, error) {
	rows := make([]raw.PhaseInfo, 64)
	var count uint64
	if err := check(raw.SystemPhases(s.handle, &rows[0], uint64(len(rows)), &count)); err != nil {
		return nil, err
	}
	phases := make([]PhaseInfo, count)
	for i, row := range rows[:count] {
		name := string(row.Name[:row.Size])
		who, err := s.unanswered(name, row.Unanswered)
		if err != nil {
			return nil, err
		}
		phases[i] = PhaseInfo{name, PhaseState(row.State), time.Duration(row.TimeoutNs), time.Duration(row.ElapsedNs),
			row.Members, who}
	}
	return phases, nil
}

func (s *System) unanswered(name string, room uint64) ([]Actor, error) {
	if room == 0 {
		return nil, nil
	}
	who := make([]Actor, room)
	status := raw.PhaseUnanswered(s.handle, textOf(name), (*raw.Actor)(unsafe.Pointer(&who[0])), room, &room)
	return who[:min(room, uint64(len(who)))], check(status)
}
