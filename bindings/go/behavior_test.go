package actorcore

import (
	"errors"
	"fmt"
	"testing"
)

// A lamp is off or on, and writes down the words that it hears in upper case while it is on.
type lamp struct {
	heard  string
	failed error
}

// lampDo are what a lamp is asked to do.
var lampDo = Define[uint64](9410, "lamp do")

const (
	lampOn = iota
	lampOnInstead
	lampBack
	lampBreak
	lampWrong
	lampStack
)

var lampsOff, lampsOn, lampsBroken *Kind[lamp]

func init() {
	lampsOff = lampsThat("Off", "a")
	lampsOn = lampsThat("On", "A")
	lampsBroken = NewKind[lamp]("Broken", On(lampDo, doLamp))
}

// lampsThat write a sign for a word, and the steps of their lives.
func lampsThat(name, sign string) *Kind[lamp] {
	notes := func(note string) func(*lamp, *Context, Nothing) error {
		return func(l *lamp, _ *Context, _ Nothing) error { l.heard += note; return nil }
	}
	return NewKind(name,
		On(Restarting, notes(sign+"r")), On(Restarted, notes(sign+"R")),
		On(Stopping, notes(sign+"t")), On(Stopped, notes(sign+"T")),
		On(testGet, notes(sign)), On(lampDo, doLamp))
}

func doLamp(l *lamp, ctx *Context, what uint64) error {
	switch what {
	case lampOn:
		return ctx.Become(lampsOn)
	case lampOnInstead:
		return ctx.Replace(lampsOn)
	case lampBack:
		l.failed = ctx.Unbecome()
	case lampBreak:
		return errors.Join(ctx.Become(lampsOn), errors.New("broken"))
	case lampWrong:
		l.failed = ctx.Become(lives)
	case lampStack:
		for i := range behaviorsMax {
			if err := ctx.Become(lampsOn); err != nil {
				return fmt.Errorf("behavior %d: %w", i, err)
			}
		}
		l.failed = ctx.Become(lampsOn)
	}
	return nil
}

// tellLamp sends a batch: a word for w, and for a digit what it stands for.
func tellLamp(t testing.TB, s *System, to Actor, text string) {
	t.Helper()
	var batch Batch
	for _, sign := range text {
		if sign == 'w' {
			check0(t, testGet.Add(&batch, to, Nothing{}))
		} else {
			check0(t, lampDo.Add(&batch, to, uint64(sign-'0')))
		}
	}
	must(s.TellMany(&batch))(t)
	settled(t, s)
}

func TestAnActorBecomesAnotherFromTheNextMessageOn(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		for text, want := range map[string]string{
			"w0ww2w":    "aAAa",
			"ww0w0w2w2": "aaAAA",
			"w1ww2w":    "aAAa", // what it was spawned with stays below
			"w0w1w2w":   "aAAa",
			"0w0w2w2w":  "AAAa",
		} {
			l := &lamp{}
			actor := must(lampsOff.Spawn(s, l))(t)
			tellLamp(t, s, actor, text)
			if l.heard != want || l.failed != nil {
				t.Errorf("after %s it heard %s, not %s: %v", text, l.heard, want, l.failed)
			}
		}
	})
}

func TestWhatCannotBecomeOfAnActorIsRefused(t *testing.T) {
	s := seeded(t)
	l := &lamp{}
	actor := must(lampsOff.Spawn(s, l))(t)
	for what, want := range map[uint64]error{
		lampBack: ErrNotFound, lampWrong: ErrInvalidArgument, lampStack: ErrLimit,
	} {
		check0(t, s.Restart(actor))
		settled(t, s)
		check0(t, lampDo.Tell(s, actor, what))
		settled(t, s)
		if !errors.Is(l.failed, want) {
			t.Errorf("%d: %v, not %v", what, l.failed, want)
		}
	}
}

func TestARestartEndsWhatAnActorBecame(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		l := &lamp{}
		above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart}))
		actor := must(lampsOff.Spawn(s, l, Supervised(above)))(t)
		tellLamp(t, s, actor, "w00w3ww") // in one batch with its failure
		check0(t, s.StopActor(actor, true))
		settled(t, s)
		if l.heard != "aAaraRaaataT" { // the steps are those of what it was spawned with
			t.Error(l.heard)
		}
		text := must(s.Failures(0))(t)[0].Text
		if text != "go On: broken: message type 9410 (lamp do)" {
			t.Error(text)
		}
	})
}

func TestAnActorThatBecameAnotherResumesAsThat(t *testing.T) {
	s := seeded(t)
	l := &lamp{}
	above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyResume}))
	tellLamp(t, s, must(lampsOff.Spawn(s, l, Supervised(above)))(t), "w3ww2w")
	if l.heard != "aAAa" {
		t.Error(l.heard)
	}
}
