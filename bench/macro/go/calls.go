package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

// ask and idle: what a goroutine outside the actors does.

var (
	questions = actorcore.Define[uint64](8, "question")
	answers   = actorcore.Define[uint64](9, "answer")
	onces     = actorcore.Define[actorcore.Nothing](10, "once")
)

func ask(system *actorcore.System, sizes []uint64) result {
	count := sizes[0]
	echo, err := actorcore.Spawn(system, questions, actorcore.Func[uint64](func(ctx *actorcore.Context, n uint64) error {
		return answers.Reply(ctx, n)
	}))
	must(err)
	latencies := make([]time.Duration, count)
	ctx := context.Background()
	began := start()
	for i := range count {
		asked := time.Now()
		answer, err := actorcore.Ask(ctx, system, echo, questions, i, answers)
		must(err)
		if answer != i {
			must(fmt.Errorf("wrong answer"))
		}
		latencies[i] = time.Since(asked)
	}
	measured := began.stop(count).withLatencies(latencies)
	stop(system, echo)
	return measured
}

type idler struct{ done *latch }

var idlers = actorcore.NewKind("idler", actorcore.On(onces, (*idler).once))

func (i *idler) once(*actorcore.Context, actorcore.Nothing) error {
	i.done.down()
	return nil
}

func idle(system *actorcore.System, sizes []uint64) result {
	const batch = 1_000
	count := sizes[0]
	done := newLatch(count)
	actors := make([]actorcore.Actor, count)
	clear(actors) // touched, for the handles do not count
	runtime.GC()
	before := readMemory(system)
	began := start()
	for first := uint64(0); first < count; first += batch {
		part := actors[first:min(first+batch, count)]
		states := make([]idler, len(part))
		for i := range states {
			states[i].done = done
		}
		must(idlers.SpawnMany(system, states, part))
	}
	var messages actorcore.Batch
	for i, actor := range actors {
		must(onces.Add(&messages, actor, actorcore.Nothing{}))
		if (i+1)%batch == 0 || i+1 == len(actors) {
			_, err := system.TellMany(&messages)
			must(err)
		}
	}
	done.wait()
	measured := began.stop(count)
	resident := readMemory(system).resident
	runtime.GC()
	after := readMemory(system)
	after.resident = resident // before the collection, as the peers do
	return measured.withMemory(before, after)
}
