// overload: a bakery on the day of the fair, when more comes than it can do. A counter where three
// may wait, and what becomes of the fourth; a mill that pauses when the store is full and goes on
// when it has drained; a door that lets so many guests in a second; a dairy that answers too late,
// and is not asked until it is well again; and an oven that bakes a batch at a time and says of
// each loaf what became of it. Virtual time, so that every run prints the same.
//
// Prints what each of them does, and in the end where all messages are.
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
	order = actorcore.Define[uint64](1, "order")
	grind = actorcore.Define[nothing](2, "grind")
	sack  = actorcore.Define[nothing](3, "sack")
)

// counter serves who has waited.
type counter struct{}

var counters = actorcore.NewKind("Counter", actorcore.On(order, (*counter).serve))

func (*counter) serve(_ *actorcore.Context, number uint64) error {
	fmt.Print(" ", number)
	return nil
}

// store takes a sack by handling it.
type store struct{}

var stores = actorcore.NewKind("Store", actorcore.On(sack, (*store).take))

func (*store) take(*actorcore.Context, nothing) error { return nil }

// mill sends three sacks at a time, until it has to pause.
type mill struct {
	store  actorcore.Actor
	sacks  int
	pauses bool
}

var mills = actorcore.NewKind("Mill",
	actorcore.On(grind, (*mill).grind),
	actorcore.On(actorcore.Pressures, (*mill).pressed))

func (m *mill) grind(ctx *actorcore.Context, _ nothing) error {
	if m.pauses || m.sacks == 24 {
		return nil
	}
	m.sacks += 3
	for range 3 {
		sack.Send(ctx, m.store, nothing{})
	}
	grind.Send(ctx, ctx.Self(), nothing{})
	return nil
}

func (m *mill) pressed(ctx *actorcore.Context, pressure actorcore.Pressure) error {
	m.pauses = actorcore.PressureLevel(pressure.Level) == actorcore.PressureHigh
	does := "goes on"
	if m.pauses {
		does = "pauses"
	}
	fmt.Printf("mill: %s after %d sacks, %d wait\n", does, m.sacks, pressure.Length)
	return m.grind(ctx, nothing{})
}

// oven bakes what is due.
type oven struct {
	batcher *actorcore.Batcher
	batch   actorcore.Taken
}

var ovens = actorcore.NewKind("Oven", actorcore.On(actorcore.Batches, (*oven).bake))

func (o *oven) bake(_ *actorcore.Context, _ uint64) error {
	if err := o.batcher.TryTake(&o.batch); err != nil {
		return err
	}
	fmt.Println("oven: a batch of", o.batch.Len())
	for at := range o.batch.Len() {
		weight, status := o.batch.Data(at)[0], actorcore.OK
		if weight > 4 {
			status = actorcore.ErrHandler
		}
		o.batch.Set(at, 10*uint64(weight), status)
	}
	return o.batcher.Done(&o.batch)
}

func runCounter(ctx context.Context, system *actorcore.System, overflow actorcore.Overflow) error {
	mailbox := actorcore.WithMailbox(actorcore.Mailbox{Capacity: 3, Overflow: overflow})
	actor, err := counters.Spawn(system, &counter{}, mailbox)
	if err != nil {
		return err
	}
	refused := 0
	for number := uint64(1); number <= 5; number++ {
		err := order.Tell(system, actor, number)
		if errors.Is(err, actorcore.ErrFull) {
			refused++
		} else if err != nil {
			return err
		}
	}
	fmt.Printf("counter: %v, serves", overflow)
	if err := system.Settle(ctx); err != nil {
		return err
	}
	ledger, err := system.Ledger()
	if err != nil {
		return err
	}
	fmt.Printf("; refused %d; dead so far %d dropped, %d overflowed\n", refused,
		ledger.Dead[actorcore.DeadDropped], ledger.Dead[actorcore.DeadOverflow])
	return nil
}

func runMill(ctx context.Context, system *actorcore.System) error {
	marks := actorcore.WithMailbox(actorcore.Mailbox{High: 6, Low: 2})
	to, err := stores.Spawn(system, &store{}, marks)
	if err != nil {
		return err
	}
	actor, err := mills.Spawn(system, &mill{store: to})
	if err != nil {
		return err
	}
	if err := grind.Tell(system, actor, nothing{}); err != nil {
		return err
	}
	if err := system.Settle(ctx); err != nil {
		return err
	}
	stats, err := system.Mailbox(to)
	if err != nil {
		return err
	}
	fmt.Printf("store: at most %d waited\n", stats.LengthMax)
	return nil
}

func runDoor(ctx context.Context, system *actorcore.System) error {
	limiter, err := system.NewLimiter(actorcore.LimiterOptions{Rate: 2, Burst: 2})
	if err != nil {
		return err
	}
	defer limiter.Release()
	for guest := 1; guest <= 4; guest++ {
		wait, err := limiter.Take(1)
		for errors.Is(err, actorcore.ErrOverloaded) {
			fmt.Printf("door: guest %d is to wait %d ms\n", guest, wait.Milliseconds())
			if err := system.Advance(ctx, wait); err != nil {
				return err
			}
			wait, err = limiter.Take(1)
		}
		if err != nil {
			return err
		}
		fmt.Printf("door: at %d ms guest %d comes in\n", now(system).Milliseconds(), guest)
	}
	return nil
}

func runDairy(ctx context.Context, system *actorcore.System) error {
	breaker, err := system.NewBreaker(actorcore.BreakerOptions{
		CallsMin: 4, Successes: 2, Slow: 20 * time.Millisecond, Open: 100 * time.Millisecond})
	if err != nil {
		return err
	}
	defer breaker.Release()
	for call, takes := range []time.Duration{5, 40, 5, 40, 5, 5, 5, 5} {
		if call == 6 {
			if err := system.Advance(ctx, 100*time.Millisecond); err != nil {
				return err
			}
		}
		ask := func() (int, error) { return 31, system.Advance(ctx, takes*time.Millisecond) }
		yesterday := func(why error) (int, error) {
			if errors.Is(why, actorcore.ErrOverloaded) {
				return 30, nil
			}
			return 0, why
		}
		price, err := actorcore.Guard(breaker, ask, yesterday)
		if err != nil {
			return err
		}
		fmt.Printf("dairy: at %d ms milk is %d\n", now(system).Milliseconds(), price)
	}
	changes, err := breaker.Changes(0)
	if err != nil {
		return err
	}
	for _, change := range changes {
		fmt.Printf("breaker: at %d ms %v to %v, %v\n",
			time.Duration(change.Time).Milliseconds(), change.From, change.To, change.Reason)
	}
	stats, err := breaker.Stats()
	if err != nil {
		return err
	}
	fmt.Printf("breaker: %d calls, %d slow, %d refused\n", stats.Succeeded, stats.Slow, stats.Refused)
	return nil
}

func runOven(ctx context.Context, system *actorcore.System) error {
	state := &oven{}
	actor, err := ovens.Spawn(system, state)
	if err != nil {
		return err
	}
	batcher, err := system.NewBatcher(actorcore.BatcherOptions{Size: 4, To: actor})
	if err != nil {
		return err
	}
	defer batcher.Release()
	state.batcher = batcher
	var tickets []uint64
	for _, weight := range []byte{1, 2, 5, 1, 3, 4} {
		ticket, err := batcher.Put(actorcore.Item{Data: []byte{weight}})
		if err != nil {
			return err
		}
		tickets = append(tickets, ticket)
	}
	for loaf, ticket := range tickets {
		result, err := batcher.Wait(ctx, ticket)
		if err != nil {
			return err
		}
		if result.Status == actorcore.OK {
			fmt.Printf("main: loaf %d is baked in %d minutes\n", loaf+1, result.Value)
		} else {
			fmt.Printf("main: loaf %d is too heavy\n", loaf+1)
		}
	}
	stats, err := batcher.Stats()
	if err != nil {
		return err
	}
	fmt.Printf("oven: %d loaves, %d failed; batches %d, full %d\n", stats.Items, stats.Failed,
		stats.Batches, stats.Full)
	return nil
}

func now(system *actorcore.System) time.Duration { return time.Duration(system.Now()) }

func run() error {
	// The store takes two sacks a turn, so that a mill which sends three is ahead of it.
	system, err := actorcore.NewSystem(actorcore.Options{Seeded: true, Seed: 1, Throughput: 2})
	if err != nil {
		return err
	}
	defer system.Close()
	ctx := context.Background()
	for _, overflow := range []actorcore.Overflow{actorcore.OverflowFail, actorcore.OverflowDropNewest,
		actorcore.OverflowDropOldest, actorcore.OverflowDeadLetter} {
		if err := runCounter(ctx, system, overflow); err != nil {
			return err
		}
	}
	for _, part := range []func(context.Context, *actorcore.System) error{
		runMill, runDoor, runDairy, runOven} {
		if err := part(ctx, system); err != nil {
			return err
		}
	}

	ledger, err := system.Ledger()
	if err != nil {
		return err
	}
	fmt.Printf("main: accepted %d = handled %d + dropped %d + overflowed %d\n", ledger.Accepted,
		ledger.Handled, ledger.Dead[actorcore.DeadDropped], ledger.Dead[actorcore.DeadOverflow])
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
