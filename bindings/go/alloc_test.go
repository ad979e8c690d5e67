package actorcore

import (
	"context"
	"errors"
	"runtime"
	"testing"
)

// counted runs f and says how many objects Go allocated meanwhile, in all goroutines.
func counted(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// bouncer passes a message on, by its own count, until that is used up.
type bouncer struct {
	peer Actor
	left int
	done chan struct{}
}

func (b *bouncer) count() bool {
	if b.left--; b.left < 0 {
		b.done <- struct{}{}
		return false
	}
	return true
}

var bouncers = NewKind("Bouncer",
	On(testWord, func(b *bouncer, ctx *Context, word uint64) error {
		if b.count() {
			testWord.Send(ctx, b.peer, word+1)
		}
		return nil
	}),
	On(testPair, func(b *bouncer, ctx *Context, p pair) error {
		if b.count() {
			testPair.Send(ctx, b.peer, pair{p.B, p.A})
		}
		return nil
	}),
	On(testBlock, func(b *bouncer, ctx *Context, block block) error {
		if b.count() {
			testBlock.Send(ctx, b.peer, block)
		}
		return nil
	}),
	On(testBytes, func(b *bouncer, ctx *Context, bytes []byte) error {
		if b.count() {
			testBytes.Send(ctx, b.peer, bytes)
		}
		return nil
	}))

func TestMessagesAllocateNothingAfterWarmUp(t *testing.T) {
	const messages = 100_000
	s := newSystem(t, Options{})
	states := [2]bouncer{{done: make(chan struct{}, 1)}, {done: make(chan struct{}, 1)}}
	actors := make([]Actor, 2)
	check0(t, bouncers.SpawnMany(s, states[:], actors))
	states[0].peer, states[1].peer = actors[1], actors[0]
	for name, tell := range map[string]func() error{
		"a word":    func() error { return testWord.Tell(s, actors[0], 0) },
		"a pair":    func() error { return testPair.Tell(s, actors[0], pair{}) },
		"a block":   func() error { return testBlock.Tell(s, actors[0], block{}) },
		"100 bytes": func() error { return testBytes.Tell(s, actors[0], make([]byte, 100)) },
	} {
		bounce := func() {
			states[0].left, states[1].left = messages/2, messages
			check0(t, tell())
			<-states[0].done
		}
		bounce()
		slabs := must(s.Stats())(t).Slabs
		if n := counted(bounce); n > messages/1000 {
			t.Errorf("%d messages of %s took %d allocations", messages, name, n)
		}
		if grown := must(s.Stats())(t).Slabs - slabs; grown != 0 {
			t.Errorf("%d messages of %s took %d slabs", messages, name, grown)
		}
	}
}

func TestTellingAndAskingAllocateNothing(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(oracles.Spawn(s, &oracle{}))(t)
	ctx := context.Background()
	if n := testing.AllocsPerRun(1_000, func() { check0(t, testWord.Tell(s, actor, 3)) }); n > 0.1 {
		t.Errorf("a tell takes %.1f allocations", n)
	}
	if n := testing.AllocsPerRun(1_000, func() { must(Ask(ctx, s, actor, testPair, pair{1, 2}, testPair))(t) }); n > 3 {
		t.Errorf("an ask takes %.1f allocations", n)
	}
}

func TestPublishingAndPuttingAllocateNothing(t *testing.T) {
	s := newSystem(t, Options{})
	bus := must(s.NewBus(BusOptions{}))(t)
	defer bus.Release()
	queue := must(s.NewQueue("work", QueueOptions{}))(t)
	defer queue.Release()
	data := make([]byte, 100)
	if n := testing.AllocsPerRun(1_000, func() {
		must(bus.Publish("a.b", data, EventOptions{Type: 1}))(t)
		must(testWord.Put(queue, 1, Actor{}))(t)
	}); n > 0.1 {
		t.Errorf("a publish and a put take %.1f allocations", n)
	}
}

// A flicker stashes each word, becomes what puts it back, and goes back to what it was.
type flicker struct {
	left int
	done chan struct{}
}

var flickersOff, flickersOn *Kind[flicker]

func init() {
	flickersOff = NewKind("FlickerOff", On(testWord, func(f *flicker, ctx *Context, word uint64) error {
		return errors.Join(ctx.Stash(), ctx.Become(flickersOn), ctx.Unstash(0))
	}))
	flickersOn = NewKind("FlickerOn", On(testWord, func(f *flicker, ctx *Context, word uint64) error {
		if f.left--; f.left < 0 {
			f.done <- struct{}{}
		} else {
			testWord.Send(ctx, ctx.Self(), word)
		}
		return ctx.Unbecome()
	}))
}

func TestStashingAndBecomingAllocateNothing(t *testing.T) {
	const messages = 20_000
	s := newSystem(t, Options{Workers: 1})
	f := &flicker{done: make(chan struct{}, 1)}
	actor := must(flickersOff.Spawn(s, f))(t)
	run := func() {
		f.left = messages
		check0(t, testWord.Tell(s, actor, 1))
		<-f.done
	}
	run()
	settled(t, s)
	slabs := must(s.Stats())(t).Slabs
	if n := counted(run); n > messages/1000 {
		t.Errorf("%d messages took %d allocations", messages, n)
	}
	if grown := must(s.Stats())(t).Slabs - slabs; grown != 0 {
		t.Errorf("%d messages took %d slabs", messages, grown)
	}
}
