package actorcore

import (
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Queue is a named, bounded queue of work with a pool of consumers. An item goes to one consumer as a Work, which
// acknowledges it in time or loses it to another; what was delivered too often is set aside as dead. Every item is
// handled at least once. Release it.
//
// Threads: any, and handlers.
type Queue struct {
	handle raw.Queue
}

// QueueOptions say how a queue is made; 0 takes the default.
type QueueOptions struct {
	Capacity      int           // most items ready and leased; 65,536
	Lease         time.Duration // how long a consumer has an item; 30 s, and for ever when negative
	RetryDelay    time.Duration // how long an item waits before it is delivered again; not at all
	DeliveriesMax int           // after so many an item is dead; 16
}

// NewQueue makes a queue under a name that no other queue of the system has.
func (s *System) NewQueue(name string, options QueueOptions) (Queue, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := raw.QueueOptions{
		StructSize:    uint32(unsafe.Sizeof(raw.QueueOptions{})),
		Capacity:      uint32(options.Capacity),
		Name:          pinned(&pinner, name),
		LeaseNs:       orNever(options.Lease),
		RetryDelayNs:  nanoseconds(options.RetryDelay),
		DeliveriesMax: uint32(options.DeliveriesMax),
	}
	var q Queue
	var failed raw.Error
	err := explain(raw.QueueCreate(s.handle, &spec, &q.handle, &failed), failed)
	return q, err
}

// FindQueue is the queue with a name. Release it too.
func (s *System) FindQueue(name string) (Queue, error) {
	var q Queue
	err := check(raw.QueueFind(s.handle, textOf(name), &q.handle))
	return q, err
}

// Release gives the queue back; the last one ends it, with all that is in it.
func (q Queue) Release() { raw.QueueRelease(q.handle) }

// Put puts an item; its data is copied. A full queue refuses it with ErrFull. The result is the item's number.
//
// Cost: a call into C, and no allocation.
func (q Queue) Put(number uint32, data []byte, source Actor) (item uint64, err error) {
	err = check(raw.QueuePut(q.handle, source.raw(), number, view(data), &item))
	return item, err
}

// Put puts a message of this type into a queue; see Queue.Put and Type.In. Types that move by reference cannot be
// put.
func (t Type[M]) Put(q Queue, message M, source Actor) (item uint64, err error) {
	data, err := t.out(&message)
	if err != nil {
		return 0, err
	}
	return q.Put(t.Number(), data, source)
}

// Join takes an actor into the pool, or gives it another credit: the most items that it has unacknowledged.
func (q Queue) Join(consumer Actor, credit int) error {
	return check(raw.QueueJoin(q.handle, consumer.raw(), uint32(max(credit, 0))))
}

// Leave takes an actor out of the pool; what it has it keeps.
func (q Queue) Leave(consumer Actor) error {
	return check(raw.QueueLeave(q.handle, consumer.raw()))
}

// Ack acknowledges a delivery by its tag, see Work.Tag; Work.Ack does so for the one in hand.
func (q Queue) Ack(tag uint64) error { return check(raw.QueueAck(q.handle, tag)) }

// Nack refuses a delivery by its tag; see Work.Nack.
func (q Queue) Nack(tag uint64, delay time.Duration) error {
	return check(raw.QueueNack(q.handle, tag, orNever(delay)))
}

// DeadWork is an item that was delivered too often, or refused for good.
type DeadWork struct {
	Number     uint64
	Time       time.Duration // when it was set aside, by the system's clock
	Source     Actor         // who put it
	Consumer   Actor         // who had it last
	Type       uint32
	DataSize   uint32
	Deliveries uint32
	Status     Status // how the last one ended: ErrHandler, ErrFailed, ErrTimeout or ErrStale
}

// Dead are the dead items that are kept, at most 1,024, in the order in which they died.
func (q Queue) Dead() ([]DeadWork, error) {
	kept := make([]raw.DeadWork, 1024)
	var count uint64
	if err := check(raw.QueueDead(q.handle, &kept[0], uint64(len(kept)), &count)); err != nil {
		return nil, err
	}
	dead := make([]DeadWork, count)
	for i, d := range kept[:count] {
		dead[i] = DeadWork{d.Number, time.Duration(d.TimeNs), Actor{d.Source.Bits}, Actor{d.Consumer.Bits}, d.Type,
			d.DataSize, d.Deliveries, Status(d.Status)}
	}
	return dead, nil
}

// DeadData is a copy of the data of a dead item.
func (q Queue) DeadData(number uint64) ([]byte, error) {
	var size uint64
	status := raw.QueueDeadData(q.handle, number, nil, 0, &size)
	if status != raw.EBufferTooSmall {
		return nil, check(status)
	}
	data := make([]byte, size)
	err := check(raw.QueueDeadData(q.handle, number, &data[0], size, &size))
	return data, err
}

// Redrive makes a dead item ready again, or with 0 all for which there is room, and says how many.
func (q Queue) Redrive(number uint64) (count uint64, err error) {
	err = check(raw.QueueRedrive(q.handle, number, &count))
	return count, err
}

// QueueStats says where a queue's items are. Put = Acked + Ready + Leased + Dead at any moment.
type QueueStats struct {
	Put         uint64 // accepted
	Acked       uint64 // acknowledged
	Ready       uint64 // that no consumer has
	Leased      uint64 // that a consumer has
	Dead        uint64 // set aside, also those no longer kept
	Delayed     uint64 // of those ready, the ones that wait for a retry
	DeadKept    uint64 // of those dead, the ones that are kept
	Consumers   uint64 // actors in the pool
	Delivered   uint64 // deliveries
	Redelivered uint64 // of these, of items delivered before
	Nacked      uint64 // deliveries refused
	Expired     uint64 // leases that were over
	Refused     uint64 // items not accepted because the queue was full
}

// Stats says where the items are.
func (q Queue) Stats() (QueueStats, error) {
	var stats raw.QueueStats
	err := check(raw.QueueGetStats(q.handle, &stats))
	return QueueStats(stats), err
}

// Work is a view of an item that this actor has on lease, in the library's memory, valid until the handler returns.
type Work []byte

func (w Work) head() *raw.Work { return (*raw.Work)(unsafe.Pointer(unsafe.SliceData(w))) }

// Number is the item's, from 1 in each queue.
func (w Work) Number() uint64 { return w.head().Number }

// Time is when it was put, by the system's clock.
func (w Work) Time() time.Duration { return time.Duration(w.head().TimeNs) }

// Source is who put it, or none.
func (w Work) Source() Actor { return Actor{w.head().Source.Bits} }

// Type is the program's own number.
func (w Work) Type() uint32 { return w.head().Type }

// Data is what was put; copy what is to outlive the handler.
func (w Work) Data() []byte { return w[unsafe.Sizeof(raw.Work{}):] }

// Queue is the item's queue; it is not to be released.
func (w Work) Queue() Queue { return Queue{w.head().Queue} }

// Tag names the delivery in hand, for Queue.Ack after the handler has returned.
func (w Work) Tag(c *Context) uint64 { return c.message.Correlation }

// Deliveries is how often the item was delivered, this time included.
func (w Work) Deliveries(c *Context) uint64 { return note(c.message) }

// Ack acknowledges the delivery in hand: the item is done. ErrNotFound says that its lease is over.
func (w Work) Ack(c *Context) error { return w.Queue().Ack(c.message.Correlation) }

// Nack refuses the delivery in hand: the item goes out again after a delay, 0 being the queue's own, or is dead at
// once when that is negative.
func (w Work) Nack(c *Context, delay time.Duration) error {
	return w.Queue().Nack(c.message.Correlation, delay)
}

// orNever is a time in nanoseconds, a negative one being for ever.
func orNever(d time.Duration) uint64 {
	if d < 0 {
		return raw.TimeoutNever
	}
	return uint64(d)
}
