// hello: one actor, four messages to it, and the ledger that accounts for them.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/actorcore/actorcore/bindings/go"
)

// The program's messages: a Go type, its number and its name.
var (
	greet  = actorcore.Define[[]byte](1, "greet")
	finish = actorcore.Define[actorcore.Nothing](2, "finish")
)

type greeter struct {
	greeted int
}

var greeters = actorcore.NewKind("Greeter",
	actorcore.On(greet, (*greeter).greet),
	actorcore.On(finish, (*greeter).finish))

func (g *greeter) greet(_ *actorcore.Context, name []byte) error {
	g.greeted++
	fmt.Printf("hello, %s\n", name)
	return nil
}

func (g *greeter) finish(ctx *actorcore.Context, _ actorcore.Nothing) error {
	fmt.Printf("greeted %d\n", g.greeted)
	ctx.Stop()
	return nil
}

func run() error {
	system, err := actorcore.NewSystem(actorcore.Options{})
	if err != nil {
		return err
	}
	defer system.Close()
	actor, err := greeters.Spawn(system, &greeter{}, actorcore.Named("greeter"))
	if err != nil {
		return err
	}
	for _, name := range []string{"Ada", "Grace", "Katherine"} {
		if err := greet.Tell(system, actor, []byte(name)); err != nil {
			return err
		}
	}
	if err := finish.Tell(system, actor, actorcore.Nothing{}); err != nil {
		return err
	}
	if err := system.Settle(context.Background()); err != nil {
		return err
	}
	ledger, err := system.Ledger()
	if err != nil {
		return err
	}
	fmt.Printf("accepted %d, handled %d\n", ledger.Accepted, ledger.Handled)
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
