package main

import (
	"fmt"

	"github.com/actorcore/actorcore/bindings/go"
)

// pingpong, ring, fanin and fanout: messages that go one way.

var (
	serves   = actorcore.Define[uint64](1, "serve")
	hops     = actorcore.Define[uint64](2, "hop")
	starts   = actorcore.Define[actorcore.Nothing](3, "start")
	payloads = actorcore.Define[payload](4, "payload")
)

// player passes a number on, one less each time, until it is 0.
type player struct {
	peer actorcore.Actor
	done *latch
}

var players = actorcore.NewKind("player", actorcore.On(serves, (*player).serve), actorcore.On(hops, (*player).hop))

func (p *player) serve(ctx *actorcore.Context, left uint64) error {
	hops.Send(ctx, p.peer, left)
	return nil
}

func (p *player) hop(ctx *actorcore.Context, left uint64) error {
	if left == 0 {
		p.done.down()
	} else {
		hops.Send(ctx, p.peer, left-1)
	}
	return nil
}

func pingpong(system *actorcore.System, sizes []uint64) result {
	return passRound(system, 2, sizes[0])
}

func ring(system *actorcore.System, sizes []uint64) result {
	return passRound(system, sizes[0], sizes[0]*sizes[1])
}

// passRound has count actors pass one token round, in so many messages in all.
func passRound(system *actorcore.System, count, messages uint64) result {
	done := newLatch(1)
	states := make([]player, count)
	actors := make([]actorcore.Actor, count)
	must(players.SpawnMany(system, states, actors))
	for i := range states {
		states[i] = player{actors[(uint64(i)+1)%count], done}
	}
	began := start()
	must(serves.Tell(system, actors[0], messages-1))
	done.wait()
	measured := began.stop(messages)
	stop(system, actors...)
	return measured
}

type payload struct{ A, B, C, D uint64 }

type counter struct {
	expected, seen, sum uint64
	done                *latch
}

var counters = actorcore.NewKind("counter", actorcore.On(payloads, (*counter).count))

func (c *counter) count(_ *actorcore.Context, p payload) error {
	c.sum += p.A
	if c.seen++; c.seen == c.expected {
		c.done.down()
	}
	return nil
}

// producer sends everything in one handler call, round-robin.
type producer struct {
	sinks  []actorcore.Actor
	rounds uint64
}

var producers = actorcore.NewKind("producer", actorcore.On(starts, (*producer).produce))

func (p *producer) produce(ctx *actorcore.Context, _ actorcore.Nothing) error {
	for i := range p.rounds {
		for _, sink := range p.sinks {
			payloads.Send(ctx, sink, payload{i, 1, 2, 3})
		}
	}
	return nil
}

func fanin(system *actorcore.System, sizes []uint64) result {
	return stream(system, sizes[0], 1, sizes[1])
}

func fanout(system *actorcore.System, sizes []uint64) result {
	return stream(system, 1, sizes[0], sizes[1])
}

// stream has so many producers each send rounds messages to each of so many sinks.
func stream(system *actorcore.System, sources, sinks, rounds uint64) result {
	done := newLatch(sinks)
	counts := make([]counter, sinks)
	for i := range counts {
		counts[i] = counter{expected: sources * rounds, done: done}
	}
	targets := make([]actorcore.Actor, sinks)
	must(counters.SpawnMany(system, counts, targets))
	states := make([]producer, sources)
	for i := range states {
		states[i] = producer{targets, rounds}
	}
	actors := make([]actorcore.Actor, sources)
	must(producers.SpawnMany(system, states, actors))
	began := start()
	for _, actor := range actors {
		must(starts.Tell(system, actor, actorcore.Nothing{}))
	}
	done.wait()
	measured := began.stop(sources * sinks * rounds)
	stop(system, append(actors, targets...)...)
	for i := range counts {
		if counts[i].sum != sources*(rounds*(rounds-1)/2) {
			must(fmt.Errorf("wrong sum of a stream"))
		}
	}
	return measured
}
