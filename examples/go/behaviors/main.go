// behaviors: a telegraph office that is first connecting, then ready, and busy on top of that with
// each telegram. What comes while it can send nothing it sets aside, at most three telegrams, and
// takes up again in the order in which they came; after a while without any it hangs up and is
// connecting again. Virtual time, so that every run prints the same.
//
// Prints what the office does, with what it is at that time, and where all messages are in the end.
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
	telegram  = actorcore.Define[uint64](1, "telegram")
	connected = actorcore.Define[nothing](2, "connected")
	sent      = actorcore.Define[nothing](3, "sent")
)

// office is what all its behaviors share.
type office struct {
	isCalling bool
}

var connecting = actorcore.NewKind("Office",
	actorcore.On(telegram, (*office).call),
	actorcore.On(connected, (*office).connect))

var ready = actorcore.NewKind("Office",
	actorcore.On(telegram, (*office).send),
	actorcore.On(actorcore.Timeouts, (*office).hangUp))

var busy = actorcore.NewKind("Office",
	actorcore.On(telegram, (*office).wait),
	actorcore.On(sent, (*office).sent))

// say prints what the office does, with what it is and the time.
func say(system *actorcore.System, as, format string, arguments ...any) {
	at := fmt.Sprintf("%s: at %d ms ", as, time.Duration(system.Now()).Milliseconds())
	fmt.Println(at + fmt.Sprintf(format, arguments...))
}

func setAside(ctx *actorcore.Context, as string, number uint64) error {
	err := ctx.Stash()
	if errors.Is(err, actorcore.ErrFull) {
		say(ctx.System(), as, "telegram %d is refused, for three are", number)
		return nil
	}
	say(ctx.System(), as, "telegram %d is set aside", number)
	return err
}

func (o *office) call(ctx *actorcore.Context, number uint64) error {
	if !o.isCalling {
		if _, err := connected.After(ctx, ctx.Self(), 20*time.Millisecond, nothing{}); err != nil {
			return err
		}
	}
	o.isCalling = true
	return setAside(ctx, "connecting", number)
}

func (o *office) connect(ctx *actorcore.Context, _ nothing) error {
	o.isCalling = false
	say(ctx.System(), "connecting", "the line is open")
	return errors.Join(ctx.SetReceiveTimeout(50*time.Millisecond), ctx.Become(ready), ctx.Unstash(0))
}

func (o *office) send(ctx *actorcore.Context, number uint64) error {
	say(ctx.System(), "ready", "telegram %d goes out", number)
	_, err := sent.After(ctx, ctx.Self(), 10*time.Millisecond, nothing{})
	return errors.Join(err, ctx.Become(busy))
}

func (o *office) hangUp(ctx *actorcore.Context, _ nothing) error {
	say(ctx.System(), "ready", "has had nothing to do for 50 ms, hangs up")
	return errors.Join(ctx.SetReceiveTimeout(0), ctx.Unbecome())
}

func (o *office) wait(ctx *actorcore.Context, number uint64) error {
	return setAside(ctx, "busy", number)
}

func (o *office) sent(ctx *actorcore.Context, _ nothing) error {
	say(ctx.System(), "busy", "it is through")
	return errors.Join(ctx.Unbecome(), ctx.Unstash(1))
}

func handIn(ctx context.Context, system *actorcore.System, office actorcore.Actor, first, last uint64) error {
	for number := first; number <= last; number++ {
		if err := telegram.Tell(system, office, number); err != nil {
			return err
		}
	}
	if err := system.Settle(ctx); err != nil {
		return err
	}
	ledger, err := system.Ledger()
	if err != nil {
		return err
	}
	say(system, "main", "%d are handed in, %d set aside", last, ledger.Stashed)
	return nil
}

func run() error {
	system, err := actorcore.NewSystem(actorcore.Options{Seeded: true, Seed: 1})
	if err != nil {
		return err
	}
	defer system.Close()
	ctx := context.Background()
	actor, err := connecting.Spawn(system, &office{}, actorcore.StashMax(3))
	if err != nil {
		return err
	}
	for _, part := range []struct {
		first, last uint64
		then        time.Duration
	}{{1, 4, 25}, {5, 5, 100}, {6, 7, 25}} {
		if err := handIn(ctx, system, actor, part.first, part.last); err != nil {
			return err
		}
		if err := system.Advance(ctx, part.then*time.Millisecond); err != nil {
			return err
		}
	}

	if err := system.StopActor(actor, false); err != nil {
		return err
	}
	if err := system.Settle(ctx); err != nil {
		return err
	}
	ledger, err := system.Ledger()
	if err != nil {
		return err
	}
	say(system, "main", "the office is closed; accepted %d = handled %d + set aside %d + left behind %d",
		ledger.Accepted, ledger.Handled, ledger.Stashed, ledger.Dead[actorcore.DeadStopped])
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
