package main

import (
	"context"
	"errors"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

// churn, crash and alarms: actors that are made and ended, that fail and restart, and timers.

// worker counts what it is given.
type worker struct{ done *latch }

var (
	works   = actorcore.Define[actorcore.Nothing](11, "work")
	workers = actorcore.NewKind("worker", actorcore.On(works, (*worker).work))
)

func (w *worker) work(*actorcore.Context, actorcore.Nothing) error {
	w.done.down()
	return nil
}

// spawnWorkers makes so many actors, which count down one latch.
func spawnWorkers(system *actorcore.System, count uint64, done *latch) []actorcore.Actor {
	states := make([]worker, count)
	for i := range states {
		states[i].done = done
	}
	actors := make([]actorcore.Actor, count)
	must(workers.SpawnMany(system, states, actors))
	return actors
}

// churn makes and stops a thousand actors at a time until there were sizes[0].
func churn(system *actorcore.System, sizes []uint64) result {
	const batch = 1_000
	began := start()
	for made := uint64(0); made < sizes[0]; made += batch {
		stop(system, spawnWorkers(system, min(batch, sizes[0]-made), nil)...)
	}
	return began.stop(sizes[0])
}

// faulty fails at every message, and is restarted.
type faulty struct{ done *latch }

var (
	faulties = actorcore.NewKind("faulty", actorcore.On(works, (*faulty).fail),
		actorcore.On(actorcore.Restarted, (*faulty).restarted))
	errFault = errors.New("it fails at every message")
)

func (f *faulty) fail(*actorcore.Context, actorcore.Nothing) error { return errFault }

func (f *faulty) restarted(*actorcore.Context, actorcore.Nothing) error {
	f.done.down()
	return nil
}

// crash has one supervisor's children fail at every message, sizes[1] times together.
func crash(system *actorcore.System, sizes []uint64) result {
	children := sizes[0]
	failures := sizes[1] / children * children
	done := newLatch(failures)
	policy := actorcore.Policy{Strategy: actorcore.StrategyRestart}
	supervisor, err := workers.Spawn(system, &worker{}, actorcore.Children(policy))
	must(err)
	states := make([]faulty, children)
	for i := range states {
		states[i].done = done
	}
	actors := make([]actorcore.Actor, children)
	must(faulties.SpawnMany(system, states, actors, actorcore.Supervised(supervisor)))
	began := start()
	for i := range failures {
		must(works.Tell(system, actors[i%children], actorcore.Nothing{}))
	}
	done.wait()
	measured := began.stop(failures)
	stop(system, supervisor) // its children first
	return measured
}

// alarms starts sizes[1] timers of up to 100 ms for sizes[0] actors, and cancels a tenth of them.
func alarms(system *actorcore.System, sizes []uint64) result {
	count, timers := sizes[0], sizes[1]
	done := newLatch(timers)
	actors := spawnWorkers(system, count, done)
	began := start()
	for i := range timers {
		delay := time.Duration(mixed(i) % 100_000_000)
		timer, err := works.After(system, actors[i%count], delay, actorcore.Nothing{})
		must(err)
		// One that fired in the meantime has counted itself.
		if i%10 == 0 && timer.Cancel() {
			done.down()
		}
	}
	done.wait()
	measured := began.stop(timers)
	stop(system, actors...)
	return measured
}

// mixed is a number that looks random, the same in each language.
func mixed(i uint64) uint64 { return i * 0x9E3779B97F4A7C15 >> 32 }

// rest has sizes[0] idle actors and sizes[1] timers of an hour, for sizes[2] milliseconds.
func rest(system *actorcore.System, sizes []uint64) result {
	actors := spawnWorkers(system, sizes[0], nil)
	for i := range sizes[1] {
		_, err := works.After(system, actors[i%sizes[0]], time.Hour, actorcore.Nothing{})
		must(err)
	}
	must(system.Settle(context.Background()))
	began := start()
	time.Sleep(time.Duration(sizes[2]) * time.Millisecond)
	measured := began.stop(sizes[0]).withCPU()
	stop(system, actors...)
	return measured
}
