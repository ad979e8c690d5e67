// timers: a cook who boils an egg by the clock. A message after a delay and one after each period,
// both started from outside and by a handler for its own actor; their cancelling and their end; and
// what an actor is told that has had no message for a while. Time is virtual: it moves from one
// timer to the next while Advance runs, so that every run prints the same in no time.
//
// Prints what the cook does and at which time, what came of the timers that never fired, and how
// many messages that were.
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
	begin = actorcore.Define[nothing](1, "begin")
	stir  = actorcore.Define[nothing](2, "stir")
	done  = actorcore.Define[nothing](3, "done")
	serve = actorcore.Define[nothing](4, "serve")
	bell  = actorcore.Define[nothing](5, "bell")
)

type cook struct {
	stirring      actorcore.Timer
	stirred, idle int
}

var cooks = actorcore.NewKind("Cook",
	actorcore.On(begin, (*cook).begin),
	actorcore.On(stir, (*cook).stir),
	actorcore.On(done, (*cook).done),
	actorcore.On(serve, (*cook).serve),
	actorcore.On(bell, (*cook).bell),
	actorcore.On(actorcore.Timeouts, (*cook).timeout))

func now(system *actorcore.System) time.Duration { return time.Duration(system.Now()) }

// say prints what the cook does, with the time.
func say(ctx *actorcore.Context, what string) {
	fmt.Printf("cook: at %d ms %s\n", now(ctx.System()).Milliseconds(), what)
}

func (c *cook) begin(ctx *actorcore.Context, _ nothing) (err error) {
	say(ctx, "begins")
	if err = ctx.SetReceiveTimeout(25 * time.Millisecond); err != nil {
		return err
	}
	c.stirring, err = stir.Every(ctx, ctx.Self(), 10*time.Millisecond, nothing{})
	return err
}

func (c *cook) stir(ctx *actorcore.Context, _ nothing) error {
	// A message that was sent before its timer was cancelled still comes; it is known by its timer.
	if ctx.Timer() != c.stirring {
		return nil
	}
	c.stirred++
	if c.stirred < 3 {
		say(ctx, fmt.Sprint("stirs, ", c.stirred))
		return nil
	}
	say(ctx, "stirs, 3 and no more")
	if !c.stirring.Cancel() {
		return errors.New("the stirring had ended")
	}
	c.stirring = actorcore.Timer{}
	return nil
}

func (c *cook) done(ctx *actorcore.Context, _ nothing) error {
	say(ctx, "the egg is done")
	_, err := serve.After(ctx, ctx.Self(), 20*time.Millisecond, nothing{})
	return err
}

func (c *cook) serve(ctx *actorcore.Context, _ nothing) error {
	say(ctx, "the egg is served")
	return nil
}

func (c *cook) bell(ctx *actorcore.Context, _ nothing) error {
	say(ctx, "the bell rings")
	return nil
}

func (c *cook) timeout(ctx *actorcore.Context, _ nothing) error {
	c.idle++
	if c.idle < 2 {
		say(ctx, "has had nothing to do for 25 ms")
		return nil
	}
	say(ctx, "has had nothing to do for 25 ms again, and goes")
	ctx.Stop()
	return nil
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func run() error {
	system, err := actorcore.NewSystem(actorcore.Options{Seeded: true, Seed: 1})
	if err != nil {
		return err
	}
	defer system.Close()
	actor, err := cooks.Spawn(system, &cook{})
	if err != nil {
		return err
	}
	if _, err = done.After(system, actor, 35*time.Millisecond, nothing{}); err != nil {
		return err
	}
	once, err := bell.After(system, actor, time.Hour, nothing{})
	if err != nil {
		return err
	}
	hourly, err := bell.Every(system, actor, time.Hour, nothing{})
	if err != nil {
		return err
	}
	if err := begin.Tell(system, actor, nothing{}); err != nil {
		return err
	}

	ctx := context.Background()
	if err := system.Settle(ctx); err != nil {
		return err
	}
	fmt.Printf("main: quiet at %d ms, for timers that wait are no work\n", now(system).Milliseconds())
	if err := system.Advance(ctx, 60*time.Millisecond); err != nil {
		return err
	}
	fmt.Printf("main: at %d ms, the bell was waiting: %s, and after its cancelling: %s\n",
		now(system).Milliseconds(), yesNo(once.Cancel()), yesNo(once.Cancel()))
	stats, err := hourly.Stats()
	if err != nil {
		return err
	}
	fmt.Printf("main: the hourly bell has rung %d times and is due at %d s\n",
		stats.Sent, time.Duration(stats.Next)/time.Second)
	if err := system.Advance(ctx, 2*time.Hour); err != nil {
		return err
	}
	_, err = hourly.Stats()
	fmt.Printf("main: at %d s, the hourly bell has ended with the cook: %s\n",
		now(system)/time.Second, yesNo(errors.Is(err, actorcore.ErrStale)))

	ledger, err := system.Ledger()
	if err != nil {
		return err
	}
	fmt.Printf("main: accepted %d, handled %d\n", ledger.Accepted, ledger.Handled)
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
