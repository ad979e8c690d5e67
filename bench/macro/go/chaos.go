package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

// chaos: goroutines ask, tell and time many actors without a pause while a tenth of these fail, are
// killed, made anew and restarted by their supervisors, and overflow.

const (
	drivers    = 4
	mailboxMax = 4
	failEvery  = 64
	killEvery  = 512
)

type relay struct {
	To     actorcore.Actor
	Number uint64
}

var (
	chores    = actorcore.Define[uint64](14, "chore")
	riddles   = actorcore.Define[uint64](15, "riddle")
	solutions = actorcore.Define[uint64](16, "solution")
	relays    = actorcore.Define[relay](17, "relay")
	alerts    = actorcore.Define[actorcore.Nothing](18, "alert")
)

// seen is what the handlers saw.
type seen struct {
	handled, failed, worked atomic.Uint64
	alarms                  *latch
}

type helper struct{ seen *seen }

var helpers = actorcore.NewKind("helper", actorcore.On(chores, (*helper).work),
	actorcore.On(riddles, (*helper).solve), actorcore.On(relays, (*helper).relay),
	actorcore.On(alerts, (*helper).alert))

// begin fails at some numbers.
func (h *helper) begin(number uint64) error {
	h.seen.handled.Add(1)
	if number%failEvery == 0 {
		h.seen.failed.Add(1)
		return errFault
	}
	return nil
}

func (h *helper) work(_ *actorcore.Context, number uint64) error {
	err := h.begin(number)
	if err == nil {
		h.seen.worked.Add(1)
	}
	return err
}

func (h *helper) solve(ctx *actorcore.Context, number uint64) error {
	if err := h.begin(number); err != nil {
		return err
	}
	return solutions.Reply(ctx, number)
}

func (h *helper) relay(ctx *actorcore.Context, m relay) error {
	chores.Send(ctx, m.To, m.Number)
	return h.begin(1)
}

func (h *helper) alert(*actorcore.Context, actorcore.Nothing) error {
	h.seen.alarms.down()
	return h.begin(1)
}

// driver is a goroutine outside, with victims of its own, so that it knows whom it has killed.
type driver struct {
	system            *actorcore.System
	seen              *seen
	random            uint64
	supervisor        actorcore.Actor
	steady, victims   []actorcore.Actor // the steady ones never fail, and nobody kills them
	refused, answered uint64            // refused by a victim, for a reason that was to be expected
}

func (d *driver) next() uint64 {
	d.random ^= d.random << 13
	d.random ^= d.random >> 7
	d.random ^= d.random << 17
	return d.random >> 16
}

func (d *driver) spawnVictims(victims []actorcore.Actor) {
	states := make([]helper, len(victims))
	for i := range states {
		states[i].seen = d.seen
	}
	must(helpers.SpawnMany(d.system, states, victims, actorcore.Supervised(d.supervisor),
		actorcore.WithMailbox(actorcore.Mailbox{Capacity: mailboxMax})))
}

func (d *driver) ask(to actorcore.Actor, number uint64) error {
	answer, err := actorcore.Ask(context.Background(), d.system, to, riddles, number, solutions)
	if err == nil && answer == number {
		d.answered++
	}
	return err
}

// operate sends one message, to an actor that is steady (its number is odd) or to a victim. What
// becomes of it is seen where it ends.
func (d *driver) operate(kind uint64, steady, victim actorcore.Actor) {
	number := d.next()
	var refused error
	switch kind {
	case 0:
		delay := time.Duration(number % 1_000_000)
		_, err := alerts.After(d.system, steady, delay, actorcore.Nothing{})
		must(err)
	case 1:
		_ = d.ask(steady, number|1)
	case 2:
		refused = d.ask(victim, number)
	case 3, 4:
		_ = relays.Tell(d.system, steady, relay{victim, number})
	case 5, 6:
		refused = chores.Tell(d.system, victim, number)
	default:
		_ = chores.Tell(d.system, steady, number|1)
	}
	if errors.Is(refused, actorcore.ErrFull) || errors.Is(refused, actorcore.ErrStale) {
		d.refused++
	}
}

func (d *driver) drive(count uint64) {
	for i := range count {
		steady := d.steady[d.next()%uint64(len(d.steady))]
		at := d.next() % uint64(len(d.victims))
		victim := d.victims[at]
		switch d.next() % killEvery {
		case 0: // what is sent to it once more is for an actor that is gone
			must(d.system.Kill(victim))
			d.spawnVictims(d.victims[at : at+1])
		case 1:
			must(d.system.Restart(victim))
		}
		d.operate(i%10, steady, victim)
	}
}

// chaos has four goroutines do sizes[1] operations on sizes[0] actors and a tenth as many victims.
func chaos(system *actorcore.System, sizes []uint64) result {
	each := (sizes[1]/drivers/10 + 1) * 10
	shared := &seen{alarms: newLatch(drivers * each / 10)}
	states := make([]helper, sizes[0])
	for i := range states {
		states[i].seen = shared
	}
	steady := make([]actorcore.Actor, sizes[0])
	must(helpers.SpawnMany(system, states, steady))
	policy := actorcore.Policy{Strategy: actorcore.StrategyRestart,
		BackoffMin: 100 * time.Microsecond, BackoffMax: time.Millisecond}
	all := make([]driver, drivers)
	for i := range all {
		d := &all[i]
		*d = driver{system: system, seen: shared, steady: steady,
			random:  (uint64(i) + 1) * 0x9E3779B97F4A7C15,
			victims: make([]actorcore.Actor, sizes[0]/10/drivers+1)}
		var err error
		d.supervisor, err = helpers.Spawn(system, &helper{shared}, actorcore.Children(policy))
		must(err)
		d.spawnVictims(d.victims)
	}
	before, err := system.Ledger()
	must(err)
	var running sync.WaitGroup
	began := start()
	for i := range all {
		running.Go(func() { all[i].drive(each) })
	}
	running.Wait()
	shared.alarms.wait()
	measured := began.stop(drivers * each)
	measured = measured.withChaos(system, shared, all, before)
	for i := range all {
		steady = append(steady, all[i].supervisor) // its victims first
	}
	stop(system, steady...)
	return measured
}

// withChaos says where the operations have ended, by the ledger and by what the program saw.
func (r result) withChaos(system *actorcore.System, shared *seen, all []driver,
	before actorcore.Ledger) result {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	must(system.Settle(ctx))
	after, err := system.Ledger()
	must(err)
	var refused, answered uint64
	for i := range all {
		refused += all[i].refused
		answered += all[i].answered
	}
	dead := after.DeadSum() - before.DeadSum() -
		(after.Dead[actorcore.DeadLateReply] - before.Dead[actorcore.DeadLateReply])
	failed := shared.failed.Load()
	succeeded := shared.worked.Load() + answered + r.operations/10 // all alarms were awaited
	if after.Handled-before.Handled != shared.handled.Load()+answered ||
		after.Failed-before.Failed != failed {
		must(fmt.Errorf("the handlers saw something else than the ledger: %+v, %+v", before, after))
	}
	million := 1e6 / float64(r.operations)
	lost := million * math.Abs(float64(r.operations)-float64(succeeded+refused+failed+dead))
	if lost >= 100 {
		must(fmt.Errorf("%.1f in a million operations failed, 1 in 10,000 may", lost))
	}
	r.extra = fmt.Sprintf(`,"failed_per_million":%.1f,"unsuccessful_per_million":%.1f,`+
		`"refused_per_million":%.1f,"crashed_per_million":%.1f,"dead_per_million":%.1f`,
		lost, million*float64(r.operations-succeeded), million*float64(refused),
		million*float64(failed), million*float64(dead))
	return r
}
