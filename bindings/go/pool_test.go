package actorcore

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// crew makes members for a pool, and keeps them.
type crew struct {
	made  []*member
	ended int
}

func (c *crew) make() *member {
	c.made = append(c.made, &member{index: uint64(len(c.made)), ended: &c.ended})
	return c.made[len(c.made)-1]
}

func newPoolTeam(t testing.TB, c *crew, options PoolOptions, spawn ...SpawnOption) *team {
	m := &team{System: newSystem(t, Options{Seeded: true, Seed: 5})}
	m.Router = must(members.NewPool(m.System, c.make, options, spawn...))(t)
	t.Cleanup(m.Router.Close)
	settled(t, m.System)
	return m
}

func (m *team) routee(t testing.TB, place int) Actor {
	t.Helper()
	return must(m.Routees())(t)[place].Actor
}

func (m *team) order(t testing.TB, place int, order uint32) {
	t.Helper()
	check0(t, testOrder.Tell(m.System, m.routee(t, place), order))
	settled(t, m.System)
}

func (m *team) advance(t testing.TB, duration time.Duration) {
	t.Helper()
	check0(t, m.Advance(soon(t), duration))
}

func TestAPoolMakesAStateForEachRouteeAndEndsThemWithItself(t *testing.T) {
	var c crew
	m := newPoolTeam(t, &c, PoolOptions{Size: 4})
	m.tell(t, 0, 1, 2, 3, 4, 5, 6, 7)
	settled(t, m.System)
	if len(c.made) != 4 {
		t.Fatalf("%d states", len(c.made))
	}
	var all []uint64
	for _, state := range c.made {
		all = append(all, state.words...)
		if len(state.words) != 2 || state.begun != 1 {
			t.Errorf("%+v", state)
		}
	}
	if slices.Sort(all); !slices.Equal(all, []uint64{0, 1, 2, 3, 4, 5, 6, 7}) {
		t.Error(all)
	}
	if children := must(m.Children(m.Actor()))(t); len(children) != 4 {
		t.Error(children)
	}
	routee := m.routee(t, 2)
	m.Router.Close()
	settled(t, m.System)
	if m.Alive(m.Actor()) || m.Alive(routee) || c.ended != 4 {
		t.Errorf("%d have ended", c.ended)
	}
}

func TestAPoolOfOneSupervisorEndsWithItsRouterAllTheSame(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 5})
	boss := must(members.Spawn(s, &member{}))(t)
	var c crew
	pool := must(members.NewPool(s, c.make, PoolOptions{Size: 3}, Supervised(boss)))(t)
	if children := must(s.Children(boss))(t); len(children) != 3 {
		t.Error(children)
	}
	settled(t, s)
	pool.Close()
	settled(t, s)
	if !s.Alive(boss) || c.ended != 3 {
		t.Errorf("%d have ended", c.ended)
	}
}

func TestARouteeThatStoppedIsReplacedInItsPlaceWithAStateOfItsOwn(t *testing.T) {
	var c crew
	m := newPoolTeam(t, &c, PoolOptions{RouterOptions: RouterOptions{Logic: RouteConsistentHash}, Size: 4})
	var owners [100]uint64
	for key := range owners {
		owners[key] = m.ask(t, uint64(key))
	}
	gone := c.made[m.indexAt(t, 2)].index
	m.order(t, 2, orderStop)
	m.advance(t, time.Millisecond)
	if stats := must(m.Router.Stats())(t); stats.Routees != 4 || stats.Ended != 1 || stats.Replaced != 1 || len(c.made) != 5 {
		t.Errorf("%+v", stats)
	}
	for key, owner := range owners {
		if owner == gone {
			owner = 4
		}
		if now := m.ask(t, uint64(key)); now != owner {
			t.Errorf("%d is %d's, not %d's", key, now, owner)
		}
	}
}

// indexAt is which member is in a place.
func (m *team) indexAt(t testing.TB, place int) uint64 {
	t.Helper()
	return must(Ask(soon(t), m.System, m.routee(t, place), testWord, 0, testWord))(t)
}

func TestARouteeThatFailsKeepsItsStateUnlessASupervisionSaysOtherwise(t *testing.T) {
	var c crew
	m := newPoolTeam(t, &c, PoolOptions{Size: 2})
	m.order(t, 0, orderFail)
	m.tell(t, 1, 2)
	settled(t, m.System)
	if len(c.made) != 2 || len(c.made[0].words) != 1 || len(c.made[1].words) != 1 {
		t.Errorf("restarted: %d states", len(c.made))
	}

	c = crew{}
	m = newPoolTeam(t, &c, PoolOptions{Size: 2}, Supervision(Policy{Strategy: StrategyStop}))
	m.order(t, 0, orderFail)
	m.advance(t, 100*time.Millisecond)
	if stats := must(m.Router.Stats())(t); stats.Routees != 1 || stats.Replaced != 0 {
		t.Errorf("stopped: %+v", stats)
	}
	check0(t, m.Resize(2))
	settled(t, m.System)
	if len(c.made) != 3 {
		t.Errorf("resized: %d states", len(c.made))
	}

	c = crew{}
	m = newPoolTeam(t, &c, PoolOptions{Size: 2}, Supervision(Policy{Strategy: StrategyEscalate}))
	m.order(t, 0, orderFail)
	if m.Alive(m.Actor()) || c.ended != 2 {
		t.Errorf("escalated: %d have ended", c.ended)
	}
}

func TestARestartOfTheRouterMakesItsPoolAnew(t *testing.T) {
	var c crew
	m := newPoolTeam(t, &c, PoolOptions{Size: 3})
	check0(t, m.System.Restart(m.Actor()))
	m.advance(t, 20*time.Millisecond)
	if stats := must(m.Router.Stats())(t); stats.Routees != 3 || len(c.made) != 6 || c.ended != 3 {
		t.Errorf("%+v, %d states, %d have ended", stats, len(c.made), c.ended)
	}
}

func TestAPoolIsResizedByHandAndWhoGoesHandlesWhatItHas(t *testing.T) {
	var c crew
	m := newPoolTeam(t, &c, PoolOptions{Size: 4})
	m.tell(t, make([]uint64, 40)...)
	check0(t, m.Resize(1))
	settled(t, m.System)
	words := 0
	for _, state := range c.made {
		words += len(state.words)
	}
	if stats := must(m.Router.Stats())(t); words != 40 || stats.Shrunk != 3 || stats.Routees != 1 || c.ended != 3 {
		t.Errorf("%d words, %+v, %d have ended", words, stats, c.ended)
	}
	check0(t, m.Resize(6))
	settled(t, m.System)
	if stats := must(m.Router.Stats())(t); stats.Grown != 5 || len(c.made) != 9 {
		t.Errorf("%+v, %d states", stats, len(c.made))
	}
	if err := m.Resize(4097); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
	if err := m.Remove(m.routee(t, 0)); !errors.Is(err, ErrWrongMode) {
		t.Error(err)
	}
	check0(t, m.Resize(0))
	if err := testWord.Tell(m.System, m.Actor(), 1); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestAPoolGrowsWithWhatWaitsAndShrinksWhenNothingDoes(t *testing.T) {
	var c crew
	m := newPoolTeam(t, &c, PoolOptions{SizeMin: 2, SizeMax: 6, ResizeInterval: 10 * time.Millisecond, GrowAbove: 5,
		ShrinkBelow: 1}, Supervision(Policy{Strategy: StrategyRestart, BackoffMin: 55 * time.Millisecond}))
	for range 2 { // who waits for a restart handles nothing meanwhile
		check0(t, testOrder.Tell(m.System, m.Actor(), orderFail))
	}
	m.tell(t, make([]uint64, 40)...)
	for i, want := range []uint64{3, 4, 5, 6, 6, 5, 4, 3, 2, 2} {
		m.advance(t, 10*time.Millisecond)
		if stats := must(m.Router.Stats())(t); stats.Routees != want {
			t.Errorf("%d intervals: %+v", i+1, stats)
		}
	}
	if len(c.made) != 6 {
		t.Errorf("%d states", len(c.made))
	}
}

func TestAStateThatCannotBeMadeIsItsRouteesFailureAndIsTriedAgain(t *testing.T) {
	var c crew
	tries := 0
	make := func() *member {
		switch tries++; tries {
		case 1:
			panic("no room")
		case 2:
			return nil
		}
		return c.make()
	}
	s := newSystem(t, Options{Seeded: true, Seed: 5})
	pool := must(members.NewPool(s, make, PoolOptions{}))(t)
	defer pool.Close()
	settled(t, s)
	check0(t, testWord.Tell(s, pool.Actor(), 3))
	settled(t, s)
	if tries != 3 || len(c.made) != 1 || !slices.Equal(c.made[0].words, []uint64{3}) {
		t.Errorf("%d tries, %d states", tries, len(c.made))
	}
	failures := must(s.Failures(0))(t)
	if len(failures) != 2 || !strings.Contains(failures[0].Text, "go Member: panic: no room") ||
		!strings.Contains(failures[1].Text, errNoState.Error()) {
		t.Errorf("%+v", failures)
	}
}

func TestARouteeThatNeverHadAStateEndsWithoutItsHandlers(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 5})
	pool := must(members.NewPool(s, func() *member { return nil }, PoolOptions{Size: 2},
		Supervision(Policy{Strategy: StrategyStop})))(t)
	settled(t, s)
	pool.Close()
	settled(t, s)
	if failures := must(s.Failures(0))(t); len(failures) != 2 {
		t.Errorf("%+v", failures)
	}
}

func TestAPoolThatEndsBeforeItBeganLeavesNothing(t *testing.T) {
	before := values.live()
	var c crew
	s := newSystem(t, Options{Seeded: true, Seed: 5})
	for range 3 {
		must(members.NewPool(s, c.make, PoolOptions{Size: 3}))(t).Close()
		values.sweep() // as another system's worker may
	}
	settled(t, s)
	values.sweep()
	if c.ended != len(c.made) || values.live() != before {
		t.Errorf("%d of %d have ended, %d values are left", c.ended, len(c.made), values.live()-before)
	}
	if failures := must(s.Failures(0))(t); len(failures) != 0 {
		t.Errorf("%+v", failures)
	}
}

func TestARouteeBecomesAnotherKindAndIsItselfAgainAfterARestart(t *testing.T) {
	var c crew
	m := newPoolTeam(t, &c, PoolOptions{})
	m.order(t, 0, orderBecome)
	m.tell(t, 1)
	check0(t, testOrder.Tell(m.System, m.Actor(), orderFail)) // which the other kind has no handler for
	m.tell(t, 2)
	settled(t, m.System)
	if !slices.Equal(c.made[0].words, []uint64{1001, 2}) {
		t.Error(c.made[0].words)
	}
}

func TestAPoolRefusesWhatContradictsItself(t *testing.T) {
	before := values.live()
	var c crew
	s := newSystem(t, Options{Seeded: true, Seed: 5})
	for _, wrong := range []struct {
		options PoolOptions
		spawn   SpawnOption
		want    error
	}{
		{PoolOptions{Size: 5000}, StashMax(0), ErrLimit},
		{PoolOptions{Size: -1}, StashMax(0), ErrLimit},
		{PoolOptions{Size: 2, SizeMin: 3}, StashMax(0), ErrInvalidArgument},
		{PoolOptions{ResizeInterval: time.Microsecond}, StashMax(0), ErrInvalidArgument},
		{PoolOptions{ShrinkBelow: 2, GrowAbove: 1}, StashMax(0), ErrInvalidArgument},
		{PoolOptions{}, Named("one of many"), ErrInvalidArgument},
		{PoolOptions{}, Supervision(Policy{Strategy: StrategyDecide}), ErrInvalidArgument},
	} {
		if _, err := members.NewPool(s, c.make, wrong.options, wrong.spawn); !errors.Is(err, wrong.want) {
			t.Errorf("%+v: %v", wrong.options, err)
		}
	}
	if len(c.made) != 0 || values.live() != before {
		t.Errorf("%d states, %d values are left", len(c.made), values.live()-before)
	}
}

func TestNoMessageIsLostByAPoolOnThreadsWhoseRouteesEnd(t *testing.T) {
	before := values.live()
	var made, handled atomic.Int64
	kind := NewKind("Fragile", On(testWord, func(_ *int64, ctx *Context, word uint64) error {
		handled.Add(1)
		switch {
		case word%101 == 100:
			return errors.New("as it was told")
		case word%37 == 36:
			ctx.Stop()
		}
		return nil
	}))
	s := newSystem(t, Options{Workers: 2})
	pool := must(kind.NewPool(s, func() *int64 { made.Add(1); return new(int64) }, PoolOptions{
		RouterOptions: RouterOptions{Logic: RouteSmallestMailbox}, Size: 4}))(t)
	accepted := uint64(0)
	for word := range uint64(4000) {
		if testWord.Tell(s, pool.Actor(), word) == nil {
			accepted++
		}
		if word%500 == 0 {
			check0(t, pool.Resize(int(2+word%7)))
		}
	}
	settled(t, s)
	ledger := must(s.Ledger())(t)
	dead := uint64(0)
	for _, count := range ledger.Dead {
		dead += count
	}
	if stats := must(pool.Stats())(t); stats.Ended == 0 || uint64(handled.Load())+dead < accepted || made.Load() < 8 {
		t.Errorf("%+v, %+v: %d accepted, %d handled, %d made", stats, ledger, accepted, handled.Load(), made.Load())
	}
	pool.Close()
	must(s.Stop(soon(t)))(t)
	if values.live() != before {
		t.Errorf("%d values are left", values.live()-before)
	}
}
