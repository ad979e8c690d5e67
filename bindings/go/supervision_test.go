package actorcore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A life writes down what it hears of itself: S started, w work, ! the message that it fails at, r restarting,
// R restarted, t stopping, T stopped, F told of a failure.
type life struct {
	log      strings.Builder
	at       []time.Duration // when, on the system's clock
	told     []Failed
	texts    []string
	decision Strategy // for a Failed; 0 makes none
	failsAt  string   // a letter at which it fails, once
	ended    uint64   // its place among those that stopped
}

var ends atomic.Uint64

func (l *life) hear(ctx *Context, sign string) error {
	l.log.WriteString(sign)
	l.at = append(l.at, time.Duration(ctx.System().Now()))
	if sign == "T" {
		l.ended = ends.Add(1)
	}
	if sign == l.failsAt {
		l.failsAt = ""
		return errors.New("as it was told")
	}
	return nil
}

func hears(sign string) func(*life, *Context, Nothing) error {
	return func(l *life, ctx *Context, _ Nothing) error { return l.hear(ctx, sign) }
}

var (
	lifeWork = Define[Nothing](9401, "work")
	lifeFail = Define[Nothing](9402, "fail")

	lives = NewKind("Life",
		On(Started, hears("S")), On(Restarting, hears("r")), On(Restarted, hears("R")), On(Stopping, hears("t")),
		On(Stopped, hears("T")), On(lifeWork, hears("w")),
		On(lifeFail, func(l *life, ctx *Context, _ Nothing) error {
			return errors.Join(l.hear(ctx, "!"), errors.New("out of luck"))
		}),
		On(Failures, func(l *life, ctx *Context, failed Failed) error {
			l.told = append(l.told, failed)
			l.texts = append(l.texts, failed.Text(ctx))
			if err := l.hear(ctx, "F"); err != nil || l.decision == 0 {
				return err
			}
			if err := ctx.Decide(failed.Actor, l.decision); err != nil {
				return err
			}
			if err := ctx.Decide(failed.Actor, l.decision); err == nil {
				return errors.New("decided twice")
			}
			return nil
		}))
)

// spawnLife is an actor with every hook under a supervisor.
func spawnLife(t testing.TB, s *System, l *life, options ...SpawnOption) Actor {
	t.Helper()
	return must(lives.Spawn(s, l, options...))(t)
}

// tellFive is work, work, fail, work, work: all queued before the first is handled.
func tellFive(t testing.TB, s *System, to Actor) {
	t.Helper()
	var batch Batch
	for i := range 5 {
		of := lifeWork
		if i == 2 {
			of = lifeFail
		}
		check0(t, of.Add(&batch, to, Nothing{}))
	}
	if accepted := must(s.TellMany(&batch))(t); accepted != 5 {
		t.Fatal(accepted)
	}
	settled(t, s)
}

func expectLog(t testing.TB, who string, l *life, want string) {
	t.Helper()
	if got := l.log.String(); got != want {
		t.Errorf("%s heard %q, not %q", who, got, want)
	}
}

// seeded is a system in virtual time.
func seeded(t testing.TB) *System {
	t.Helper()
	return newSystem(t, Options{Seeded: true, Seed: 5})
}

// inBoth runs a fact in virtual time and on several workers.
func inBoth(t *testing.T, run func(t *testing.T, s *System)) {
	t.Run("seeded", func(t *testing.T) { run(t, seeded(t)) })
	t.Run("free", func(t *testing.T) { run(t, newSystem(t, Options{Workers: 2})) })
}

func TestAFailureLeadsToWhatThePolicySays(t *testing.T) {
	for strategy, want := range map[Strategy]string{
		StrategyRestart: "Sww!rRww",
		StrategyResume:  "Sww!ww",
		StrategyStop:    "Sww!tT",
		StrategyDefault: "Sww!tT",
	} {
		inBoth(t, func(t *testing.T, s *System) {
			boss, child := &life{}, &life{}
			above := spawnLife(t, s, boss, Children(Policy{Strategy: strategy}))
			actor := spawnLife(t, s, child, Supervised(above))
			tellFive(t, s, actor)
			expectLog(t, strategy.String(), child, want)
			if (s.Alive(actor)) == strings.HasSuffix(want, "T") {
				t.Errorf("%v: alive is %v", strategy, s.Alive(actor))
			}
			told := 0
			if strategy == StrategyDefault {
				told = 1
			}
			if len(boss.told) != told {
				t.Errorf("%v: told of %v", strategy, boss.told)
			}
			ledger := must(s.Ledger())(t)
			if !ledger.Holds() || ledger.Failed != 1 || ledger.Dead[DeadFailed]+ledger.Handled != 5+uint64(told) {
				t.Errorf("%v: %+v", strategy, ledger)
			}
		})
	}
}

func TestAChildsOwnPolicyTakesThePlaceOfItsSupervisors(t *testing.T) {
	s := seeded(t)
	usual, special := &life{}, &life{}
	above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart}))
	tellFive(t, s, spawnLife(t, s, usual, Supervised(above)))
	tellFive(t, s, spawnLife(t, s, special, Supervised(above), Supervision(Policy{Strategy: StrategyResume})))
	expectLog(t, "the usual one", usual, "Sww!rRww")
	expectLog(t, "the special one", special, "Sww!ww")
}

func TestAFailureOfOneCanConcernItsSiblings(t *testing.T) {
	for strategy, want := range map[Strategy][3]string{
		StrategyRestartAll: {"SrR", "S!rR", "SrR"},
		StrategyRestForOne: {"S", "S!rR", "SrR"},
		StrategyStopAll:    {"StT", "S!tT", "StT"},
	} {
		inBoth(t, func(t *testing.T, s *System) {
			var children [3]life
			var actors [3]Actor
			above := spawnLife(t, s, &life{}, Children(Policy{Strategy: strategy}))
			for i := range children {
				actors[i] = spawnLife(t, s, &children[i], Supervised(above))
			}
			settled(t, s)
			check0(t, lifeFail.Tell(s, actors[1], Nothing{}))
			settled(t, s)
			for i := range children {
				expectLog(t, strategy.String(), &children[i], want[i])
			}
		})
	}
}

func TestAnEscalatedFailureIsTheSupervisors(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		boss, child := &life{}, &life{}
		above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart}))
		middle := spawnLife(t, s, boss, Supervised(above), Children(Policy{Strategy: StrategyEscalate}))
		tellFive(t, s, spawnLife(t, s, child, Supervised(middle)))
		expectLog(t, "the supervisor", boss, "SrR")
		expectLog(t, "the child", child, "Sww!tT")
		if stats := must(s.SupervisionStats(middle))(t); stats != (SupervisionStats{Failures: 1, Escalated: 1, Restarts: 1}) {
			t.Errorf("%+v", stats)
		}
		failures := must(s.Failures(0))(t)
		if len(failures) != 2 || failures[1].Actor != middle || failures[1].Type != lifeFail.Number() {
			t.Errorf("%+v", failures)
		}
	})
}

func TestASupervisorSeesTheFailureAndDecides(t *testing.T) {
	for decision, want := range map[Strategy]string{
		StrategyDefault: "Sww!tT", // none
		StrategyStop:    "Sww!tT",
		StrategyRestart: "Sww!rRww",
		StrategyResume:  "Sww!ww",
	} {
		inBoth(t, func(t *testing.T, s *System) {
			boss, child := &life{decision: decision}, &life{}
			above := spawnLife(t, s, boss, Children(Policy{Strategy: StrategyDecide}))
			actor := spawnLife(t, s, child, Supervised(above))
			tellFive(t, s, actor)
			expectLog(t, decision.String(), child, want)
			expectLog(t, "the supervisor", boss, "SF")
			if told := boss.told[0]; told != (Failed{actor, ErrHandler, lifeFail.Number(), 1}) {
				t.Errorf("%+v", told)
			}
			if text := boss.texts[0]; text != "go Life: out of luck: message type 9402 (fail)" {
				t.Error(text)
			}
		})
	}
}

func TestAFailureThatIsForgottenHasNoText(t *testing.T) {
	s := seeded(t)
	above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyResume}))
	actor := spawnLife(t, s, &life{}, Supervised(above))
	for range 257 {
		check0(t, lifeFail.Tell(s, actor, Nothing{}))
	}
	settled(t, s)
	if text := (Failed{Number: 1}).Text(s); text != "" {
		t.Error(text)
	}
	if text := (Failed{Number: 2}).Text(s); !strings.HasPrefix(text, "go Life: out of luck") {
		t.Error(text)
	}
}

func TestMoreRestartsThanTheLimitStopTheChild(t *testing.T) {
	s := seeded(t)
	child := &life{}
	above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart, RestartsMax: 2, Period: time.Minute}))
	actor := spawnLife(t, s, child, Supervised(above))
	for range 2 {
		check0(t, lifeFail.Tell(s, actor, Nothing{}))
		settled(t, s)
	}
	if stats := must(s.SupervisionStats(actor))(t); stats.Restarts != 2 {
		t.Errorf("%+v", stats)
	}
	check0(t, lifeFail.Tell(s, actor, Nothing{}))
	settled(t, s)
	expectLog(t, "the child", child, "S!rR!rR!tT")
	want := SupervisionStats{Failures: 3, Restarted: 2, Stopped: 1, Limited: 1}
	if stats := must(s.SupervisionStats(above))(t); stats != want {
		t.Errorf("%+v", stats)
	}
}

func TestALimitThatIsEscalatedEndsTheSupervisor(t *testing.T) {
	s := seeded(t)
	boss := &life{}
	above := spawnLife(t, s, boss, Children(Policy{Strategy: StrategyRestart, RestartsMax: 1, OnLimit: StrategyEscalate}))
	actor := spawnLife(t, s, &life{}, Supervised(above))
	for range 2 {
		check0(t, lifeFail.Tell(s, actor, Nothing{}))
		settled(t, s)
	}
	expectLog(t, "the supervisor", boss, "StT")
}

func TestEachRestartWaitsLongerThanTheLast(t *testing.T) {
	s := seeded(t)
	child := &life{}
	policy := Policy{Strategy: StrategyRestart, BackoffMin: 10 * time.Millisecond, BackoffMax: 50 * time.Millisecond,
		BackoffPercent: 300, BackoffReset: time.Second}
	above := spawnLife(t, s, &life{}, Children(policy))
	actor := spawnLife(t, s, child, Supervised(above))
	fails := func() {
		check0(t, lifeFail.Tell(s, actor, Nothing{}))
		check0(t, lifeWork.Tell(s, actor, Nothing{})) // waits with it
		settled(t, s)
	}
	for range 3 {
		fails()
	}
	check0(t, s.Advance(soon(t), time.Second))
	fails()
	expectLog(t, "the child", child, "S!rRw!rRw!rRw!rRw")
	for i, want := range []time.Duration{10, 30, 50, 10} {
		if waited := child.at[4*i+3] - child.at[4*i+1]; waited != want*time.Millisecond {
			t.Errorf("restart %d waited %v, not %d ms", i, waited, want)
		}
	}
}

func TestJitterMovesAWaitByNoMoreThanItSays(t *testing.T) {
	s := seeded(t)
	child := &life{}
	policy := Policy{Strategy: StrategyRestart, BackoffMin: time.Second, BackoffMax: time.Second, JitterPercent: 20}
	actor := spawnLife(t, s, child, Supervised(spawnLife(t, s, &life{}, Children(policy))))
	waits := map[time.Duration]bool{}
	for i := range 8 {
		check0(t, lifeFail.Tell(s, actor, Nothing{}))
		settled(t, s)
		waited := child.at[3*i+3] - child.at[3*i+1]
		if waited < 800*time.Millisecond || waited > 1200*time.Millisecond {
			t.Error(waited)
		}
		waits[waited] = true
	}
	if len(waits) < 2 {
		t.Error("all waits are", waits)
	}
}

func TestAPolicyIsReplacedAndAWrongOneRefused(t *testing.T) {
	s := seeded(t)
	child := &life{}
	above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart}))
	actor := spawnLife(t, s, child, Supervised(above))
	check0(t, s.Supervise(above, Policy{Strategy: StrategyResume}))
	tellFive(t, s, actor)
	expectLog(t, "the child", child, "Sww!ww")
	for _, wrong := range []Policy{{Strategy: 9}, {RestartsMax: 1001}, {RestartsMax: -1}, {OnLimit: StrategyRestart},
		{BackoffPercent: 99}, {JitterPercent: 101}, {BackoffMin: 2, BackoffMax: 1}} {
		var explained *Error
		if err := s.Supervise(above, wrong); !errors.As(err, &explained) || explained.Message == "" {
			t.Errorf("%+v: %v", wrong, err)
		}
		if _, err := lives.Spawn(s, &life{}, Supervision(wrong)); err == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
	if strategy, err := ParseStrategy("REST_FOR_ONE"); err != nil || strategy != StrategyRestForOne {
		t.Error(strategy, err)
	}
}

func TestARestartStopsTheChildrenFirstUnlessTheyAreKept(t *testing.T) {
	for _, keeps := range []bool{false, true} {
		inBoth(t, func(t *testing.T, s *System) {
			middle, child := &life{}, &life{}
			options := []SpawnOption{Supervised(spawnLife(t, s, &life{}))}
			wantChild := "StT"
			if keeps {
				options, wantChild = append(options, KeepChildren()), "S"
			}
			actor := spawnLife(t, s, middle, options...)
			spawnLife(t, s, child, Supervised(actor))
			settled(t, s)
			check0(t, s.Restart(actor))
			settled(t, s)
			expectLog(t, "the supervisor", middle, "SrR")
			expectLog(t, "the child", child, wantChild)
			check0(t, lifeWork.Tell(s, actor, Nothing{}))
			check0(t, Restart.Tell(s, actor, Nothing{}))
			check0(t, lifeWork.Tell(s, actor, Nothing{}))
			settled(t, s)
			expectLog(t, "the supervisor", middle, "SrRwrRw")
		})
	}
}

func TestAFailureInEachStepOfALifeLosesNothing(t *testing.T) {
	for step, want := range map[string]string{"r": "Sww!rRww", "R": "Sww!rRrRww", "S": "SrRww!rRww"} {
		s := seeded(t)
		child := &life{failsAt: step}
		above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart}))
		tellFive(t, s, spawnLife(t, s, child, Supervised(above)))
		expectLog(t, "one that fails at "+step, child, want)
	}
}

func TestAKilledActorRunsNothingNorDoItsChildren(t *testing.T) {
	ends := map[string]func(*testing.T, *System, Actor){
		"by a call":    func(t *testing.T, s *System, a Actor) { check0(t, s.Kill(a)) },
		"by a message": func(t *testing.T, s *System, a Actor) { check0(t, Kill.Tell(s, a, Nothing{})) },
	}
	for name, end := range ends {
		inBoth(t, func(t *testing.T, s *System) {
			boss, child := &life{}, &life{}
			above := spawnLife(t, s, boss)
			actor := spawnLife(t, s, child, Supervised(above))
			settled(t, s)
			end(t, s, above)
			settled(t, s)
			expectLog(t, name, boss, "S")
			expectLog(t, name, child, "S")
			if s.Alive(above) || s.Alive(actor) {
				t.Error("one lives on") // and the end of the test sees their cells back
			}
		})
	}
}

// An elder spawns lives under itself, and looks around.
type elder struct {
	children []Actor
	above    Actor
}

var elders = NewKind("Elder", On(testWord, func(p *elder, ctx *Context, count uint64) (err error) {
	for range count {
		if _, err = lives.Spawn(ctx, &life{}, Supervised(ctx.Self())); err != nil {
			return err
		}
	}
	if p.above, err = ctx.Supervisor(); err == nil {
		p.children, err = ctx.Children()
	}
	return err
}))

func TestAnActorSpawnsAndSeesItsFamily(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		top, p, child := &life{}, &elder{}, &life{}
		above := spawnLife(t, s, top)
		actor := must(elders.Spawn(s, p, Supervised(above)))(t)
		check0(t, testWord.Tell(s, actor, 20)) // more than one look has room for
		settled(t, s)
		if len(p.children) != 20 || !slices.Equal(p.children, must(s.Children(actor))(t)) || p.above != above {
			t.Errorf("%+v", p)
		}
		for _, child := range p.children {
			if must(s.Supervisor(child))(t) != actor {
				t.Error("not its child:", child)
			}
		}
		if !must(s.Supervisor(above))(t).IsNone() {
			t.Error("nobody's child has a supervisor")
		}
		spawnLife(t, s, child, Supervised(actor))
		settled(t, s)
		check0(t, s.StopActor(above, false))
		settled(t, s)
		if _, err := s.Children(actor); !errors.Is(err, ErrStale) {
			t.Error(err)
		}
		if _, err := lives.Spawn(s, &life{}, Supervised(actor)); !errors.Is(err, ErrStale) {
			t.Error(err)
		}
		expectLog(t, "the youngest", child, "StT")
		expectLog(t, "the eldest", top, "StT")
		if child.ended >= top.ended {
			t.Error("the eldest ended first")
		}
	})
}

// fresh begins anew in its hook.
type fresh struct{ sum uint64 }

func TestAStateBeginsAnewInItsHookAndIsLeftAloneWithoutOne(t *testing.T) {
	add := func(f *fresh, _ *Context, word uint64) error {
		if word == 0 {
			return errors.New("nothing to add")
		}
		f.sum += word
		return nil
	}
	get := func(f *fresh, ctx *Context, _ Nothing) error { return testWord.Reply(ctx, f.sum) }
	anew := NewKind("Anew", On(testWord, add), On(testGet, get),
		On(Restarted, func(f *fresh, _ *Context, _ Nothing) error { *f = fresh{}; return nil }))
	asItWas := NewKind("AsItWas", On(testWord, add), On(testGet, get))
	for kind, want := range map[*Kind[fresh]]uint64{anew: 7, asItWas: 12} {
		s := seeded(t)
		above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart}))
		actor := must(kind.Spawn(s, &fresh{}, Supervised(above)))(t)
		for _, word := range []uint64{5, 0, 7} {
			check0(t, testWord.Tell(s, actor, word))
		}
		if sum := must(Ask(soon(t), s, actor, testGet, Nothing{}, testWord))(t); sum != want {
			t.Errorf("the sum is %d, not %d", sum, want)
		}
	}
}

func TestTheAskInHandFailsAtOnceThoughItsActorRestarts(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart, BackoffMin: time.Millisecond}))
		actor := spawnLife(t, s, &life{}, Supervised(above))
		if _, err := Ask(soon(t), s, actor, lifeFail, Nothing{}, testWord); !errors.Is(err, ErrFailed) {
			t.Error(err)
		}
		settled(t, s)
		if !s.Alive(actor) {
			t.Error("it ended")
		}
	})
}

func TestATimerEndsWithARestartUnlessItIsKept(t *testing.T) {
	s := seeded(t)
	l := &life{}
	actor := spawnLife(t, s, l)
	settled(t, s)
	must(lifeWork.After(s, actor, time.Second, Nothing{}))(t)
	must(lifeWork.After(s, actor, 2*time.Second, Nothing{}, KeptOnRestart()))(t)
	check0(t, s.Restart(actor))
	check0(t, s.Advance(soon(t), 3*time.Second))
	expectLog(t, "the actor", l, "SrRw")
}

func TestAShakenTreeLosesNoMessageAndNoCell(t *testing.T) {
	strategies := []Strategy{StrategyRestart, StrategyStop, StrategyResume, StrategyEscalate, StrategyRestartAll,
		StrategyRestForOne, StrategyStopAll, StrategyDecide}
	for seed := range uint64(8) {
		s := newSystem(t, Options{Seeded: seed%2 == 0, Seed: seed + 1, Workers: 2})
		var leaves []Actor
		for i, strategy := range strategies {
			boss := &life{decision: strategies[(i+int(seed))%7]}
			top := spawnLife(t, s, &life{}, Children(Policy{Strategy: strategies[4+i%3]}))
			middle := spawnLife(t, s, boss, Supervised(top), Children(Policy{Strategy: strategy}))
			for range 4 {
				leaves = append(leaves, spawnLife(t, s, &life{}, Supervised(middle)))
			}
			leaves = append(leaves, middle)
		}
		for i := range 80 {
			leaf := leaves[s.Random()%uint64(len(leaves))]
			switch s.Random() % 8 {
			case 0:
				_ = s.StopActor(leaf, i%2 == 0)
			case 1:
				_ = s.Restart(leaf)
			case 2:
				_ = s.Kill(leaf)
			case 3, 4:
				_ = lifeFail.Tell(s, leaf, Nothing{})
			default:
				_ = lifeWork.Tell(s, leaf, Nothing{})
			}
		}
		check0(t, s.Settle(context.Background())) // and the end of the test counts
	}
}
