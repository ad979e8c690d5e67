package main

import (
	"sync"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

// contend and load: many goroutines outside at one mailbox, and latency at a rate.

// contend has sizes[0] goroutines send sizes[1] messages each to one actor.
func contend(system *actorcore.System, sizes []uint64) result {
	threads, each := sizes[0], sizes[1]
	done := newLatch(threads * each)
	target, err := actorcore.Spawn(system, numbers,
		actorcore.Func[uint64](func(*actorcore.Context, uint64) error {
			done.down()
			return nil
		}))
	must(err)
	var senders sync.WaitGroup
	began := start()
	for range threads {
		senders.Go(func() {
			for i := range each {
				must(numbers.Tell(system, target, i))
			}
		})
	}
	done.wait()
	measured := began.stop(threads * each)
	senders.Wait()
	stop(system, target)
	return measured
}

// sent says when a message was sent, and where its latency goes.
type sent struct{ At, Index uint64 }

var (
	numbers = actorcore.Define[uint64](12, "number")
	sents   = actorcore.Define[sent](13, "sent")
)

// clocked writes down how long each message took.
type clocked struct {
	began time.Time
	took  []time.Duration
	done  *latch
}

var clockeds = actorcore.NewKind("clocked", actorcore.On(sents, (*clocked).arrived))

func (c *clocked) arrived(_ *actorcore.Context, m sent) error {
	c.took[m.Index] = time.Since(c.began) - time.Duration(m.At)
	c.done.down()
	return nil
}

// load sends sizes[0] messages a second for a second, from sizes[1] goroutines to sizes[2]
// actors. Early, a goroutine sleeps; late, it sends at once, so that all are sent in the end.
func load(system *actorcore.System, sizes []uint64) result {
	threads, targets := sizes[1], sizes[2]
	each := max(sizes[0]/threads, 1)
	gap := time.Second / time.Duration(each)
	done := newLatch(threads * each)
	took := make([]time.Duration, threads*each)
	began := start()
	states := make([]clocked, targets)
	for i := range states {
		states[i] = clocked{began.wall, took, done}
	}
	actors := make([]actorcore.Actor, targets)
	must(clockeds.SpawnMany(system, states, actors))
	var senders sync.WaitGroup
	began = start()
	for thread := range threads {
		senders.Go(func() {
			for i := range each {
				left := time.Until(began.wall.Add(time.Duration(i) * gap))
				if left > 50*time.Microsecond {
					time.Sleep(left)
				}
				message := sent{uint64(time.Since(states[0].began)), thread*each + i}
				must(sents.Tell(system, actors[mixed(i+thread)%targets], message))
			}
		})
	}
	done.wait()
	measured := began.stop(threads * each).withLatencies(took)
	senders.Wait()
	stop(system, actors...)
	return measured
}
