package actorcore

import (
	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Nothing is the payload of messages without one.
type Nothing struct{}

// The library's own messages. A handler for Started or Stopped is what asks for them.
var (
	// Started is an actor's first message.
	Started = define[Nothing](raw.TypeStarted, "Started")
	// Stopped is an actor's last message.
	Stopped = define[Nothing](raw.TypeStopped, "Stopped")
	// Stop asks an actor to stop once it has handled what came before. No handler gets it.
	Stop = define[Nothing](raw.TypeStop, "Stop")
	// AskFailures end a Request without a reply.
	AskFailures = define[AskFailed](raw.TypeAskFailed, "AskFailed")
	// Failures tell a supervisor that an actor failed.
	Failures = define[Failed](raw.TypeFailed, "Failed")
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
	Status Status // ErrTimeout, ErrNoReply, ErrFailed, ErrStale or ErrStopped
	Type   uint32 // the request's
	To     Actor  // who was asked
}

// Failed says that an actor's handler failed; the actor has stopped.
type Failed struct {
	Actor  Actor
	Status Status // ErrHandler or ErrPanic, or what another language's handler returned
	Type   uint32 // of the message in hand
	Number uint64 // the failure's, for System.Failures
}
