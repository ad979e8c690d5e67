// routers: a post office. One address stands for many actors: a pool of clerks that the router
// spawns and restarts, each in turn; and three depots, which get a parcel by its street, all hear
// of a new tariff, and are all asked at once, where the first reply counts. Virtual time, and one
// letter after the other, so that every run prints the same.
//
// Prints what the clerks do with nine letters, which depot has which street, before and after one
// depot is taken off, and what the depots answer.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go"
)

// parcel goes to the depot that its street belongs to.
type parcel struct {
	Street, Weight uint64
}

var (
	letter = actorcore.Define[int64](1, "letter")
	torn   = actorcore.Define[int64](2, "torn")
	store  = actorcore.Define[parcel](3, "store")
	raise  = actorcore.Define[int64](4, "raise")
	tariff = actorcore.Define[actorcore.Nothing](5, "tariff")
	has    = actorcore.Define[uint64](6, "has")
	answer = actorcore.Define[int64](7, "answer")
)

// clerk counts letters.
type clerk struct {
	had int64
}

var clerks = actorcore.NewKind("Clerk",
	actorcore.On(letter, (*clerk).letter),
	actorcore.On(torn, (*clerk).torn),
	actorcore.On(actorcore.Restarted, (*clerk).restarted))

func (c *clerk) letter(_ *actorcore.Context, letter int64) error {
	c.had++
	fmt.Printf("clerk: letter %d is my number %d\n", letter, c.had)
	return nil
}

func (c *clerk) torn(_ *actorcore.Context, letter int64) error {
	fmt.Printf("clerk: letter %d is torn, I fail\n", letter)
	return errors.New("torn")
}

func (c *clerk) restarted(*actorcore.Context, actorcore.Nothing) error {
	c.had = 0
	fmt.Println("clerk: I start again")
	return nil
}

// depot knows which streets it has parcels for.
type depot struct {
	number, tariff int64
	streets        map[uint64]bool
}

var depots = actorcore.NewKind("Depot",
	actorcore.On(store, (*depot).store),
	actorcore.On(raise, (*depot).raise),
	actorcore.On(tariff, (*depot).tell),
	actorcore.On(has, (*depot).has))

func (d *depot) store(ctx *actorcore.Context, parcel parcel) error {
	d.streets[parcel.Street] = true
	return answer.Reply(ctx, d.number)
}

func (d *depot) raise(_ *actorcore.Context, by int64) error {
	d.tariff += by
	return nil
}

func (d *depot) tell(ctx *actorcore.Context, _ actorcore.Nothing) error {
	return answer.Reply(ctx, d.tariff)
}

func (d *depot) has(ctx *actorcore.Context, street uint64) error {
	if !d.streets[street] {
		return nil // somebody else may answer
	}
	return answer.Reply(ctx, d.number)
}

func runPool(ctx context.Context, system *actorcore.System) error {
	pool, err := clerks.NewPool(system, func() *clerk { return &clerk{} }, actorcore.PoolOptions{Size: 3},
		actorcore.Supervision(actorcore.Policy{Strategy: actorcore.StrategyRestart, RestartsMax: 3}))
	if err != nil {
		return err
	}
	for number := int64(1); number <= 9; number++ {
		kind := letter
		if number == 5 {
			kind = torn
		}
		if err := kind.Tell(system, pool.Actor(), number); err != nil {
			return err
		}
		if err := system.Settle(ctx); err != nil {
			return err
		}
	}
	routees, err := pool.Routees()
	if err != nil {
		return err
	}
	stats, err := system.SupervisionStats(pool.Actor())
	if err != nil {
		return err
	}
	fmt.Print("main: letters of each clerk:")
	for _, routee := range routees {
		fmt.Print(" ", routee.Routed)
	}
	fmt.Printf("; failures %d, restarted %d\n", stats.Failures, stats.Restarted)
	pool.Close()
	return system.Settle(ctx)
}

func runHash(ctx context.Context, system *actorcore.System, routees []actorcore.Actor) error {
	byStreet, err := system.NewRouter(actorcore.RouterOptions{
		Logic:   actorcore.RouteConsistentHash,
		KeySize: uint32(unsafe.Sizeof(parcel{}.Street)), // and its offset is 0
	}, routees...)
	if err != nil {
		return err
	}
	defer byStreet.Close()
	for pass, when := range []string{"first", "again", "without depot 2"} {
		if pass == 2 {
			if err := byStreet.Remove(routees[1]); err != nil {
				return err
			}
		}
		fmt.Printf("main: %s, streets 1 to 6 have depots", when)
		for street := uint64(1); street <= 6; street++ {
			parcel := parcel{street, 10 * street}
			number, err := actorcore.Ask(ctx, system, byStreet.Actor(), store, parcel, answer)
			if err != nil {
				return err
			}
			fmt.Print(" ", number)
		}
		fmt.Println()
	}
	return nil
}

func runAll(ctx context.Context, system *actorcore.System, routees []actorcore.Actor) error {
	all, err := system.NewRouter(actorcore.RouterOptions{Logic: actorcore.RouteBroadcast}, routees...)
	if err != nil {
		return err
	}
	defer all.Close()
	anyOf, err := system.NewRouter(actorcore.RouterOptions{
		Logic:   actorcore.RouteScatterGather,
		Timeout: 10 * time.Millisecond,
	}, routees...)
	if err != nil {
		return err
	}
	defer anyOf.Close()
	if err := raise.Tell(system, all.Actor(), 2); err != nil {
		return err
	}
	told, err := all.Stats()
	if err != nil {
		return err
	}
	cents, err := actorcore.Ask(ctx, system, anyOf.Actor(), tariff, actorcore.Nothing{}, answer)
	if err != nil {
		return err
	}
	if err := system.Settle(ctx); err != nil {
		return err
	}
	ledger, err := system.Ledger()
	if err != nil {
		return err
	}
	fmt.Printf("main: %d were told, and the tariff is %d; %d more said so too late\n",
		told.Routed, cents, ledger.Dead[actorcore.DeadLateReply])
	for _, street := range []uint64{1, 7} {
		number, err := actorcore.Ask(ctx, system, anyOf.Actor(), has, street, answer)
		switch {
		case err == nil:
			fmt.Printf("main: who has street %d? depot %d\n", street, number)
		case errors.Is(err, actorcore.ErrTimeout):
			fmt.Printf("main: who has street %d? nobody, within 10 ms\n", street)
		default:
			return err
		}
	}
	return nil
}

func run() error {
	system, err := actorcore.NewSystem(actorcore.Options{Seeded: true, Seed: 1})
	if err != nil {
		return err
	}
	defer system.Close()
	ctx := context.Background()
	if err := runPool(ctx, system); err != nil {
		return err
	}
	states := make([]depot, 3)
	for i := range states {
		states[i] = depot{number: int64(i) + 1, tariff: 5, streets: map[uint64]bool{}}
	}
	routees := make([]actorcore.Actor, len(states))
	if err := depots.SpawnMany(system, states, routees); err != nil {
		return err
	}
	if err := runHash(ctx, system, routees); err != nil {
		return err
	}
	if err := runAll(ctx, system, routees); err != nil {
		return err
	}
	if err := system.Settle(ctx); err != nil {
		return err
	}
	stats, err := system.Stats()
	if err != nil {
		return err
	}
	fmt.Printf("main: the routers are gone, with the clerks; %d depots live on\n", stats.Actors)
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
