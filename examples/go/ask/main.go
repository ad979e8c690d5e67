// ask: a request and its reply, from outside and between two actors, and what becomes of one that fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

var (
	deposit  = actorcore.Define[int64](1, "deposit")
	withdraw = actorcore.Define[int64](2, "withdraw")
	balance  = actorcore.Define[int64](3, "balance")
	pay      = actorcore.Define[int64](4, "pay")
)

var errInsufficientFunds = errors.New("insufficient funds")

// account keeps a balance; its replies are messages like any other.
type account struct {
	cents int64
}

var accounts = actorcore.NewKind("Account",
	actorcore.On(deposit, (*account).deposit),
	actorcore.On(withdraw, (*account).withdraw))

func (a *account) deposit(ctx *actorcore.Context, cents int64) error {
	a.cents += cents
	return balance.Reply(ctx, a.cents)
}

func (a *account) withdraw(ctx *actorcore.Context, cents int64) error {
	if cents > a.cents {
		return errInsufficientFunds
	}
	a.cents -= cents
	return balance.Reply(ctx, a.cents)
}

// clerk asks the account inside its handler: the answer, or the reason why there is none, is a message.
type clerk struct {
	account actorcore.Actor
}

var clerks = actorcore.NewKind("Clerk",
	actorcore.On(pay, (*clerk).pay),
	actorcore.On(balance, (*clerk).paid),
	actorcore.On(actorcore.AskFailures, (*clerk).refused))

func (c *clerk) pay(ctx *actorcore.Context, cents int64) error {
	_, err := withdraw.Request(ctx, c.account, cents, time.Second)
	return err
}

func (c *clerk) paid(_ *actorcore.Context, cents int64) error {
	fmt.Printf("clerk: %d cents left\n", cents)
	return nil
}

func (c *clerk) refused(_ *actorcore.Context, end actorcore.AskFailed) error {
	fmt.Println("clerk: the account failed:", yesNo(end.Status == actorcore.ErrFailed))
	return nil
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func run() error {
	system, err := actorcore.NewSystem(actorcore.Options{})
	if err != nil {
		return err
	}
	defer system.Close()
	bank, err := accounts.Spawn(system, &account{})
	if err != nil {
		return err
	}
	teller, err := clerks.Spawn(system, &clerk{bank})
	if err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cents, err := actorcore.Ask(ctx, system, bank, deposit, 10_000, balance)
	if err != nil {
		return err
	}
	fmt.Printf("main: %d cents\n", cents)
	for _, cents := range []int64{2_500, 9_000} {
		if err := pay.Tell(system, teller, cents); err != nil {
			return err
		}
		if err := system.Settle(ctx); err != nil {
			return err
		}
	}

	_, err = actorcore.Ask(ctx, system, bank, deposit, 1, balance)
	fmt.Println("main: the account is gone:", yesNo(errors.Is(err, actorcore.ErrStale)))
	failures, err := system.Failures(0)
	for _, failure := range failures {
		// Its Text, "go Account: insufficient funds: message type 2 (withdraw)", begins with the language.
		fmt.Printf("main: failure %d, of message %d\n", failure.Number, failure.Type)
	}
	return err
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
