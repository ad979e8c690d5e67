package main

import (
	"fmt"

	"github.com/actorcore/actorcore/bindings/go"
)

// skynet, big and bigmix: many actors that answer each other.

const children = 10

var (
	sums  = actorcore.Define[uint64](5, "sum")
	pings = actorcore.Define[actorcore.Nothing](6, "ping")
	pongs = actorcore.Define[actorcore.Nothing](7, "pong")
)

// node spawns its children when it starts, and stops once it has told its parent their sum.
type node struct {
	parent            actorcore.Actor
	number, size, sum uint64
	seen              int
}

var nodes *actorcore.Kind[node]

func init() {
	nodes = actorcore.NewKind("node", actorcore.On(actorcore.Started, (*node).start), actorcore.On(sums, (*node).add))
}

func (n *node) start(ctx *actorcore.Context, _ actorcore.Nothing) error {
	if n.size == 1 {
		return n.tell(ctx, n.number)
	}
	size := n.size / children
	states := make([]node, children)
	for i := range states {
		states[i] = node{parent: ctx.Self(), number: n.number + uint64(i)*size, size: size}
	}
	var actors [children]actorcore.Actor
	return nodes.SpawnMany(ctx, states, actors[:])
}

func (n *node) add(ctx *actorcore.Context, sum uint64) error {
	n.sum += sum
	if n.seen++; n.seen == children {
		return n.tell(ctx, n.sum)
	}
	return nil
}

func (n *node) tell(ctx *actorcore.Context, sum uint64) error {
	sums.Send(ctx, n.parent, sum)
	ctx.Stop()
	return nil
}

func skynet(system *actorcore.System, sizes []uint64) result {
	leaves, actors := sizes[0], uint64(0)
	for x := leaves; x >= 1; x /= children {
		actors += x
	}
	total := make(chan uint64, 1)
	top, err := actorcore.Spawn(system, sums, actorcore.Func[uint64](func(_ *actorcore.Context, sum uint64) error {
		total <- sum
		return nil
	}))
	must(err)
	began := start()
	_, err = nodes.Spawn(system, &node{parent: top, size: leaves})
	must(err)
	sum := <-total
	measured := began.stop(actors)
	if sum != leaves*(leaves-1)/2 {
		must(fmt.Errorf("wrong sum of skynet"))
	}
	stop(system, top)
	return measured
}

// member pings random others, window at a time, and answers pings.
type member struct {
	all                      []actorcore.Actor
	random                   uint64
	window, toSend, expected uint64
	done                     *latch
}

var members = actorcore.NewKind("member", actorcore.On(starts, (*member).start), actorcore.On(pings, (*member).ping),
	actorcore.On(pongs, (*member).pong))

func (m *member) start(ctx *actorcore.Context, _ actorcore.Nothing) error {
	for range m.window {
		m.send(ctx)
	}
	return nil
}

func (m *member) ping(ctx *actorcore.Context, _ actorcore.Nothing) error {
	pongs.Send(ctx, ctx.Sender(), actorcore.Nothing{})
	return nil
}

func (m *member) pong(ctx *actorcore.Context, _ actorcore.Nothing) error {
	if m.expected--; m.expected == 0 {
		m.done.down()
	}
	m.send(ctx)
	return nil
}

func (m *member) send(ctx *actorcore.Context) {
	if m.toSend == 0 {
		return
	}
	m.toSend--
	m.random ^= m.random << 13
	m.random ^= m.random >> 7
	m.random ^= m.random << 17
	pings.Send(ctx, m.all[m.random%uint64(len(m.all))], actorcore.Nothing{})
}

func big(system *actorcore.System, sizes []uint64) result {
	count, pings, window := sizes[0], sizes[1], min(sizes[2], sizes[1])
	done := newLatch(count)
	states := make([]member, count)
	actors := make([]actorcore.Actor, count)
	for i := range states {
		states[i] = member{all: actors, random: (uint64(i) + 1) * 0x9E3779B97F4A7C15, window: window, toSend: pings,
			expected: pings, done: done}
	}
	must(members.SpawnMany(system, states, actors))
	began := start()
	for _, actor := range actors {
		must(starts.Tell(system, actor, actorcore.Nothing{}))
	}
	done.wait()
	measured := began.stop(2 * count * pings)
	stop(system, actors...)
	return measured
}
