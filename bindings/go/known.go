package actorcore

import (
	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Nothing is the payload of messages without one.
type Nothing struct{}

// The library's own messages.
var (
	// Stop asks an actor to stop once it has handled what came before. No handler gets it.
	Stop = define[Nothing](raw.TypeStop, "Stop")
	// Restart asks an actor to restart once it has handled what came before, as System.Restart does. No handler
	// gets it.
	Restart = define[Nothing](raw.TypeRestart, "Restart")
	// Kill asks an actor to end as System.Kill does, once it has handled what came before. No handler gets it.
	Kill = define[Nothing](raw.TypeKill, "Kill")
	// AskFailures end a Request without a reply.
	AskFailures = define[AskFailed](raw.TypeAskFailed, "AskFailed")
	// Failures tell a supervisor that a child failed, where its policy does not say what that leads to.
	Failures = define[Failed](raw.TypeFailed, "Failed")
	// Terminations tell an actor that one which it watches has ended (see Context.Watch).
	Terminations = define[Ended](raw.TypeTerminated, "Terminated")
	// Exits tell an actor that was spawned with TrapExit that one it is linked to has ended (see Context.Link).
	Exits = define[Ended](raw.TypeExit, "Exit")
	// Questions ask a subsystem's actor for its output.
	Questions = define[Question](raw.TypeContribute, "Contribute")
	// Pressures tell a sender that the mailbox which it sends to has filled, or drained again.
	Pressures = define[Pressure](raw.TypePressure, "Pressure")
	// Resolutions end an asynchronous resolve.
	Resolutions = define[Resolved](raw.TypeResolved, "Resolved")
	// Batches tell an actor that a batch is due (see Batcher); the payload is BatcherOptions.User.
	Batches = define[uint64](raw.TypeBatch, "Batch")
	// Events are what an actor subscribed to at a Bus.
	Events = define[Event](raw.TypeEvent, "Event")
	// Works are items of a Queue that an actor joined.
	Works = define[Work](raw.TypeWork, "Work")
	// Timeouts tell an actor that it had no message for as long as SetReceiveTimeout said.
	Timeouts = define[Nothing](raw.TypeTimeout, "Timeout")
)

// AskFailed says how a request ended that has no reply; the message has the request's Correlation.
type AskFailed struct {
	// ErrTimeout, ErrNoReply, ErrFailed, ErrStale or ErrStopped; ErrFull, ErrOverloaded or, by a Router, ErrNotFound
	// where the request was refused on its way
	Status Status
	Type   uint32 // the request's
	To     Actor  // who was asked
}
