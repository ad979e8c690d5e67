package actorcore

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

// drift passes a number on to a random neighbour.
type drift struct{ all *[]Actor }

var drifts = NewKind("Drift", On(testWord, func(d *drift, ctx *Context, left uint64) error {
	if left > 0 {
		all := *d.all
		testWord.Send(ctx, all[ctx.System().Random()%uint64(len(all))], left-1)
	}
	return nil
}))

// trace runs a program on a seeded system.
func trace(t *testing.T, seed uint64) uint64 {
	s := newSystem(t, Options{Seeded: true, Seed: seed, Workers: 4})
	actors := make([]Actor, 20)
	states := make([]drift, len(actors))
	for i := range states {
		states[i].all = &actors
	}
	check0(t, drifts.SpawnMany(s, states, actors))
	for _, actor := range actors {
		check0(t, testWord.Tell(s, actor, 100))
	}
	check0(t, s.Settle(context.Background()))
	return must(s.TraceHash())(t)
}

func TestASeedHasOneTrace(t *testing.T) {
	first, again, other := trace(t, 7), trace(t, 7), trace(t, 8)
	if first != again {
		t.Errorf("seed 7 gave %x and %x", first, again)
	}
	if first == other {
		t.Errorf("seeds 7 and 8 both gave %x", first)
	}
}

func TestVirtualTimeDoesNotWait(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	actor := must(oracles.Spawn(s, &oracle{}))(t)
	state := &asker{oracle: actor}
	above := must(askers.Spawn(s, state))(t)
	check0(t, testPair.Tell(s, above, pair{3, uint64(24 * time.Hour)}))
	check0(t, s.Settle(context.Background()))
	if len(state.failed) != 1 || state.failed[0].Status != ErrTimeout || s.Now() < uint64(24*time.Hour) {
		t.Errorf("%+v at %v", state.failed, time.Duration(s.Now()))
	}
}

func TestOnlyASeededSystemHasATrace(t *testing.T) {
	s := newSystem(t, Options{})
	if _, err := s.TraceHash(); !errors.Is(err, ErrWrongMode) {
		t.Error(err)
	}
	if s.Random() == s.Random() {
		t.Error("two random numbers are the same")
	}
	if first := s.Now(); first == 0 || s.Now() < first {
		t.Error("the clock stands still or goes back")
	}
}

func TestStopDrainsUntilItsDeadline(t *testing.T) {
	s := must(NewSystem(Options{Workers: 1}))(t)
	kept := &keeper{}
	blocked, free := make(chan struct{}), make(chan struct{})
	slow := must(Spawn(s, testGet, Func[Nothing](func(*Context, Nothing) error { close(blocked); <-free; return nil })))(t)
	actor := must(keepers.Spawn(s, kept))(t)
	check0(t, testGet.Tell(s, slow, Nothing{}))
	<-blocked
	for i := range uint64(500) {
		check0(t, testWord.Tell(s, actor, i))
	}
	close(free)
	report := must(s.Stop(soon(t)))(t)
	if report.Dropped != 0 || report.TimedOut || report.Actors != 2 || len(kept.words) != 500 {
		t.Errorf("%+v, %d handled", report, len(kept.words))
	}
	if again := must(s.Stop(soon(t)))(t); again != report {
		t.Errorf("the second report is %+v", again)
	}
	if err := testWord.Tell(s, actor, 1); err == nil {
		t.Error("a stopped system takes messages")
	}
	if ledger := must(s.Ledger())(t); !ledger.Holds() || ledger.Handled != 501 {
		t.Errorf("%+v", ledger)
	}
	check0(t, s.Close())
	if _, err := s.Ledger(); !errors.Is(err, ErrStale) {
		t.Errorf("after close: %v", err)
	}
}

func TestStopAtOnceDropsWhatIsQueued(t *testing.T) {
	s := must(NewSystem(Options{Workers: 1}))(t)
	blocked, free := make(chan struct{}), make(chan struct{})
	actor := must(NewKind("Slow",
		On(testGet, func(_ *int, _ *Context, _ Nothing) error { close(blocked); <-free; return nil }),
		On(testWord, func(*int, *Context, uint64) error { return nil })).Spawn(s, new(int)))(t)
	check0(t, testGet.Tell(s, actor, Nothing{}))
	<-blocked
	for i := range uint64(10) {
		check0(t, testWord.Tell(s, actor, i))
	}
	stopped := make(chan StopReport)
	go func() { stopped <- must(s.stop(0))(t) }()
	for s.Alive(actor) && testWord.Tell(s, actor, 0) == nil {
		runtime.Gosched() // until the stop has begun
	}
	close(free)
	<-stopped
	ledger := must(s.Ledger())(t)
	if !ledger.Holds() || ledger.Dead[DeadShutdown]+ledger.Dead[DeadStopped] == 0 {
		t.Errorf("%+v", ledger)
	}
	letters := must(s.DeadLetters(0))(t)
	if uint64(len(letters)) != min(ledger.DeadSum(), 1024) || letters[0].To != actor || letters[0].Type != 101 || letters[0].Length != 8 {
		t.Errorf("%d letters: %+v", len(letters), letters)
	}
	check0(t, s.Close())
}

func TestACancelledSettleReturnsAtOnce(t *testing.T) {
	s := newSystem(t, Options{})
	blocked, free := make(chan struct{}), make(chan struct{})
	actor := must(Spawn(s, testGet, Func[Nothing](func(*Context, Nothing) error { close(blocked); <-free; return nil })))(t)
	check0(t, testGet.Tell(s, actor, Nothing{}))
	<-blocked
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	go func() { result <- s.Settle(ctx) }()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := s.Settle(ctx); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
	close(free)
}

func TestOptionsThatCannotBeAreRefusedWithAMessage(t *testing.T) {
	_, err := NewSystem(Options{Spin: time.Hour})
	var full *Error
	if !errors.As(err, &full) || full.Status != ErrInvalidArgument || full.Message == "" {
		t.Errorf("%v", err)
	}
}

func TestStatsCount(t *testing.T) {
	s := newSystem(t, Options{})
	check0(t, keepers.SpawnMany(s, make([]keeper, 100), nil))
	stats := must(s.Stats())(t)
	if stats.Actors != 100 || stats.Spawned != 100 || stats.ActorBytes == 0 {
		t.Errorf("%+v", stats)
	}
}
