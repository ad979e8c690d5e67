package actorcore

import (
	"context"
	"errors"
	"testing"
	"time"
)

// clock notes when it is told what, and cancels its timer at the tick that it is told to.
type clock struct {
	timer  Timer
	until  int
	ticks  []time.Duration
	blocks int
	silent []time.Duration
}

var clocks = NewKind("Clock",
	On(testWord, func(c *clock, ctx *Context, _ uint64) error {
		if ctx.IsReply() || ctx.Timer() != c.timer {
			return errors.New("who sent this?")
		}
		c.ticks = append(c.ticks, time.Duration(ctx.System().Now()))
		if len(c.ticks) == c.until && !c.timer.Cancel() {
			return errors.New("it had ended")
		}
		return nil
	}),
	On(testBlock, func(c *clock, ctx *Context, b block) error {
		if b.Words[63] != 63 {
			return errors.New("what is this?")
		}
		c.blocks++
		return nil
	}),
	On(testPair, func(c *clock, ctx *Context, p pair) (err error) {
		if ctx.Timer() != (Timer{}) {
			return errors.New("no timer sent this")
		}
		if err = ctx.SetReceiveTimeout(time.Duration(p.B)); err != nil {
			return err
		}
		c.timer, err = testWord.Every(ctx, ctx.Self(), time.Duration(p.A), 1, FirstAfter(time.Millisecond))
		return err
	}),
	On(Timeouts, func(c *clock, ctx *Context, _ Nothing) error {
		c.silent = append(c.silent, time.Duration(ctx.System().Now()))
		return nil
	}))

func TestTimersFireAtTheirTimesUntilTheyAreCancelled(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	state := &clock{until: 3}
	actor := must(clocks.Spawn(s, state))(t)
	check0(t, testPair.Tell(s, actor, pair{uint64(10 * time.Millisecond), uint64(15 * time.Millisecond)}))
	long := block{}
	long.Words[63] = 63
	once := must(testBlock.After(s, actor, 5*time.Millisecond, long))(t)
	never := must(testBlock.After(s, actor, time.Hour, long))(t)
	if stats := must(never.Stats())(t); stats.Next != uint64(time.Hour) || stats.Sent != 0 {
		t.Errorf("%+v", stats)
	}
	check0(t, s.Advance(soon(t), 52*time.Millisecond))
	ms := time.Millisecond
	if len(state.ticks) != 3 || state.ticks[0] != ms || state.ticks[1] != 11*ms || state.ticks[2] != 21*ms {
		t.Error(state.ticks)
	}
	if len(state.silent) != 2 || state.silent[0] != 36*ms || state.silent[1] != 51*ms {
		t.Error(state.silent)
	}
	if state.blocks != 1 || once.Cancel() || !never.Cancel() || never.Cancel() {
		t.Errorf("%d blocks", state.blocks)
	}
}

func TestATimerEndsWithItsActor(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(clocks.Spawn(s, &clock{}))(t)
	timer := must(testWord.Every(s, actor, time.Hour, 1))(t)
	check0(t, s.StopActor(actor, false))
	settled(t, s)
	if _, err := timer.Stats(); !errors.Is(err, ErrStale) || timer.Cancel() {
		t.Error(err)
	}
	if _, err := testWord.After(s, actor, 0, 1); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
}

func TestWhatCannotBeTimedIsRefused(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(clocks.Spawn(s, &clock{}))(t)
	if _, err := testValue.After(s, actor, 0, &parcel{}); !errors.Is(err, ErrUnsupported) {
		t.Error(err)
	}
	if _, err := testWord.Every(s, actor, 0, 1); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
	if err := s.Advance(context.Background(), 1); !errors.Is(err, ErrWrongMode) {
		t.Error(err)
	}
}
