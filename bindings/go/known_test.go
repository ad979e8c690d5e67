package actorcore

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// known is an actor that remembers what the system tells it.
type known struct {
	heard   []string
	letters []DeadLetter
	reports []WatchdogReport
	next    Actor
	wanted  []bool
	silent  bool
}

var knowns = NewKind("Known",
	On(AskFailures, func(*known, *Context, AskFailed) error { return nil }),
	OnRegistered(func(k *known, _ *Context, n Registration) error { k.heard = append(k.heard, "+"+n.Name); return nil }),
	OnUnregistered(func(k *known, _ *Context, n Registration) error { k.heard = append(k.heard, "-"+n.Name); return nil }),
	OnDeadLetters(func(k *known, _ *Context, b DeadLetterBatch) error {
		k.letters = append(k.letters, b.Letters...)
		return nil
	}),
	OnWatchdog(func(k *known, _ *Context, r WatchdogReport) error { k.reports = append(k.reports, r); return nil }),
	OnPhase(func(k *known, _ *Context, p Phase) error {
		k.heard = append(k.heard, p.Name)
		if k.silent {
			return nil
		}
		return p.Done()
	}),
	On(testWord, func(k *known, ctx *Context, word uint64) error {
		switch word {
		case 1: // asks the next one
			_, err := testWord.Request(ctx, k.next, 2, time.Second)
			return err
		case 2: // is asked, and does not answer
			k.wanted = append(k.wanted, ctx.Wanted())
			return nil
		case 3: // asks, and does not want to know
			correlation, err := testWord.Request(ctx, k.next, 2, time.Hour)
			return errors.Join(err, ctx.Cancel(correlation))
		case 4: // writes to one that is dead
			testWord.Send(ctx, k.next, 0)
			return nil
		}
		return testWord.Reply(ctx, word*2)
	}))

func TestASubscriberHearsOfNames(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	listener := &known{}
	actor := must(knowns.Spawn(s, listener))(t)
	other := must(knowns.Spawn(s, &known{}))(t)
	check0(t, s.Register("svc/a", other, false))
	check0(t, s.SubscribeNames("svc/*", actor))
	check0(t, s.Register("svc/b", other, true))
	check0(t, s.Unregister("svc/a", other))
	if err := s.Register("svc/b", actor, false); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	settled(t, s)
	if names := must(s.Names("*"))(t); len(names) != 1 || names[0] != (Registration{other, "svc/b", true}) {
		t.Error(names)
	}
	check0(t, s.StopActor(other, false))
	settled(t, s)
	if got := strings.Join(listener.heard, " "); got != "+svc/a +svc/b -svc/a -svc/b" {
		t.Error(got)
	}
	check0(t, RegisterType(s, testWord))
	if name := must(s.TypeName(testWord.Number()))(t); name != "word" {
		t.Error(name)
	}
}

func TestASubscriberHearsOfDeadLetters(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	listener := &known{}
	actor := must(knowns.Spawn(s, listener))(t)
	dead := must(knowns.Spawn(s, &known{}))(t)
	sender := must(knowns.Spawn(s, &known{next: dead}))(t)
	check0(t, s.SubscribeDeadLetters(actor, DeadStale))
	check0(t, s.StopActor(dead, false))
	settled(t, s)
	check0(t, testWord.Tell(s, sender, 4))
	settled(t, s)
	if len(listener.letters) != 1 || listener.letters[0].Type != testWord.Number() || listener.letters[0].To != dead {
		t.Error(listener.letters)
	}
}

func TestTheWatchdogReportsAsksInACircle(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	reader := &known{}
	to := must(knowns.Spawn(s, reader))(t)
	a, b := &known{}, &known{}
	first, second := must(knowns.Spawn(s, a))(t), must(knowns.Spawn(s, b))(t)
	a.next, b.next = second, first
	check0(t, s.StartWatchdog(WatchdogOptions{Interval: time.Millisecond, ReportTo: to}))
	check0(t, testWord.Tell(s, first, 1))
	check0(t, testWord.Tell(s, second, 1))
	settled(t, s)
	if len(reader.reports) != 1 || reader.reports[0].Kind != WatchdogCycle || len(reader.reports[0].Actors) != 2 {
		t.Error(reader.reports)
	}
	if reports := must(s.WatchdogReports(0))(t); len(reports) != 1 || reports[0].Text == "" {
		t.Error(reports)
	}
	check0(t, s.StopWatchdog())
	actors := must(s.Actors())(t)
	if len(actors) != 3 || actors[0].State != ActorIdle {
		t.Error(actors)
	}
}

func TestAStopGoesThroughPhases(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	good, silent := &known{}, &known{silent: true}
	actor, mute := must(knowns.Spawn(s, good))(t), must(knowns.Spawn(s, silent))(t)
	check0(t, s.AddPhase("drain", "service", 0))
	check0(t, s.JoinPhase("storage", actor))
	check0(t, s.JoinPhase("drain", actor))
	check0(t, s.JoinPhase("drain", mute))
	check0(t, s.SetPhaseTimeout("drain", time.Second))
	must(s.Stop(soon(t)))(t)
	if got := strings.Join(good.heard, " "); got != "drain storage" {
		t.Error(got)
	}
	for _, phase := range must(s.Phases())(t) {
		want := PhaseComplete
		if phase.Name == "drain" {
			want = PhaseTimedOut
			if len(phase.Unanswered) != 1 || phase.Unanswered[0] != mute {
				t.Error(phase)
			}
		}
		if phase.State != want {
			t.Error(phase)
		}
	}
}

func TestManyAreAskedAtOnceAndARequestIsCancelled(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	asked := &known{}
	first := must(knowns.Spawn(s, asked))(t)
	second := must(knowns.Spawn(s, &known{next: first}))(t)
	answers := must(AskMany(soon(t), s, []Actor{first, second, {}}, testWord, 21, testWord))(t)
	if answers[0].Reply != 42 || answers[1].Reply != 42 || !errors.Is(answers[2].Err, ErrNoHandle) {
		t.Error(answers)
	}
	check0(t, testWord.Tell(s, second, 3))
	settled(t, s)
	if len(asked.wanted) != 1 || asked.wanted[0] {
		t.Error(asked.wanted)
	}
}
