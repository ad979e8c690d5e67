package actorcore

import (
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// MailboxOrder is in which order a mailbox gives its messages back.
type MailboxOrder = raw.MailboxOrder

const (
	// OrderFIFO is as they came.
	OrderFIFO MailboxOrder = raw.MailboxFifo
	// OrderControlFirst has the library's messages and the types marked Control before all others.
	OrderControlFirst MailboxOrder = raw.MailboxControlFirst
	// OrderPriority has the lowest rank first.
	OrderPriority MailboxOrder = raw.MailboxPriority
	// OrderCustom is as Mailbox.Queue says.
	OrderCustom MailboxOrder = raw.MailboxCustom
)

// Overflow is what becomes of a message for a mailbox that is full.
type Overflow = raw.Overflow

const (
	// OverflowFail refuses it: ErrFull from outside, a dead letter out of a handler.
	OverflowFail Overflow = raw.OverflowFail
	// OverflowBlock has a sender outside wait for room; inside a handler nothing waits, and it is as OverflowFail.
	OverflowBlock Overflow = raw.OverflowBlock
	// OverflowDropNewest makes it a dead letter.
	OverflowDropNewest Overflow = raw.OverflowDropNewest
	// OverflowDropOldest makes the oldest of those that come last a dead letter, for its place.
	OverflowDropOldest Overflow = raw.OverflowDropOldest
	// OverflowDeadLetter makes it a dead letter too, with another reason.
	OverflowDeadLetter Overflow = raw.OverflowDeadLetter
)

// Mailbox says what an actor's mailbox holds, and in which order; the zero value is the default, unbounded and first
// in, first out. Messages of the library and replies are never refused or dropped.
type Mailbox struct {
	Order    MailboxOrder
	Overflow Overflow
	// Conflate has a message take the place of the queued one with its type and key.
	Conflate bool
	// Capacity is the most messages that wait in it; 0 is no bound.
	Capacity uint64
	// Block is how long a sender waits with OverflowBlock; 0 is one second, a negative one has no limit.
	Block time.Duration
	// High is the length from which on senders are told with Pressures, 0 is never; Low is the one at which they are
	// told that it is over.
	High, Low uint64
	// PressureTo is told as well, whoever sent.
	PressureTo Actor
	// Types says what is special about types of messages, each once.
	Types []MailboxType
	// RankDefault is the rank of all others, and of those at which RankBy panics.
	RankDefault uint64
	// Rank is where OrderPriority finds a message's rank, Key where Conflate finds its key; the zero value is the type.
	Rank, Key PayloadWord
	// RankBy and KeyBy find them, in the place of Rank and Key. They run on the sender's thread under the mailbox's
	// lock, so they must not call the library, wait or panic: see Incoming. They are kept until the last actor of the
	// spawn has ended; so is a Queue.
	RankBy, KeyBy func(Incoming) uint64
	// Queue makes the queue of OrderCustom, one a spawn. A queue goes to one actor: SpawnMany of more is refused, and a
	// pool, and Conflate with it.
	Queue func() MailboxQueue
	// Panicked is told, on a goroutine of its own, of each panic of RankBy, KeyBy or a Queue, with its stack. Without
	// it the first one is logged.
	Panicked func(reason any, stack []byte)
}

// MailboxType is what a mailbox does with one type of message.
type MailboxType struct {
	Type     uint32 // the type's Number
	Rank     uint64 // the lowest comes first
	Control  bool   // before all others in OrderControlFirst
	Distinct bool   // never conflated
}

// PayloadWord is a little-endian number in a payload, Bytes (4 or 8; 0 is none) wide, at an offset in bytes.
type PayloadWord struct {
	Bytes  int
	Offset uint32
}

// WithMailbox gives the actor this mailbox.
func WithMailbox(mailbox Mailbox) SpawnOption {
	return func(o *spawnOptions) { o.mailbox = &mailbox }
}

// from is the library's name for where the word is. A width that there is not becomes a constant that it refuses.
func (w PayloadWord) from() uint32 {
	switch w.Bytes {
	case 0:
		return uint32(raw.MailboxFromType)
	case 4:
		return uint32(raw.MailboxFromU32)
	case 8:
		return uint32(raw.MailboxFromU64)
	}
	return ^uint32(0)
}

// raw is what the library is asked for, held by the pinner, with what order made of its functions.
func (m *Mailbox) raw(order *order, pinner *runtime.Pinner) *raw.MailboxOptions {
	if m == nil {
		return nil
	}
	options := &raw.MailboxOptions{
		StructSize:  uint32(unsafe.Sizeof(raw.MailboxOptions{})),
		Order:       uint32(m.Order),
		Overflow:    uint32(m.Overflow),
		Capacity:    m.Capacity,
		BlockNs:     uint64(m.Block),
		High:        m.High,
		Low:         m.Low,
		PressureTo:  m.PressureTo.raw(),
		TypesCount:  uint64(len(m.Types)),
		RankDefault: m.RankDefault,
		RankFrom:    m.Rank.from(),
		RankOffset:  m.Rank.Offset,
		KeyFrom:     m.Key.from(),
		KeyOffset:   m.Key.Offset,
	}
	order.into(options)
	if m.Conflate {
		options.Flags = uint32(raw.MailboxFlagConflate)
	}
	if m.Block < 0 {
		options.BlockNs = raw.TimeoutNever
	}
	if len(m.Types) != 0 {
		types := make([]raw.MailboxType, len(m.Types))
		for i, t := range m.Types {
			types[i] = raw.MailboxType{Type: t.Type, Rank: t.Rank}
			if t.Control {
				types[i].Flags |= uint32(raw.MailboxTypeControl)
			}
			if t.Distinct {
				types[i].Flags |= uint32(raw.MailboxTypeDistinct)
			}
		}
		options.Types = &types[0]
		pinner.Pin(options.Types)
	}
	pinner.Pin(options)
	return options
}

// MailboxStats is what a mailbox holds and did.
type MailboxStats struct {
	Length    uint64 // messages that wait
	Capacity  uint64 // 0 is no bound
	LengthMax uint64 // the most that ever waited
	Dropped   uint64
	Conflated uint64
	Refused   uint64
	Blocked   uint64 // messages whose senders waited
	Untold    uint64 // times that a sender was not told of the pressure, because 64 others were
	Estimate  bool   // the default mailbox: Length is about right, and the rest is 0
}

// Mailbox says what an actor's mailbox holds and did.
func (s *System) Mailbox(actor Actor) (MailboxStats, error) {
	stats := raw.MailboxStats{StructSize: uint32(unsafe.Sizeof(raw.MailboxStats{}))}
	err := check(raw.MailboxGet(s.handle, actor.raw(), &stats))
	return MailboxStats{
		Length: stats.Length, Capacity: stats.Capacity, LengthMax: stats.LengthMax, Dropped: stats.Dropped,
		Conflated: stats.Conflated, Refused: stats.Refused, Blocked: stats.Blocked, Untold: stats.Untold,
		Estimate: stats.IsEstimate != 0,
	}, err
}

// PressureLevel is how full a mailbox is.
type PressureLevel = raw.PressureLevel

const (
	// PressureLow is a mailbox that has drained to its low mark.
	PressureLow PressureLevel = raw.PressureLow
	// PressureHigh is a mailbox that has reached its high mark.
	PressureHigh PressureLevel = raw.PressureHigh
	// PressureEnded is a mailbox whose actor has ended.
	PressureEnded PressureLevel = raw.PressureEnded
)

// Pressure says that a mailbox has filled, or drained again.
type Pressure struct {
	Actor    Actor // whose mailbox it is
	Level    uint32
	Reserved uint32
	Length   uint64 // how many messages waited in it
}
