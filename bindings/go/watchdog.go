package actorcore

import (
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// ActorInfo is what is known of an actor, by samples: nothing is stopped or slowed for it. Spans are lower
// bounds, from the first sample that saw the same; two samples are what it takes to see one.
type ActorInfo struct {
	Actor      Actor
	Name       string // one of its names, or none
	Dispatcher string // its name
	Behavior   string // of actors in other languages
	State      ActorState
	Mailbox    uint64        // messages that wait, counted up to 65,536
	Oldest     time.Duration // how long the oldest of them has waited at least
	InHandler  time.Duration // how long its handler has run at least
	Type       uint32        // of the message in its handler, when that is known
	Restarts   uint32
}

// actorsPage is how many actors one call reads.
const actorsPage = 256

// Actors are all that live.
func (s *System) Actors() ([]ActorInfo, error) {
	var all []ActorInfo
	rows := make([]raw.ActorInfo, actorsPage)
	for cursor := uint64(0); ; {
		var count uint64
		status := raw.SystemActors(s.handle, cursor, &rows[0], uint64(unsafe.Sizeof(rows[0])), actorsPage, &count, &cursor)
		if err := check(status); err != nil {
			return nil, err
		}
		for i := range rows[:count] {
			r := &rows[i]
			all = append(all, ActorInfo{Actor{r.Actor.Bits}, string(r.Name[:r.NameSize]),
				unsafe.String(r.DispatcherName.Data, r.DispatcherName.Size),
				unsafe.String(r.BehaviorName.Data, r.BehaviorName.Size), ActorState(r.State), r.Mailbox,
				time.Duration(r.OldestNs), time.Duration(r.HandlerNs), r.Type, r.Restarts})
		}
		if cursor == 0 {
			return all, nil
		}
	}
}

// WatchdogOptions say what a watchdog looks at.
type WatchdogOptions struct {
	// Interval is the time between two samples; 0 is 100 ms.
	Interval time.Duration
	// HandlerBudget is how long a handler may have an activation in hand; 0 does not look.
	HandlerBudget time.Duration
	// MailboxAge is how long a message may wait; 0 does not look, which spares a sample the walk over all actors.
	MailboxAge time.Duration
	// ReportTo is told of each report (see OnWatchdog); it may be none.
	ReportTo Actor
}

// WatchdogReport is one thing that is stuck.
type WatchdogReport struct {
	Number  uint64        // from 1, in order
	Time    time.Duration // the system's clock
	Kind    WatchdogKind
	For     time.Duration // at least
	Mailbox uint64        // messages that wait for the actor
	Type    uint32        // of the message in hand, when that is known
	Count   uint32        // actors concerned
	Actors  []Actor       // the first eight; in a cycle each waits for the next one
	Text    string        // the same for people
}

// StartWatchdog starts the system's watchdog, which ends with it: a thread of its own, in a seeded system
// samples at virtual times. It also reports actors that wait for each other's replies in a circle.
func (s *System) StartWatchdog(options WatchdogOptions) error {
	spec := raw.WatchdogOptions{
		StructSize:      uint32(unsafe.Sizeof(raw.WatchdogOptions{})),
		IntervalNs:      uint64(options.Interval),
		HandlerBudgetNs: uint64(options.HandlerBudget),
		MailboxAgeNs:    uint64(options.MailboxAge),
		ReportTo:        options.ReportTo.raw(),
	}
	var failed raw.Error
	return explain(raw.WatchdogStart(s.handle, &spec, &failed), failed)
}

// StopWatchdog stops it.
func (s *System) StopWatchdog() error { return check(raw.WatchdogStop(s.handle)) }

// WatchdogReports are those after number after, oldest first; the library keeps the last 256.
func (s *System) WatchdogReports(after uint64) ([]WatchdogReport, error) {
	kept := make([]raw.WatchdogReport, 256)
	var count uint64
	if err := check(raw.WatchdogReports(s.handle, after, &kept[0], uint64(len(kept)), &count)); err != nil {
		return nil, err
	}
	reports := make([]WatchdogReport, count)
	for i := range reports {
		reports[i] = watchdogReport(&kept[i])
	}
	return reports, nil
}

// OnWatchdog handles the reports of a watchdog that reports to the actor.
func OnWatchdog[S any](f func(state *S, ctx *Context, report WatchdogReport) error) Handler[S] {
	return onTold(raw.TypeWatchdog, func(bytes []byte) WatchdogReport {
		return watchdogReport((*raw.WatchdogReport)(unsafe.Pointer(unsafe.SliceData(bytes))))
	}, f)
}

func watchdogReport(r *raw.WatchdogReport) WatchdogReport {
	actors := make([]Actor, min(int(r.Count), len(r.Actors)))
	for i := range actors {
		actors[i] = Actor{r.Actors[i].Bits}
	}
	return WatchdogReport{r.Number, time.Duration(r.TimeNs), WatchdogKind(r.Kind), time.Duration(r.ForNs), r.Mailbox,
		r.Type, r.Count, actors, string(r.Text[:r.TextSize])}
}
