package actorcore

import (
	"runtime"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Bus is publish and subscribe: by topic, by pattern, and by the actor that an event is about. A topic is
// tokens between dots, such as world.north.door; in a pattern * stands for one token and a last > for one or
// more, as in NATS. Subscribers get their events as Events. Release it.
//
// Threads: any, and handlers, where it takes effect at once (in a seeded system when the handler returns).
type Bus struct {
	handle raw.Bus
	system *System
}

// BusOptions say how a bus is made; the zero value is a good choice.
type BusOptions struct {
	// Ordered makes publishers take turns, so that every subscriber gets all events in the order of their
	// ids. Without it that holds for each publisher alone.
	Ordered bool
}

// NewBus makes a bus.
func (s *System) NewBus(options BusOptions) (Bus, error) {
	spec := raw.BusOptions{StructSize: uint32(unsafe.Sizeof(raw.BusOptions{}))}
	if options.Ordered {
		spec.Flags = raw.BusOrdered
	}
	b := Bus{system: s}
	var failed raw.Error
	return b, explain(raw.BusCreate(s.handle, &spec, &b.handle, &failed), failed)
}

// Release gives the bus back; its subscriptions end with it.
func (b Bus) Release() { raw.BusRelease(b.handle) }

// SubscriptionOptions narrow a subscription and say how it is served; the zero value is every event that
// the pattern fits.
type SubscriptionOptions struct {
	About     Actor  // only events about this actor
	TypeFirst uint32 // only events of types from this one
	TypeLast  uint32 // to this one; 0 and 0 are all
	Priority  int32  // higher ones are served first
	// Once passes over an event that the actor gets through a subscription served before this one. Without
	// it an actor gets an event once for each of its subscriptions that the event fits.
	Once bool
}

// Subscribe has an actor told of the events that a topic or pattern fits; an empty one fits all. The result is
// for Unsubscribe.
func (b Bus) Subscribe(pattern string, subscriber Actor, options SubscriptionOptions) (uint64, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := raw.SubscriptionOptions{
		StructSize: uint32(unsafe.Sizeof(raw.SubscriptionOptions{})),
		Pattern:    pinned(&pinner, pattern),
		Subscriber: subscriber.raw(),
		About:      options.About.raw(),
		TypeFirst:  options.TypeFirst,
		TypeLast:   options.TypeLast,
		Priority:   options.Priority,
	}
	if options.Once {
		spec.Flags = raw.SubscribeOnce
	}
	var id uint64
	var failed raw.Error
	err := explain(raw.BusSubscribe(b.handle, &spec, &id, &failed), failed)
	return id, err
}

// Unsubscribe ends a subscription: it gets nothing that is published afterwards.
func (b Bus) Unsubscribe(subscription uint64) error {
	return check(raw.BusUnsubscribe(b.handle, subscription))
}

// EventOptions say more about an event than its topic and data do.
type EventOptions struct {
	Type     uint32 // the program's own number; Type.Publish gives the message type's
	Priority int32  // the program's own
	About    Actor  // whom it is about
	Source   Actor  // who publishes it: the sender of its messages
}

// Publish publishes an event; its data is copied. The result is how many messages it became.
//
// Cost: a call into C, and no allocation.
func (b Bus) Publish(topic string, data []byte, options EventOptions) (delivered uint64, err error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	spec := raw.EventOptions{
		StructSize: uint32(unsafe.Sizeof(raw.EventOptions{})),
		Type:       options.Type,
		Topic:      pinned(&pinner, topic),
		About:      options.About.raw(),
		Source:     options.Source.raw(),
		Priority:   options.Priority,
		Data:       view(data),
	}
	if len(data) != 0 {
		pinner.Pin(spec.Data.Data)
	}
	release(b.system)
	err = check(raw.BusPublish(b.handle, &spec, nil, &delivered))
	return delivered, err
}

// Publish publishes a message of this type as an event's data and its number as the event's type; see Bus.Publish
// and Type.In. Types that move by reference cannot be published: every subscriber would have the same value.
func (t Type[M]) Publish(b Bus, topic string, message M, options EventOptions) (delivered uint64, err error) {
	data, err := t.out(&message)
	if err != nil {
		return 0, err
	}
	options.Type = t.Number()
	return b.Publish(topic, data, options)
}

// out is a message as bytes that may be copied any number of times.
func (t Type[M]) out(message *M) ([]byte, error) {
	switch t.about.form {
	case formBytes:
		return *(*[]byte)(unsafe.Pointer(message)), nil
	case formValue:
		return nil, ErrUnsupported
	default:
		return unsafe.Slice((*byte)(unsafe.Pointer(message)), unsafe.Sizeof(*message)), nil
	}
}

// In reads a message of this type out of the data of an Event or a Work that has its number. A []byte is a view.
func (t Type[M]) In(number uint32, data []byte) (message M, err error) {
	switch {
	case number != t.Number(), t.about.form == formValue:
		return message, ErrInvalidArgument
	case t.about.form == formBytes:
		return *(*M)(unsafe.Pointer(&data)), nil
	case uintptr(len(data)) != unsafe.Sizeof(message):
		return message, ErrInvalidArgument
	case len(data) == 0:
		return message, nil
	default:
		return *(*M)(unsafe.Pointer(unsafe.SliceData(data))), nil
	}
}

// BusStats is what a bus did.
type BusStats struct {
	Events        uint64 // published
	Deliveries    uint64 // messages that they became
	Unmatched     uint64 // events that no subscription was for
	Subscriptions uint64 // that there are
	RemovedDead   uint64 // subscriptions removed because their actor had stopped
	PoolGets      uint64 // buffers taken for events
	PoolPuts      uint64 // buffers given back
	PoolHits      uint64 // takes that a used buffer served
	PoolMisses    uint64 // takes that allocated one
}

// Stats is what the bus did.
func (b Bus) Stats() (BusStats, error) {
	var stats raw.BusStats
	err := check(raw.BusGetStats(b.handle, &stats))
	return BusStats(stats), err
}

// Event is a view of a published event, in the library's memory, valid until the handler returns.
type Event []byte

func (e Event) head() *raw.Event { return (*raw.Event)(unsafe.Pointer(unsafe.SliceData(e))) }

// ID is the event's number, from 1 in each bus.
func (e Event) ID() uint64 { return e.head().Id }

// Time is when it was published, by the system's clock.
func (e Event) Time() time.Duration { return time.Duration(e.head().TimeNs) }

// About is the actor that it is about, or none.
func (e Event) About() Actor { return Actor{e.head().Actor.Bits} }

// Source is who published it, or none.
func (e Event) Source() Actor { return Actor{e.head().Source.Bits} }

// Type is the program's own number.
func (e Event) Type() uint32 { return e.head().Type }

// Priority is the program's own.
func (e Event) Priority() int32 { return e.head().Priority }

const eventHead = int(unsafe.Sizeof(raw.Event{}))

// Data is what was published with it; copy what is to outlive the handler.
func (e Event) Data() []byte { return e[eventHead : eventHead+int(e.head().DataSize)] }

// Topic is its topic.
func (e Event) Topic() string { return string(e[eventHead+int(e.head().DataSize):]) }

// Subscription is which subscription the event in hand came through.
func (e Event) Subscription(c *Context) uint64 { return note(c.message) }

// note is what the library adds to a message with a buffer.
func note(m *raw.Message) uint64 { return *(*uint64)(unsafe.Pointer(&m.Data[16])) }
