package actorcore

import (
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Stats is what a system holds and did. Exact at a quiet moment.
type Stats struct {
	Actors       uint64 // alive
	Spawned      uint64
	Stopped      uint64
	Failed       uint64 // of these, by a failing handler
	Activations  uint64 // turns given to actors
	Stolen       uint64 // activations and queue entries that a worker took from another
	Parks        uint64 // how often a worker went to sleep
	ActorBytes   uint64 // memory of actor records
	MessageBytes uint64 // memory of envelopes, in use and pooled
	Slabs        uint64 // blocks ever taken from the allocator: stands still once a program is warm
}

// Stats reads them.
func (s *System) Stats() (Stats, error) {
	var stats raw.SystemStats
	err := check(raw.SystemGetStats(s.handle, &stats))
	return Stats(stats), err
}

// Ledger is where all messages are: Accepted is the sum of Handled, Queued, Stashed and Dead, exactly,
// whenever no handler runs and no call is under way.
type Ledger struct {
	Accepted uint64     // messages that the library took
	Handled  uint64     // messages that a handler had, failed ones among them
	Failed   uint64     // of these, the ones that failed
	Queued   uint64     // in mailboxes
	Stashed  uint64     // set aside by their receivers
	Dead     [16]uint64 // dead letters by DeadReason
}

// Holds says that no message is unaccounted for.
func (l Ledger) Holds() bool { return l.Accepted == l.Handled+l.Queued+l.Stashed+l.DeadSum() }

// DeadSum is how many dead letters there are.
func (l Ledger) DeadSum() (sum uint64) {
	for _, dead := range l.Dead {
		sum += dead
	}
	return sum
}

// Ledger reads it; after Stop too.
func (s *System) Ledger() (Ledger, error) {
	var ledger raw.Ledger
	err := check(raw.SystemLedger(s.handle, &ledger))
	return Ledger(ledger), err
}

// Failure is one failure of a handler.
type Failure struct {
	Number uint64        // from 1, in order
	Time   time.Duration // the system's clock
	Actor  Actor
	Status Status
	Type   uint32 // of the message in hand
	Text   string // language, handler and reason
}

// failureText is how much of a failure's text the library keeps.
const failureText = len(raw.Failure{}.Text)

// Failures are those after number after, oldest first; the library keeps the last 256.
func (s *System) Failures(after uint64) ([]Failure, error) {
	kept := make([]raw.Failure, 256)
	var count uint64
	if err := check(raw.SystemFailures(s.handle, after, &kept[0], uint64(len(kept)), &count)); err != nil {
		return nil, err
	}
	failures := make([]Failure, count)
	for i, f := range kept[:count] {
		failures[i] = Failure{f.Number, time.Duration(f.TimeNs), Actor{f.Actor.Bits}, Status(f.Status), f.Type,
			string(f.Text[:f.TextSize])}
	}
	return failures, nil
}

// DeadLetter is one message that was not handled.
type DeadLetter struct {
	Number uint64        // from 1, in order
	Time   time.Duration // the system's clock
	To     Actor
	Sender Actor
	Type   uint32
	Length uint32 // of its payload
	Reason DeadReason
}

// DeadLetters are those after number after, oldest first; the library keeps the last 1,024.
func (s *System) DeadLetters(after uint64) ([]DeadLetter, error) {
	kept := make([]raw.DeadLetter, 1024)
	var count uint64
	if err := check(raw.SystemDeadLetters(s.handle, after, &kept[0], uint64(len(kept)), &count)); err != nil {
		return nil, err
	}
	letters := make([]DeadLetter, count)
	for i, l := range kept[:count] {
		letters[i] = deadLetter(l)
	}
	return letters, nil
}

// DeadLetterBatch is what a subscriber is told of dead letters.
type DeadLetterBatch struct {
	Letters []DeadLetter
	Missed  uint64 // how many more there were; System.DeadLetters may still have them
}

// SubscribeDeadLetters tells an actor of dead letters, of all or of those with the given reasons: one message
// for all of a millisecond, which its kind handles with OnDeadLetters. Legal inside a handler.
func (s *System) SubscribeDeadLetters(subscriber Actor, reasons ...DeadReason) error {
	var mask uint32
	for _, reason := range reasons {
		mask |= 1 << reason
	}
	return check(raw.DeadLetterSubscribe(s.handle, subscriber.raw(), mask))
}

// UnsubscribeDeadLetters ends it.
func (s *System) UnsubscribeDeadLetters(subscriber Actor) error {
	return check(raw.DeadLetterUnsubscribe(s.handle, subscriber.raw()))
}

// OnDeadLetters handles what SubscribeDeadLetters tells.
func OnDeadLetters[S any](f func(state *S, ctx *Context, batch DeadLetterBatch) error) Handler[S] {
	return onTold(raw.TypeDeadLetter, func(bytes []byte) DeadLetterBatch {
		told := (*raw.DeadLetters)(unsafe.Pointer(unsafe.SliceData(bytes)))
		batch := DeadLetterBatch{make([]DeadLetter, told.Count), told.Missed}
		for i, l := range unsafe.Slice(&told.Letters[0], told.Count) {
			batch.Letters[i] = deadLetter(l)
		}
		return batch
	}, f)
}

func deadLetter(l raw.DeadLetter) DeadLetter {
	return DeadLetter{l.Number, time.Duration(l.TimeNs), Actor{l.To.Bits}, Actor{l.Sender.Bits}, l.Type, l.Length,
		DeadReason(l.Reason)}
}
