package actorcore

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// member is a routee: it keeps what it is given, answers with its index, and does what an order says.
type member struct {
	index  uint64
	words  []uint64
	bytes  *byte // where the last ones were
	parcel *parcel
	sender Actor
	to     Actor // whom it sends to
	failed []Status
	begun  int
	ended  *int
}

const (
	orderFail = iota
	orderStop
	orderPass // three words
	orderAsk
	orderAskParcel
	orderBecome
)

var (
	testOrder = Define[uint32](130, "order")
	testMute  = Define[uint64](131, "mute")
	members   = NewKind("Member",
		On(Started, func(m *member, _ *Context, _ Nothing) error { m.begun++; return nil }),
		On(Stopped, func(m *member, _ *Context, _ Nothing) error {
			if m.ended != nil {
				*m.ended++
			}
			return nil
		}),
		On(testWord, func(m *member, ctx *Context, word uint64) error {
			if ctx.IsReply() {
				return nil
			}
			m.words = append(m.words, word)
			return m.answer(ctx)
		}),
		On(testPair, func(m *member, ctx *Context, p pair) error { m.words = append(m.words, p.B); return m.answer(ctx) }),
		On(testBytes, func(m *member, _ *Context, bytes []byte) error { m.bytes = &bytes[0]; return nil }),
		On(testValue, func(m *member, _ *Context, p *parcel) error { m.parcel = p; return nil }),
		On(testMute, func(*member, *Context, uint64) error { return nil }),
		On(AskFailures, func(m *member, _ *Context, f AskFailed) error { m.failed = append(m.failed, f.Status); return nil }),
		On(testOrder, (*member).obey))
	otherMembers = NewKind("OtherMember", On(testWord, func(m *member, _ *Context, word uint64) error {
		m.words = append(m.words, 1000+word)
		return nil
	}))
)

func (m *member) answer(ctx *Context) error {
	m.sender = ctx.Sender()
	if ctx.Correlation() == 0 || ctx.Timer() != (Timer{}) {
		return nil
	}
	return testWord.Reply(ctx, m.index)
}

func (m *member) obey(ctx *Context, order uint32) (err error) {
	switch order {
	case orderFail:
		return errors.New("as it was told")
	case orderStop:
		ctx.Stop()
	case orderPass:
		for word := range uint64(3) {
			testWord.Send(ctx, m.to, word)
		}
	case orderAsk:
		_, err = testWord.Request(ctx, m.to, 5, time.Minute)
	case orderAskParcel:
		_, err = testValue.Request(ctx, m.to, &parcel{}, time.Minute)
	case orderBecome:
		return ctx.Become(otherMembers)
	}
	return err
}

// team are members that run, and a router of them.
type team struct {
	*System
	Router
	states []*member
	actors []Actor
}

func newTeam(t testing.TB, count int, options RouterOptions) *team {
	m := &team{System: newSystem(t, Options{Seeded: true, Seed: 7})}
	for range count {
		m.spawn(t)
	}
	m.Router = must(m.NewRouter(options, m.actors...))(t)
	t.Cleanup(m.Router.Close)
	return m
}

func (m *team) spawn(t testing.TB) Actor {
	state := &member{index: uint64(len(m.states))}
	m.states = append(m.states, state)
	m.actors = append(m.actors, must(members.Spawn(m.System, state))(t))
	return m.actors[state.index]
}

func (m *team) tell(t testing.TB, words ...uint64) {
	t.Helper()
	for _, word := range words {
		check0(t, testWord.Tell(m.System, m.Actor(), word))
	}
}

func (m *team) ask(t testing.TB, word uint64) uint64 {
	t.Helper()
	return must(Ask(soon(t), m.System, m.Actor(), testWord, word, testWord))(t)
}

func TestRoundRobinGivesEachItsTurn(t *testing.T) {
	m := newTeam(t, 3, RouterOptions{})
	m.tell(t, 0, 1, 2, 3, 4, 5, 6)
	settled(t, m.System)
	for i, want := range [][]uint64{{0, 3, 6}, {1, 4}, {2, 5}} {
		if !slices.Equal(m.states[i].words, want) {
			t.Errorf("%d got %v", i, m.states[i].words)
		}
	}
	if stats := must(m.Router.Stats())(t); stats != (RouterStats{Routees: 3, Routed: 7}) {
		t.Errorf("%+v", stats)
	}
}

func TestAHandlerSendsToARouterAsToAnyActorAndStaysTheSender(t *testing.T) {
	m := newTeam(t, 3, RouterOptions{})
	source := m.spawn(t) // which is none of the group's
	m.states[3].to = m.Actor()
	check0(t, testOrder.Tell(m.System, source, orderPass))
	settled(t, m.System)
	for i, state := range m.states[:3] {
		if !slices.Equal(state.words, []uint64{uint64(i)}) || state.sender != source {
			t.Errorf("%d got %v from %v", i, state.words, state.sender)
		}
	}
}

func TestTheSeedDecidesWhomRandomTakes(t *testing.T) {
	var given [2][4]int
	for round := range given {
		m := newTeam(t, 4, RouterOptions{Logic: RouteRandom})
		m.tell(t, make([]uint64, 400)...)
		settled(t, m.System)
		for i, state := range m.states {
			if given[round][i] = len(state.words); given[round][i] < 60 {
				t.Errorf("%d got %d of 400", i, given[round][i])
			}
		}
	}
	if given[0] != given[1] {
		t.Error(given)
	}
}

func TestABroadcastReachesAllAndTheyShareItsPayload(t *testing.T) {
	m := newTeam(t, 3, RouterOptions{Logic: RouteBroadcast})
	drops := 0
	value := &parcel{drops: &drops}
	m.tell(t, 9)
	check0(t, testBytes.Tell(m.System, m.Actor(), make([]byte, 100)))
	check0(t, testValue.Tell(m.System, m.Actor(), value))
	settled(t, m.System)
	for i, state := range m.states {
		if !slices.Equal(state.words, []uint64{9}) || state.bytes != m.states[0].bytes || state.parcel != value {
			t.Errorf("%d has %+v", i, state)
		}
	}
	values.sweep()
	if ledger := must(m.System.Ledger())(t); ledger.Accepted != 9 || drops != 0 {
		t.Errorf("%+v, %d drops", ledger, drops)
	}
}

func TestTheSmallestMailboxIsTheOneWithTheFewestMessages(t *testing.T) {
	m := newTeam(t, 3, RouterOptions{Logic: RouteSmallestMailbox})
	m.tell(t, make([]uint64, 30)...)
	for _, routee := range must(m.Routees())(t) {
		if routee.Queued != 10 || routee.Routed != 10 || routee.Actor != m.actors[routee.Place] {
			t.Errorf("%+v", routee)
		}
	}
}

func TestAKeyStaysWithItsRouteeAndOnlyTheKeysOfOneThatGoesMove(t *testing.T) {
	m := newTeam(t, 5, RouterOptions{Logic: RouteConsistentHash, KeyOffset: 8, KeySize: 8, VirtualNodes: 256})
	ask := func(key uint64) uint64 { // whatever is before the key
		random := m.System.Random()
		return must(Ask(soon(t), m.System, m.Actor(), testPair, pair{random, key}, testWord))(t)
	}
	var owners [200]uint64
	owned := map[uint64]int{}
	for key := range owners {
		owners[key] = ask(uint64(key))
		owned[owners[key]]++
	}
	if len(owned) != 5 {
		t.Error(owned)
	}
	check0(t, m.Remove(m.actors[3]))
	for key, owner := range owners {
		if now := ask(uint64(key)); owner != 3 && now != owner || now == 3 {
			t.Errorf("%d went from %d to %d", key, owner, now)
		}
	}
	check0(t, m.Add(m.spawn(t))) // in the place that is free
	for key, owner := range owners {
		if now := ask(uint64(key)); owner != 3 && now != owner || owner == 3 && now != 5 {
			t.Errorf("%d went from %d to %d", key, owner, now)
		}
	}
}

func TestABoundOnLoadsKeepsAHotKeyFromFillingOneMailbox(t *testing.T) {
	m := newTeam(t, 4, RouterOptions{Logic: RouteConsistentHash, LoadBoundPercent: 150})
	settled(t, m.System)             // for who has not begun is busy
	m.tell(t, make([]uint64, 80)...) // one key
	for _, routee := range must(m.Routees())(t) {
		if routee.Queued > 30 {
			t.Errorf("%+v", routee)
		}
	}
	if stats := must(m.Router.Stats())(t); stats.Spilled < 40 {
		t.Errorf("%+v", stats)
	}
}

func TestARequestOfManyIsAnsweredOnceOrNotInTime(t *testing.T) {
	m := newTeam(t, 3, RouterOptions{Logic: RouteScatterGather, Timeout: 5 * time.Millisecond})
	if index := m.ask(t, 5); index > 2 {
		t.Error(index)
	}
	settled(t, m.System)
	if ledger := must(m.System.Ledger())(t); ledger.Dead[DeadLateReply] != 2 {
		t.Errorf("%+v", ledger)
	}
	before := m.System.Now()
	if _, err := Ask(soon(t), m.System, m.Actor(), testMute, 0, testWord); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
	if elapsed := time.Duration(m.System.Now() - before); elapsed != 5*time.Millisecond {
		t.Error(elapsed)
	}
}

func TestAValueIsNotAskedOfMany(t *testing.T) {
	m := newTeam(t, 2, RouterOptions{Logic: RouteBroadcast})
	if _, err := Ask(soon(t), m.System, m.Actor(), testValue, &parcel{}, testWord); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
	source := m.spawn(t)
	m.states[2].to = m.Actor()
	check0(t, testOrder.Tell(m.System, source, orderAskParcel))
	settled(t, m.System)
	if failures := must(m.System.Failures(0))(t); len(failures) != 1 {
		t.Error(failures)
	}
}

func TestWhoHasEndedIsTakenOffAndTheOthersGetEverything(t *testing.T) {
	m := newTeam(t, 3, RouterOptions{})
	check0(t, testOrder.Tell(m.System, m.actors[1], orderStop))
	settled(t, m.System)
	m.tell(t, 1, 2, 3, 4)
	settled(t, m.System)
	if len(m.states[0].words) != 2 || len(m.states[2].words) != 2 {
		t.Error(m.states[0].words, m.states[2].words)
	}
	if stats := must(m.Router.Stats())(t); stats != (RouterStats{Routees: 2, Routed: 4, Ended: 1}) {
		t.Errorf("%+v", stats)
	}
}

func TestWhatNobodyIsThereForIsRefusedOutsideAndDeadInside(t *testing.T) {
	m := newTeam(t, 0, RouterOptions{})
	if err := testWord.Tell(m.System, m.Actor(), 1); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := Ask(soon(t), m.System, m.Actor(), testWord, 1, testWord); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	source := m.spawn(t)
	m.states[0].to = m.Actor()
	check0(t, testOrder.Tell(m.System, source, orderPass))
	check0(t, testOrder.Tell(m.System, source, orderAsk))
	settled(t, m.System)
	if ledger := must(m.System.Ledger())(t); ledger.Dead[DeadUnrouted] != 4 {
		t.Errorf("%+v", ledger)
	}
	if failed := m.states[0].failed; !slices.Equal(failed, []Status{ErrNotFound}) {
		t.Error(failed)
	}
}

func TestARouterIsFoundAndItsGroupOutlivesIt(t *testing.T) {
	m := newTeam(t, 2, RouterOptions{Name: "team"})
	if found := must(m.Find("team"))(t); found != m.Actor() {
		t.Error(found)
	}
	if _, err := m.NewRouter(RouterOptions{Name: "team"}); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	m.Router.Close()
	settled(t, m.System)
	if m.Alive(m.Actor()) || !m.Alive(m.actors[0]) || !m.Alive(m.actors[1]) {
		t.Error("after the router's end")
	}
	if err := m.Add(m.actors[0]); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
}

func TestATimerTellsARouterAgainAndAgain(t *testing.T) {
	m := newTeam(t, 2, RouterOptions{})
	timer := must(testWord.Every(m.System, m.Actor(), time.Millisecond, 3))(t)
	check0(t, m.Advance(soon(t), 10*time.Millisecond))
	timer.Cancel()
	if len(m.states[0].words) != 5 || len(m.states[1].words) != 5 {
		t.Error(m.states[0].words, m.states[1].words)
	}
}

func TestARouterRefusesWhatContradictsItself(t *testing.T) {
	m := newTeam(t, 2, RouterOptions{})
	for _, wrong := range []struct {
		options RouterOptions
		routees []Actor
		want    error
	}{
		{RouterOptions{Logic: 6}, nil, ErrUnknownConstant},
		{RouterOptions{VirtualNodes: -1}, nil, ErrLimit},
		{RouterOptions{LoadBoundPercent: 99}, nil, ErrInvalidArgument},
		{RouterOptions{}, []Actor{m.actors[0], m.actors[0]}, ErrExists},
		{RouterOptions{}, []Actor{m.Actor()}, ErrInvalidArgument},
	} {
		var full *Error
		if _, err := m.NewRouter(wrong.options, wrong.routees...); !errors.Is(err, wrong.want) || !errors.As(err, &full) {
			t.Errorf("%+v: %v", wrong.options, err)
		}
	}
	if err := m.Add(m.actors[0]); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	if err := m.Resize(3); !errors.Is(err, ErrWrongMode) {
		t.Error(err)
	}
	if err := m.Remove(Actor{}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if route := must(ParseRoute(RouteConsistentHash.String()))(t); route != RouteConsistentHash || Route(6).Valid() {
		t.Error(route)
	}
}
