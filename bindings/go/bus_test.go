package actorcore

import (
	"errors"
	"testing"
)

type heard struct {
	topics []string
	words  []uint64
	last   uint64
	about  Actor
}

var hearers = NewKind("hearer", On(Events, func(h *heard, c *Context, e Event) error {
	word, err := testWord.In(e.Type(), e.Data())
	if err != nil {
		return err
	}
	h.topics = append(h.topics, e.Topic())
	h.words = append(h.words, word)
	h.last, h.about = e.Subscription(c), e.About()
	return nil
}))

func TestABusTellsSubscribersOfWhatFitsTheirPattern(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	bus := must(s.NewBus(BusOptions{Ordered: true}))(t)
	defer bus.Release()
	var h heard
	hearer := must(hearers.Spawn(s, &h))(t)
	id := must(bus.Subscribe("world.*.door", hearer, SubscriptionOptions{About: hearer}))(t)
	for i, topic := range []string{"world.north.door", "world.north", "world.south.door"} {
		delivered := must(testWord.Publish(bus, topic, uint64(i), EventOptions{About: hearer}))(t)
		if delivered != 1-uint64(i&1) {
			t.Errorf("%s became %d messages", topic, delivered)
		}
	}
	must(testWord.Publish(bus, "world.north.door", 9, EventOptions{}))(t) // about nobody
	settled(t, s)
	if len(h.topics) != 2 || h.topics[1] != "world.south.door" || h.words[1] != 2 || h.last != id || h.about != hearer {
		t.Errorf("heard %+v", h)
	}
	check0(t, bus.Unsubscribe(id))
	if stats := must(bus.Stats())(t); stats.Events != 4 || stats.Deliveries != 2 || stats.Subscriptions != 0 {
		t.Errorf("%+v", stats)
	}
	if _, err := bus.Subscribe("a.>.b", hearer, SubscriptionOptions{}); !errors.Is(err, ErrInvalidArgument) {
		t.Error("a pattern with > in the middle:", err)
	}
	if _, err := testValue.Publish(bus, "a", &parcel{}, EventOptions{}); !errors.Is(err, ErrUnsupported) {
		t.Error("a value that moves by reference:", err)
	}
}

// labourer keeps what it got, and refuses the first delivery of each item.
type labourer struct {
	words []uint64
	tags  []uint64
}

var labourers = NewKind("labourer", On(Works, func(l *labourer, c *Context, w Work) error {
	if w.Deliveries(c) == 1 {
		return w.Nack(c, 0)
	}
	word, err := testWord.In(w.Type(), w.Data())
	if err != nil {
		return err
	}
	l.words = append(l.words, word)
	if word == 2 {
		l.tags = append(l.tags, w.Tag(c))
		return nil
	}
	return w.Ack(c)
}))

func TestAQueueHandsOutWorkUntilItIsAcknowledged(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	queue := must(s.NewQueue("work", QueueOptions{DeliveriesMax: 2, Capacity: 3}))(t)
	defer queue.Release()
	if _, err := s.NewQueue("work", QueueOptions{}); !errors.Is(err, ErrExists) {
		t.Error("a second queue of the name:", err)
	}
	for i := range 3 {
		must(testWord.Put(queue, uint64(i), Actor{}))(t)
	}
	if _, err := testWord.Put(queue, 3, Actor{}); !errors.Is(err, ErrFull) {
		t.Error("a full queue:", err)
	}
	var l labourer
	labourer := must(labourers.Spawn(s, &l))(t)
	check0(t, queue.Join(labourer, 2))
	settled(t, s)
	stats := must(queue.Stats())(t)
	if len(l.words) != 3 || stats.Acked != 2 || stats.Leased != 1 || stats.Redelivered != 3 {
		t.Fatalf("%+v, %+v", l, stats)
	}
	found := must(s.FindQueue("work"))(t)
	defer found.Release()
	check0(t, found.Nack(l.tags[0], 0))
	dead := must(queue.Dead())(t)
	if len(dead) != 1 || dead[0].Number != 3 || dead[0].Status != ErrHandler || dead[0].Consumer != labourer {
		t.Fatalf("%+v", dead)
	}
	if word := must(testWord.In(dead[0].Type, must(queue.DeadData(3))(t)))(t); word != 2 {
		t.Error("the dead one's data is", word)
	}
	if count := must(queue.Redrive(0))(t); count != 1 {
		t.Error("made ready again:", count)
	}
	check0(t, queue.Leave(labourer))
}
