package actorcore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A door stashes all that comes while it is shut.
type door struct {
	seen    []uint64
	labels  []string
	bytes   []string
	refused int
	opens   bool
	steps   []error
}

var (
	doorOpen = Define[uint64](9420, "open") // and puts so many back
	doorFail = Define[Nothing](9421, "fail")
	doorGet  = Define[uint64](9422, "door get") // is answered when it is open
)

// shut stashes a message, or has it handled.
func (d *door) shut(ctx *Context) bool {
	if d.opens {
		return false
	}
	switch err := ctx.Stash(); {
	case errors.Is(err, ErrFull):
		d.refused++
	case err != nil:
		panic(err)
	default:
		if !ctx.Sender().IsNone() || len(ctx.Bytes()) != 0 || !errors.Is(ctx.Stash(), ErrInvalidArgument) {
			panic("a message that was stashed is still in hand")
		}
	}
	return true
}

var doors = NewKind("Door",
	On(Started, func(d *door, ctx *Context, _ Nothing) error { d.steps = append(d.steps, ctx.Stash()); return nil }),
	On(testWord, func(d *door, ctx *Context, word uint64) error {
		if !d.shut(ctx) {
			d.seen = append(d.seen, word)
		}
		return nil
	}),
	On(testBlock, func(d *door, ctx *Context, b block) error {
		if !d.shut(ctx) {
			d.seen = append(d.seen, b.Words[63])
		}
		return nil
	}),
	On(testBytes, func(d *door, ctx *Context, b []byte) error {
		if !d.shut(ctx) {
			d.bytes = append(d.bytes, string(b))
		}
		return nil
	}),
	On(testValue, func(d *door, ctx *Context, p *parcel) error {
		if d.shut(ctx) {
			return nil
		}
		d.labels = append(d.labels, p.label)
		if ctx.Wanted() {
			return testValue.Reply(ctx, p)
		}
		return nil
	}),
	On(doorGet, func(d *door, ctx *Context, word uint64) error {
		if d.shut(ctx) {
			return nil
		}
		return doorGet.Reply(ctx, word+uint64(len(d.seen)))
	}),
	On(doorOpen, func(d *door, ctx *Context, most uint64) error {
		d.opens = true
		return ctx.Unstash(int(most))
	}),
	On(doorFail, func(*door, *Context, Nothing) error { return errors.New("off its hinges") }))

func tellWords(t testing.TB, s *System, to Actor, from, until uint64) {
	t.Helper()
	var batch Batch
	for word := from; word < until; word++ {
		check0(t, testWord.Add(&batch, to, word))
	}
	must(s.TellMany(&batch))(t)
}

func upTo(count uint64) (words []uint64) {
	for word := range count {
		words = append(words, word)
	}
	return words
}

func stashed(t testing.TB, s *System) uint64 {
	t.Helper()
	ledger := must(s.Ledger())(t)
	if !ledger.Holds() || ledger.Queued != 0 {
		t.Errorf("%+v", ledger)
	}
	return ledger.Stashed
}

func TestWhatWasStashedComesBackFirstAndInOrder(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		d := &door{}
		actor := must(doors.Spawn(s, d))(t)
		tellWords(t, s, actor, 0, 10)
		settled(t, s)
		if n := stashed(t, s); n != 10 || len(d.seen) != 0 {
			t.Errorf("%d are stashed, %v seen", n, d.seen)
		}
		var batch Batch // with words behind it in the same activation
		check0(t, doorOpen.Add(&batch, actor, 0))
		for word := range uint64(10) {
			check0(t, testWord.Add(&batch, actor, 10+word))
		}
		must(s.TellMany(&batch))(t)
		settled(t, s)
		if n := stashed(t, s); n != 0 || !slices.Equal(d.seen, upTo(20)) {
			t.Errorf("%d are stashed, %v seen", n, d.seen)
		}
		if !errors.Is(d.steps[0], ErrInvalidArgument) {
			t.Error("a step of its life was stashed:", d.steps)
		}
	})
}

func TestAPartOfTheStashIsPutBack(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		d := &door{}
		actor := must(doors.Spawn(s, d))(t)
		tellWords(t, s, actor, 0, 10)
		check0(t, doorOpen.Tell(s, actor, 4))
		settled(t, s)
		if n := stashed(t, s); n != 6 || !slices.Equal(d.seen, upTo(4)) {
			t.Errorf("%d are stashed, %v seen", n, d.seen)
		}
		check0(t, doorOpen.Tell(s, actor, 6))
		settled(t, s)
		if !slices.Equal(d.seen, upTo(10)) {
			t.Error(d.seen)
		}
	})
}

func TestAFullStashRefusesAndLeavesTheMessageInHand(t *testing.T) {
	s := seeded(t)
	d := &door{}
	actor := must(doors.Spawn(s, d, StashMax(3)))(t)
	tellWords(t, s, actor, 0, 5)
	settled(t, s)
	if n := stashed(t, s); n != 3 || d.refused != 2 {
		t.Errorf("%d are stashed, %d refused", n, d.refused)
	}
}

func TestTheStashOfAnActorThatEndsIsDeadLetters(t *testing.T) {
	ends := map[string]func(*System, Actor) error{
		"stops":     func(s *System, a Actor) error { return Stop.Tell(s, a, Nothing{}) },
		"fails":     func(s *System, a Actor) error { return doorFail.Tell(s, a, Nothing{}) },
		"is killed": func(s *System, a Actor) error { return s.Kill(a) },
	}
	for name, end := range ends {
		inBoth(t, func(t *testing.T, s *System) {
			drops := 0
			actor := must(doors.Spawn(s, &door{}))(t)
			tellWords(t, s, actor, 0, 5)
			check0(t, testValue.Tell(s, actor, &parcel{"lost", &drops}))
			settled(t, s)
			check0(t, end(s, actor))
			settled(t, s)
			values.sweep()
			ledger := must(s.Ledger())(t)
			if stashed(t, s) != 0 || ledger.Dead[DeadStopped]+ledger.Dead[DeadFailed] != 6 || drops != 1 {
				t.Errorf("one that %s: %+v, %d drops", name, ledger, drops)
			}
		})
	}
}

func TestARestartPutsTheStashBack(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		d := &door{}
		above := spawnLife(t, s, &life{}, Children(Policy{Strategy: StrategyRestart}))
		actor := must(doors.Spawn(s, d, Supervised(above)))(t)
		tellWords(t, s, actor, 0, 5)
		settled(t, s)
		d.opens = true
		check0(t, doorFail.Tell(s, actor, Nothing{}))
		tellWords(t, s, actor, 5, 8)
		settled(t, s)
		if n := stashed(t, s); n != 0 || !slices.Equal(d.seen, upTo(8)) {
			t.Errorf("%d are stashed, %v seen", n, d.seen)
		}
	})
}

func TestEveryFormComesBackFromTheStash(t *testing.T) {
	inBoth(t, func(t *testing.T, s *System) {
		d, drops := &door{}, 0
		actor := must(doors.Spawn(s, d))(t)
		check0(t, testBlock.Tell(s, actor, bigBlock(1)))
		check0(t, testBytes.Tell(s, actor, []byte(strings.Repeat("long ", 20))))
		check0(t, testBytes.Tell(s, actor, []byte("short")))
		check0(t, testValue.Tell(s, actor, &parcel{"by reference", &drops}))
		settled(t, s)
		check0(t, doorOpen.Tell(s, actor, 0))
		settled(t, s)
		values.sweep()
		want := fmt.Sprint([]uint64{64}, []string{strings.Repeat("long ", 20), "short"}, []string{"by reference"}, 0)
		if got := fmt.Sprint(d.seen, d.bytes, d.labels, drops); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	})
}

func TestAnAskThatIsStashedIsAnsweredLater(t *testing.T) {
	s := newSystem(t, Options{Workers: 2})
	d, drops := &door{}, 0
	actor := must(doors.Spawn(s, d))(t)
	words, labels := make(chan uint64), make(chan string)
	go func() { words <- must(Ask(soon(t), s, actor, doorGet, 40, doorGet))(t) }()
	go func() {
		labels <- must(Ask(soon(t), s, actor, testValue, &parcel{"asked", &drops}, testValue))(t).label
	}()
	for stashed := uint64(0); stashed != 2; stashed = must(s.Ledger())(t).Stashed {
		settledBut(t, s)
	}
	check0(t, doorOpen.Tell(s, actor, 0))
	if word, label := <-words, <-labels; word != 40 || label != "asked" || drops != 0 {
		t.Error(word, label, drops)
	}
}

// settledBut lets others run while asks are open.
func settledBut(t testing.TB, s *System) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := s.Settle(ctx); err != nil && !errors.Is(err, ErrTimeout) {
		t.Fatal(err)
	}
}

func TestAValueThatWasAskedForAndStashedOutlivesItsAsk(t *testing.T) {
	for opens, want := range map[bool]int{true: 0, false: 1} {
		before := values.live()
		s := must(NewSystem(Options{Seeded: true, Seed: 1}))(t)
		d, drops := &door{}, 0
		actor := must(doors.Spawn(s, d))(t)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		if _, err := Ask(ctx, s, actor, testValue, &parcel{"late", &drops}, testValue); !errors.Is(err, ErrTimeout) {
			t.Error(err)
		}
		cancel()
		if opens {
			check0(t, doorOpen.Tell(s, actor, 0))
			settled(t, s)
			if !slices.Equal(d.labels, []string{"late"}) || values.live() != before {
				t.Errorf("%v, and %d values are left", d.labels, values.live()-before)
			}
		}
		must(s.Stop(soon(t)))(t)
		if drops != want || values.live() != before {
			t.Errorf("opened %v: %d drops, %d values are left", opens, drops, values.live()-before)
		}
		check0(t, s.Close())
	}
}

// A gate becomes open, and handles what it stashed before that.
func TestAnActorStashesUntilItBecomesWhatHandlesIt(t *testing.T) {
	open := NewKind("Open", On(testWord, func(seen *[]uint64, _ *Context, word uint64) error {
		*seen = append(*seen, word)
		return nil
	}))
	shut := NewKind("Shut",
		On(testWord, func(_ *[]uint64, ctx *Context, _ uint64) error { return ctx.Stash() }),
		On(testGet, func(_ *[]uint64, ctx *Context, _ Nothing) error {
			return errors.Join(ctx.Become(open), ctx.Unstash(0))
		}))
	inBoth(t, func(t *testing.T, s *System) {
		seen := []uint64{}
		actor := must(shut.Spawn(s, &seen))(t)
		var batch Batch
		for word := range uint64(600) { // more than an activation holds
			if word == 300 {
				check0(t, testGet.Add(&batch, actor, Nothing{}))
			}
			check0(t, testWord.Add(&batch, actor, word))
		}
		must(s.TellMany(&batch))(t)
		settled(t, s)
		if !slices.Equal(seen, upTo(600)) {
			t.Error(seen)
		}
	})
}
