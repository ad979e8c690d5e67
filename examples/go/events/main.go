// events: a house and its kitchen. Events go to whoever subscribed to their topic or to a pattern
// that it fits, those of a higher priority first, and to nobody who has ended. Items of a bounded
// queue go to one cook each, who acknowledges them: what is refused, or was in the hand of a cook
// who failed, comes again, and what comes too often is dead. Virtual time, so that every run prints
// the same.
//
// Prints how many deliveries each event became and what came of them, then what the cooks did with
// each order, and where the items are in the end.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

type nothing = actorcore.Nothing

var (
	passed = actorcore.Define[uint64](1, "passed") // an event, with a number of people
	noted  = actorcore.Define[nothing](2, "noted")
	people = actorcore.Define[uint64](3, "people")

	plain      = actorcore.Define[nothing](11, "plain")
	slow       = actorcore.Define[nothing](12, "slow")
	hard       = actorcore.Define[nothing](13, "hard")
	impossible = actorcore.Define[nothing](14, "impossible")
)

// porter says what it hears of.
type porter struct{}

var porters = actorcore.NewKind("Porter", actorcore.On(actorcore.Events, (*porter).hear))

func (*porter) hear(ctx *actorcore.Context, event actorcore.Event) error {
	people, err := passed.In(event.Type(), event.Data())
	if err != nil {
		return err
	}
	fmt.Printf("porter: %d at %s, by subscription %d\n", people, event.Topic(), event.Subscription(ctx))
	return nil
}

// diary adds up what it hears of.
type diary struct {
	people uint64
}

var diaries = actorcore.NewKind("Diary",
	actorcore.On(actorcore.Events, (*diary).hear),
	actorcore.On(noted, (*diary).noted))

func (d *diary) hear(_ *actorcore.Context, event actorcore.Event) error {
	people, err := passed.In(event.Type(), event.Data())
	d.people += people
	return err
}

func (d *diary) noted(ctx *actorcore.Context, _ nothing) error { return people.Reply(ctx, d.people) }

type cook struct {
	name string
}

var cooks = actorcore.NewKind("Cook", actorcore.On(actorcore.Works, (*cook).work))

// work: what a cook does with an order depends on its type, and on how often it has come.
func (c *cook) work(ctx *actorcore.Context, work actorcore.Work) error {
	say := func(what string) {
		fmt.Printf("%s cook: order %d, delivery %d, %s\n", c.name, work.Number(), work.Deliveries(ctx), what)
	}
	isFirst := work.Deliveries(ctx) == 1
	switch {
	case work.Type() == impossible.Number():
		say("is impossible")
		return work.Nack(ctx, 0)
	case work.Type() == slow.Number() && isFirst:
		say("is to come again in 10 ms")
		return work.Nack(ctx, 10*time.Millisecond)
	case work.Type() == hard.Number() && isFirst:
		say("is too hard, I fail")
		return errors.New("too hard")
	}
	say("is done")
	return work.Ack(ctx)
}

func runBus(ctx context.Context, system *actorcore.System) error {
	bus, err := system.NewBus(actorcore.BusOptions{})
	if err != nil {
		return err
	}
	defer bus.Release()
	doorman, err := porters.Spawn(system, &porter{})
	if err != nil {
		return err
	}
	book, err := diaries.Spawn(system, &diary{})
	if err != nil {
		return err
	}
	exact, err := bus.Subscribe("north.door", doorman, actorcore.SubscriptionOptions{})
	if err != nil {
		return err
	}
	pattern, err := bus.Subscribe("north.>", doorman, actorcore.SubscriptionOptions{Priority: 5})
	if err != nil {
		return err
	}
	doors, err := bus.Subscribe("*.door", book, actorcore.SubscriptionOptions{})
	if err != nil {
		return err
	}
	fmt.Printf("main: subscriptions %d and %d of the porter, %d of the diary\n", exact, pattern, doors)

	publish := func(topic string, people uint64) error {
		delivered, err := passed.Publish(bus, topic, people, actorcore.EventOptions{})
		if err != nil {
			return err
		}
		fmt.Printf("main: %d at %s, deliveries %d\n", people, topic, delivered)
		return system.Settle(ctx)
	}
	for people, topic := range []string{"north.door", "south.door", "north.window.left", "south.gate"} {
		if err := publish(topic, uint64(people)+1); err != nil {
			return err
		}
	}
	if err := system.StopActor(doorman, false); err != nil {
		return err
	}
	if err := system.Settle(ctx); err != nil {
		return err
	}
	if err := publish("north.door", 5); err != nil {
		return err
	}

	all, err := actorcore.Ask(ctx, system, book, noted, nothing{}, people)
	if err != nil {
		return err
	}
	fmt.Printf("diary: %d at all doors\n", all)
	stats, err := bus.Stats()
	if err != nil {
		return err
	}
	fmt.Printf("bus: events %d, deliveries %d, for nobody %d; subscriptions %d, removed with the porter %d\n",
		stats.Events, stats.Deliveries, stats.Unmatched, stats.Subscriptions, stats.RemovedDead)
	return nil
}

func order(queue actorcore.Queue, kind actorcore.Type[nothing]) error {
	number, err := kind.Put(queue, nothing{}, actorcore.Actor{})
	if errors.Is(err, actorcore.ErrFull) {
		fmt.Println("main: no more orders, three are the bound")
		return nil
	}
	if err == nil {
		fmt.Println("main: order", number)
	}
	return err
}

// join has another cook take part, who begins with what there is.
func join(ctx context.Context, system *actorcore.System, queue actorcore.Queue, name string) error {
	actor, err := cooks.Spawn(system, &cook{name})
	if err != nil {
		return err
	}
	if err := queue.Join(actor, 1); err != nil {
		return err
	}
	return system.Settle(ctx)
}

func runQueue(ctx context.Context, system *actorcore.System) error {
	queue, err := system.NewQueue("orders", actorcore.QueueOptions{Capacity: 3, DeliveriesMax: 3})
	if err != nil {
		return err
	}
	defer queue.Release()
	for _, kind := range []actorcore.Type[nothing]{plain, slow, plain, plain} {
		if err := order(queue, kind); err != nil {
			return err
		}
	}
	if err := join(ctx, system, queue, "first"); err != nil {
		return err
	}
	fmt.Println("main: 10 ms later")
	if err := system.Advance(ctx, 10*time.Millisecond); err != nil {
		return err
	}
	if err := join(ctx, system, queue, "second"); err != nil {
		return err
	}
	for _, kind := range []actorcore.Type[nothing]{hard, impossible} {
		if err := order(queue, kind); err != nil {
			return err
		}
		if err := system.Settle(ctx); err != nil {
			return err
		}
	}

	dead, err := queue.Dead()
	if err != nil {
		return err
	}
	for _, item := range dead {
		fmt.Printf("main: order %d is dead after %d deliveries\n", item.Number, item.Deliveries)
	}
	s, err := queue.Stats()
	if err != nil {
		return err
	}
	fmt.Printf("queue: put %d = done %d + ready %d + leased %d + dead %d; redelivered %d, refused %d, cooks %d\n",
		s.Put, s.Acked, s.Ready, s.Leased, s.Dead, s.Redelivered, s.Refused, s.Consumers)
	return nil
}

func run() error {
	system, err := actorcore.NewSystem(actorcore.Options{Seeded: true, Seed: 1})
	if err != nil {
		return err
	}
	defer system.Close()
	ctx := context.Background()
	if err := runBus(ctx, system); err != nil {
		return err
	}
	if err := runQueue(ctx, system); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err = system.Stop(ctx)
	return err
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
