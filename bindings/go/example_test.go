package actorcore_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/actorcore/actorcore/bindings/go"
)

var (
	adds = actorcore.Define[uint64](1, "add")
	gets = actorcore.Define[actorcore.Nothing](2, "get")
	sums = actorcore.Define[uint64](3, "sum")
)

type Counter struct{ sum uint64 }

func (c *Counter) Add(_ *actorcore.Context, n uint64) error {
	c.sum += n
	return nil
}

func (c *Counter) Get(ctx *actorcore.Context, _ actorcore.Nothing) error {
	return sums.Reply(ctx, c.sum)
}

var counters = actorcore.NewKind("Counter",
	actorcore.On(adds, (*Counter).Add),
	actorcore.On(gets, (*Counter).Get))

func Example() {
	system, err := actorcore.NewSystem(actorcore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer system.Close()
	counter, err := counters.Spawn(system, &Counter{})
	if err != nil {
		log.Fatal(err)
	}
	for n := range uint64(5) {
		if err := adds.Tell(system, counter, n); err != nil {
			log.Fatal(err)
		}
	}
	sum, err := actorcore.Ask(context.Background(), system, counter, gets, actorcore.Nothing{}, sums)
	fmt.Println(sum, err)
	// Output: 10 <nil>
}

// A function is the smallest actor. What goes wrong in one is a named failure of that actor.
func ExampleFunc() {
	system, err := actorcore.NewSystem(actorcore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer system.Close()
	printer, err := actorcore.Spawn(system, adds, actorcore.Func[uint64](func(_ *actorcore.Context, n uint64) error {
		if n > 1 {
			return errors.New("out of paper")
		}
		fmt.Println("printed", n)
		return nil
	}))
	if err != nil {
		log.Fatal(err)
	}
	var batch actorcore.Batch
	for n := range uint64(4) {
		if err := adds.Add(&batch, printer, n); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := system.TellMany(&batch); err != nil {
		log.Fatal(err)
	}
	if err := system.Settle(context.Background()); err != nil {
		log.Fatal(err)
	}
	failures, err := system.Failures(0)
	if err != nil {
		log.Fatal(err)
	}
	for _, failure := range failures {
		fmt.Println(failure.Text)
	}
	// Output:
	// printed 0
	// printed 1
	// go function of add: out of paper: message type 1 (add)
}

// A Desk is shut until someone opens it: what comes before that is set aside, and served by what it becomes.
type Desk struct{ served uint64 }

var opens = actorcore.Define[actorcore.Nothing](4, "open")

var openDesks = actorcore.NewKind("OpenDesk",
	actorcore.On(adds, func(d *Desk, _ *actorcore.Context, n uint64) error {
		d.served++
		fmt.Println("served", n)
		return nil
	}))

var desks = actorcore.NewKind("Desk",
	actorcore.On(adds, func(_ *Desk, ctx *actorcore.Context, _ uint64) error { return ctx.Stash() }),
	actorcore.On(opens, func(_ *Desk, ctx *actorcore.Context, _ actorcore.Nothing) error {
		if err := ctx.Become(openDesks); err != nil {
			return err
		}
		return ctx.Unstash(0)
	}))

func ExampleContext_Stash() {
	system, err := actorcore.NewSystem(actorcore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer system.Close()
	desk, err := desks.Spawn(system, &Desk{})
	if err != nil {
		log.Fatal(err)
	}
	for n := range uint64(2) {
		if err := adds.Tell(system, desk, n); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("opening")
	if err := opens.Tell(system, desk, actorcore.Nothing{}); err != nil {
		log.Fatal(err)
	}
	if err := system.Settle(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// opening
	// served 0
	// served 1
}
