package actorcore

import (
	"log"
	"runtime/debug"
	"sync"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/calls"
	"github.com/actorcore/actorcore/bindings/go/internal/drop"
	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Incoming is a message as a mailbox sees it that is about to take it. It ends with the call, and so do its Bytes.
//
// Threads: the function that was given it runs on the sender's thread, which may be one of the library's own, under the
// mailbox's lock: until it returns, whoever sends to the actor waits, and so does the actor. So it must not call the
// library, wait, panic or end its goroutine (runtime.Goexit, testing.T.FailNow), and a function that several actors have
// runs at once for each. A panic ends the call, and nothing else: the rank is RankDefault, the key 0, a Push has
// refused, a Pop has nothing; see Mailbox.Panicked.
// Cost:    a call from C into Go, about 140 ns, and a turn of the scheduler's where the program's processors are busy. In
// two runs a message from handler to handler took 2.1 to 2.3 times as long with RankBy as with Rank (107 ns), 1.8 to 2.5
// times as long with KeyBy, which is called twice, as with Key (169 ns), and 3.1 to 3.4 times as long with a Queue as
// with a Capacity (87 ns); see BenchmarkMailbox.
type Incoming struct {
	message *raw.Message
}

// Type is the message's number.
func (m Incoming) Type() uint32 { return m.message.Type }

// Sender is who sent the message, or none.
func (m Incoming) Sender() Actor { return Actor{m.message.Sender.Bits} }

// Bytes is the message's payload, in the library's memory. Type.In reads it. A value that travels by reference (see
// Define) is not in it.
func (m Incoming) Bytes() []byte { return payload(m.message) }

// Waiting stands for a message that waits in a MailboxQueue. All that can be done with it is to give it back. The
// zero value is none.
type Waiting struct {
	message uintptr
}

// MailboxQueue is an actor's mailbox in an order of the program's own: what waits in it, and whose turn it is. The
// library's own messages come and go without it.
//
// Threads: as with Incoming, and one call at a time.
type MailboxQueue interface {
	// Push takes a message; false when it is full, and Mailbox.Overflow decides.
	Push(message Incoming, waiting Waiting) bool
	// Pop gives the next message back. Without one, or with one that it has given already, the mailbox takes any.
	Pop() (Waiting, bool)
}

// An order is a mailbox's functions, as the library calls them.
//
// Threads:    any, under the mailbox's lock; an order without a queue is for any number of mailboxes.
// Invariants: its ticket is the library's word from the spawn on, until the last of the spawn's actors has ended.
// Cost:       a message: a call from C into Go, and a look into a table, for each function.
type order struct {
	system      *System
	ticket      uint64
	rankDefault uint64
	rank, key   func(Incoming) uint64
	queue       MailboxQueue
	panicked    func(reason any, stack []byte)
	first       sync.Once // of the panics
}

// order is what the library calls for one spawn; nil when it calls nothing.
func (m *Mailbox) order(s *System, queue MailboxQueue) *order {
	if m == nil || m.RankBy == nil && m.KeyBy == nil && queue == nil {
		return nil
	}
	o := &order{system: s, rankDefault: m.RankDefault, rank: m.RankBy, key: m.KeyBy, queue: queue, panicked: m.Panicked}
	o.ticket = values.put(o, nil)
	calls.Keep(o.ticket, o)
	return o
}

// into says that the library calls it.
func (o *order) into(options *raw.MailboxOptions) {
	if o == nil {
		return
	}
	if o.rank != nil {
		options.RankFrom, options.Rank = uint32(raw.MailboxFromCallback), calls.Rank
	}
	if o.key != nil {
		options.KeyFrom, options.Key = uint32(raw.MailboxFromCallback), calls.Key
	}
	if o.queue != nil {
		options.Push, options.Pop = calls.Push, calls.Pop
	}
	options.User, options.Destroy = uintptr(o.ticket), drop.End
}

// end is for an order that the library did not take.
func (o *order) end() {
	if o != nil {
		dropped(values.end(o.ticket))
	}
}

// Dropped says that the ticket came back.
func (o *order) Dropped() { calls.Forget(o.ticket) }

// Rank is a message's, for the library.
func (o *order) Rank(message unsafe.Pointer) (rank uint64) {
	acquire(o.system)
	defer o.leave("RankBy")
	rank = o.rankDefault
	return o.rank(Incoming{(*raw.Message)(message)})
}

// Key is a message's, for the library.
func (o *order) Key(message unsafe.Pointer) uint64 {
	acquire(o.system)
	defer o.leave("KeyBy")
	return o.key(Incoming{(*raw.Message)(message)})
}

// Push puts a message into the queue, for the library.
func (o *order) Push(message unsafe.Pointer) bool {
	acquire(o.system)
	defer o.leave("Queue.Push")
	return o.queue.Push(Incoming{(*raw.Message)(message)}, Waiting{uintptr(message)})
}

// Pop takes a message out of the queue, for the library, which knows what it has given and takes nothing else.
func (o *order) Pop() uintptr {
	acquire(o.system)
	defer o.leave("Queue.Pop")
	if waiting, ok := o.queue.Pop(); ok {
		return waiting.message
	}
	return 0
}

// leave keeps a panic out of C.
func (o *order) leave(function string) {
	if reason := recover(); reason != nil {
		o.tell(function, reason, debug.Stack())
	}
	release(o.system)
}

// tell leaves it to another goroutine, which may wait.
func (o *order) tell(function string, reason any, stack []byte) {
	if o.panicked != nil {
		go o.panicked(reason, stack)
		return
	}
	o.first.Do(func() {
		go log.Printf("actorcore: a mailbox's %s panicked: %v\n%s", function, reason, stack)
	})
}
