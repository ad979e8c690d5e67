package actorcore

import (
	"context"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
	"github.com/actorcore/actorcore/bindings/go/internal/send"
)

// Batcher gathers items from any number of producers into batches for one consumer at a time. A batch is due
// when Size items wait, or when the first of them has waited for Timeout. An actor gets a message of type
// Batches then, and takes the batch in its handler (TryTake); without an actor a goroutine waits in Take.
// Release it once.
//
// Threads: any, handlers among them.
type Batcher struct {
	system *System
	handle raw.Batcher
}

// BatchItemsMax is the largest batch.
const BatchItemsMax = raw.BatchSizeMax

// BatcherOptions say when a batch is due, and who is told; the zero value is a good choice.
type BatcherOptions struct {
	Size     int           // items of a full batch, at most BatchItemsMax; 0 is 32
	Timeout  time.Duration // how long the first item waits for others; 0 is 150 µs
	Budget   time.Duration // how long a batch should take; 0 is 800 µs, longer ones are counted
	Capacity int           // most items that wait, a power of two; 0 is 1,024
	To       Actor         // who is told; none: goroutines take
	Type     Type[uint64]  // of the message that tells; the zero value is Batches
	User     uint64        // its payload
}

// NewBatcher makes a batcher.
func (s *System) NewBatcher(options BatcherOptions) (*Batcher, error) {
	spec := raw.BatcherOptions{
		StructSize: uint32(unsafe.Sizeof(raw.BatcherOptions{})),
		Size:       uint32(options.Size),
		TimeoutNs:  nanoseconds(options.Timeout),
		BudgetNs:   nanoseconds(options.Budget),
		Capacity:   uint32(options.Capacity),
		Type:       options.Type.Number(),
		To:         options.To.raw(),
		User:       options.User,
	}
	b := &Batcher{system: s}
	var failed raw.Error
	if err := explain(raw.BatcherCreate(s.handle, &spec, &b.handle, &failed), failed); err != nil {
		return nil, err
	}
	return b, nil
}

// Release gives the batcher back. Items that have not ended end with ErrStale.
func (b *Batcher) Release() { raw.BatcherRelease(b.handle) }

// Item is what a producer puts in.
type Item struct {
	Data []byte // copied
	// ReplyTo, if any, gets the result as a BatchResult, a message of type Reply.
	ReplyTo Actor
	// Reply is the type of that message.
	Reply Type[BatchResult]
	// Correlation is the result's: below 1<<32 the program's own, else that of the request in hand (see
	// Context.Correlation), whose Ask or Request the result then ends.
	Correlation uint64
}

// BatchResult is how one item ended.
type BatchResult struct {
	Ticket   uint64
	Value    uint64 // the consumer's
	Status   Status // the consumer's, or why it had none
	Reserved uint32
}

// Put puts an item in, and gives its ticket. It never waits: ErrFull says that too many wait.
//
// Cost: a call into C; for more than 48 bytes a buffer.
func (b *Batcher) Put(item Item) (ticket uint64, err error) {
	spec := raw.BatchItem{
		ReplyTo:     item.ReplyTo.raw(),
		Correlation: item.Correlation,
		Type:        item.Reply.Number(),
		Length:      uint32(len(item.Data)),
	}
	if len(item.Data) <= raw.BatchInlineBytes {
		copy(spec.Data[:], item.Data)
		ticket, status := send.Put(b.handle, &spec)
		return ticket, check(status)
	}
	var buffer raw.Buffer
	var bytes *byte
	if err := check(raw.BufferCreate(uint64(len(item.Data)), &buffer, &bytes)); err != nil {
		return 0, err
	}
	copy(unsafe.Slice(bytes, len(item.Data)), item.Data)
	*(*raw.Buffer)(unsafe.Pointer(&spec.Data)) = buffer
	ticket, status := send.Put(b.handle, &spec)
	if status != raw.Ok {
		raw.BufferRelease(buffer)
	}
	return ticket, check(status)
}

// Taken is a batch in a consumer's hands. The zero value is ready for Take, and again after Done.
type Taken struct {
	items   [BatchItemsMax]raw.BatchItem
	results [BatchItemsMax]raw.BatchResult
	count   uint64
	number  uint64
}

// Len is how many items there are.
func (t *Taken) Len() int { return int(t.count) }

// Ticket is an item's.
func (t *Taken) Ticket(i int) uint64 { return t.items[:t.count][i].Ticket }

// Data is an item's, lent until Done.
func (t *Taken) Data(i int) []byte {
	item := &t.items[:t.count][i]
	if item.Length <= raw.BatchInlineBytes {
		return item.Data[:item.Length]
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&item.Data[8])), item.Length)
}

// Set gives an item its result; one that is given none has OK and 0.
func (t *Taken) Set(i int, value uint64, status Status) {
	t.results[:t.count][i] = raw.BatchResult{Value: value, Status: raw.Status(status)}
}

// Take waits for a batch until the context ends.
func (b *Batcher) Take(ctx context.Context, taken *Taken) error {
	if err := inHandler(ctx); err != nil {
		return err
	}
	if ctx.Done() == nil {
		return b.take(taken, raw.TimeoutNever)
	}
	abandon := func(late *Taken) {
		if late != nil {
			b.forget(late) // its lease gives it to another
		}
	}
	late, err := waiting[*Taken]{abandon: abandon, call: func(timeout uint64) (*Taken, error) {
		into := &Taken{}
		if err := b.take(into, timeout); err != nil {
			return nil, err
		}
		return into, nil
	}}.end(ctx)
	if err == nil {
		*taken = *late
	}
	return err
}

// TryTake takes the batch that is due, for handlers. ErrTimeout: none is, or another consumer has it.
func (b *Batcher) TryTake(taken *Taken) error { return b.take(taken, 0) }

func (b *Batcher) take(taken *Taken, timeout uint64) error {
	release(b.system)
	defer acquire(b.system)
	status := raw.BatcherTake(b.handle, &taken.items[0], BatchItemsMax, timeout, &taken.count, &taken.number)
	if status != raw.Ok {
		taken.count = 0
		return check(status)
	}
	clear(taken.results[:taken.count])
	for i := range taken.items[:taken.count] {
		if buffer := taken.buffer(i); buffer != (raw.Buffer{}) && raw.BufferRetain(buffer) != raw.Ok {
			b.release(taken, i)
			return ErrStale // its lease is over already
		}
	}
	return nil
}

// buffer is that of a long payload. The batch holds it, so that it stays when the lease ends.
func (t *Taken) buffer(i int) (buffer raw.Buffer) {
	if t.items[i].Length > raw.BatchInlineBytes {
		buffer = *(*raw.Buffer)(unsafe.Pointer(&t.items[i].Data))
	}
	return buffer
}

func (b *Batcher) release(taken *Taken, count int) {
	for i := range count {
		raw.BufferRelease(taken.buffer(i))
	}
	taken.count = 0
}

func (b *Batcher) forget(taken *Taken) { b.release(taken, taken.Len()) }

// Done ends the batch: every item has its result. ErrStale: it took longer than ten times the budget and was
// given to another.
func (b *Batcher) Done(taken *Taken) error {
	release(b.system)
	status := raw.BatcherDone(b.handle, taken.number, raw.Ok, &taken.results[0], taken.count)
	b.forget(taken)
	return check(status)
}

// Fail ends the batch with a status for every item.
func (b *Batcher) Fail(taken *Taken, status Status) error {
	release(b.system)
	ended := raw.BatcherDone(b.handle, taken.number, raw.Status(status), nil, 0)
	b.forget(taken)
	return check(ended)
}

// Wait waits for an item to end. Twice as many results are kept as items can wait; ErrNotFound: no such item,
// or its result is forgotten.
func (b *Batcher) Wait(ctx context.Context, ticket uint64) (BatchResult, error) {
	if err := inHandler(ctx); err != nil {
		return BatchResult{}, err
	}
	return waiting[BatchResult]{call: func(timeout uint64) (BatchResult, error) {
		var result raw.BatchResult
		release(b.system)
		err := check(raw.BatcherWait(b.handle, ticket, timeout, &result))
		acquire(b.system)
		return BatchResult{result.Ticket, result.Value, Status(result.Status), 0}, err
	}}.end(ctx)
}

// BatcherStats is what a batcher did. The mean size of a batch is Items / Batches.
type BatcherStats struct {
	Put        uint64 // items taken in
	Refused    uint64 // because it was full
	Waiting    uint64 // items that have not ended
	Failed     uint64 // items that ended with another status than OK
	Unsent     uint64 // results that could not be sent
	Batches    uint64
	Items      uint64 // in them
	Full       uint64 // batches that were full
	TimedOut   uint64 // batches whose time was over
	Lost       uint64 // how often a consumer did not come back
	OverBudget uint64 // batches that took longer than the budget: watch this one
	LongestNs  uint64 // that one took
}

// Stats reads them.
func (b *Batcher) Stats() (BatcherStats, error) {
	var stats raw.BatcherStats
	err := check(raw.BatcherGetStats(b.handle, &stats))
	return BatcherStats(stats), err
}
