// supervise: a shop with a till that starts again by itself, and a vault whose failures the shop decides on. Time is
// virtual, so that every run prints the same.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

// Each of the program's messages has an amount.
var (
	add   = actorcore.Define[int64](1, "add")
	put   = actorcore.Define[int64](2, "put")
	take  = actorcore.Define[int64](3, "take")
	check = actorcore.Define[int64](4, "check")
)

// till adds amounts up.
type till struct {
	total int64
	last  time.Duration // when it began with the last amount
}

var tills = actorcore.NewKind("Till",
	actorcore.On(add, (*till).add),
	actorcore.On(actorcore.Restarted, (*till).restarted),
	actorcore.On(actorcore.Stopped, (*till).stopped))

func now(ctx *actorcore.Context) time.Duration { return time.Duration(ctx.System().Now()) }

func (t *till) add(ctx *actorcore.Context, amount int64) error {
	t.last = now(ctx)
	if amount < 0 {
		return fails("till", "a negative amount")
	}
	t.total += amount
	fmt.Println("till: total", t.total)
	return nil
}

func (t *till) restarted(ctx *actorcore.Context, _ actorcore.Nothing) error {
	t.total = 0
	fmt.Println("till: starts again after", (now(ctx) - t.last).Milliseconds(), "ms")
	return nil
}

func (t *till) stopped(*actorcore.Context, actorcore.Nothing) error {
	fmt.Println("till: ends at", t.total)
	return nil
}

func fails(who, reason string) error {
	fmt.Printf("%s: fails: %s\n", who, reason)
	return errors.New(reason)
}

// vault keeps an amount.
type vault struct {
	holds int64
}

var vaults = actorcore.NewKind("Vault",
	actorcore.On(put, (*vault).put),
	actorcore.On(take, (*vault).take),
	actorcore.On(check, (*vault).check),
	actorcore.On(actorcore.Restarted, (*vault).restarted),
	actorcore.On(actorcore.Stopped, (*vault).stopped))

func (v *vault) put(_ *actorcore.Context, amount int64) error { return v.hold(v.holds + amount) }

func (v *vault) take(_ *actorcore.Context, amount int64) error {
	if amount > v.holds {
		return fails("vault", "too little")
	}
	return v.hold(v.holds - amount)
}

func (v *vault) check(_ *actorcore.Context, amount int64) error {
	if amount != v.holds {
		return fails("vault", "a miscount")
	}
	return v.hold(v.holds)
}

func (v *vault) restarted(*actorcore.Context, actorcore.Nothing) error { return v.hold(0) }

func (v *vault) hold(amount int64) error {
	v.holds = amount
	fmt.Println("vault: holds", v.holds)
	return nil
}

func (v *vault) stopped(*actorcore.Context, actorcore.Nothing) error {
	fmt.Println("vault: ends at", v.holds)
	return nil
}

// shop owns both, and opens a second till where the first one ends.
type shop struct {
	tills int
}

var shops = actorcore.NewKind("Shop",
	actorcore.On(actorcore.Started, (*shop).started),
	actorcore.On(actorcore.Failures, (*shop).decide),
	actorcore.On(actorcore.Terminations, (*shop).terminated))

func (s *shop) started(ctx *actorcore.Context, _ actorcore.Nothing) error {
	if err := s.openTill(ctx); err != nil {
		return err
	}
	_, err := vaults.Spawn(ctx, &vault{}, actorcore.Named("vault"), actorcore.Supervised(ctx.Self()),
		actorcore.Supervision(actorcore.Policy{Strategy: actorcore.StrategyDecide}))
	if err != nil {
		return err
	}
	fmt.Println("shop: opens a vault")
	return nil
}

func (s *shop) openTill(ctx *actorcore.Context) error {
	actor, err := tills.Spawn(ctx, &till{}, actorcore.Named("till"), actorcore.Supervised(ctx.Self()))
	if err != nil {
		return err
	}
	s.tills++
	fmt.Println("shop: opens a till")
	return ctx.Watch(actor)
}

// decide: a vault that was asked for too much is as it was; one with a miscount is not to be trusted.
func (s *shop) decide(ctx *actorcore.Context, failed actorcore.Failed) error {
	outcome, strategy := "starts again", actorcore.StrategyRestart
	if failed.Type == take.Number() && strings.Contains(failed.Text(ctx), "too little") {
		outcome, strategy = "goes on", actorcore.StrategyResume
	}
	fmt.Printf("shop: message %d failed, the vault %s\n", failed.Type, outcome)
	return ctx.Decide(failed.Actor, strategy)
}

func (s *shop) terminated(ctx *actorcore.Context, end actorcore.Ended) error {
	if end.Status == actorcore.OK {
		fmt.Println("shop: the till was stopped")
	} else {
		fmt.Println("shop: the till ended by a failure")
	}
	if s.tills == 2 {
		return nil
	}
	return s.openTill(ctx)
}

// A step is one thing that the program does.
type step func(system *actorcore.System) error

var steps = []step{
	settle,                          // the shop opens
	tells("till", add, 5, 7, -1, 3), // 3 waits in the mailbox until the till has started again
	advance, settle,
	tells("till", add, -2), settle,
	tells("till", add, -3, 9), settle, // one failure too many, and 9 is lost with the till
	tells("till", add, 8), settle,
	tells("vault", put, 100), tells("vault", take, 30, 500), tells("vault", put, 1), tells("vault", check, 99),
	tells("vault", put, 4), settle,
	closeTill, settle,
}

// tells sends amounts to who has the name by then.
func tells(name string, message actorcore.Type[int64], amounts ...int64) step {
	return func(system *actorcore.System) error {
		actor, err := system.Find(name)
		if err != nil {
			return err
		}
		for _, amount := range amounts {
			if err := message.Tell(system, actor, amount); err != nil {
				return err
			}
		}
		return nil
	}
}

func settle(system *actorcore.System) error { return system.Settle(context.Background()) }

func advance(system *actorcore.System) error {
	err := system.Advance(context.Background(), 9*time.Millisecond)
	fmt.Println("main: 9 ms later")
	return err
}

func closeTill(system *actorcore.System) error {
	actor, err := system.Find("till")
	if err != nil {
		return err
	}
	return system.StopActor(actor, true)
}

func report(system *actorcore.System, owner actorcore.Actor) error {
	s, err := system.SupervisionStats(owner)
	if err != nil {
		return err
	}
	l, err := system.Ledger()
	if err != nil {
		return err
	}
	fmt.Printf("shop: children %d, failures %d: resumed %d, restarted %d, stopped %d; limited %d\n",
		s.Children, s.Failures, s.Resumed, s.Restarted, s.Stopped, s.Limited)
	fmt.Printf("ledger: accepted %d, handled %d, of these failed %d, lost with a failed actor %d\n",
		l.Accepted, l.Handled, l.Failed, l.Dead[actorcore.DeadFailed])
	return nil
}

func run() error {
	system, err := actorcore.NewSystem(actorcore.Options{Seeded: true, Seed: 1})
	if err != nil {
		return err
	}
	defer system.Close()
	owner, err := shops.Spawn(system, &shop{}, actorcore.Children(actorcore.Policy{
		Strategy:    actorcore.StrategyRestart,
		RestartsMax: 2,
		Period:      time.Second,
		BackoffMin:  10 * time.Millisecond,
		OnLimit:     actorcore.StrategyStop,
	}))
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(system); err != nil {
			return err
		}
	}
	if err := report(system, owner); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err = system.Stop(ctx)
	return err
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
