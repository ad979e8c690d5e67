package actorcore

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Each way that a message ends, and how often its value is dropped.
func TestAValueThatNoHandlerGetsIsDroppedOnce(t *testing.T) {
	ends := map[string]struct {
		run   func(t *testing.T, s *System, value *parcel)
		drops int
	}{
		"handled": {func(t *testing.T, s *System, value *parcel) {
			check0(t, testValue.Tell(s, must(keepers.Spawn(s, &keeper{}))(t), value))
		}, 0},
		"handled by one that fails": {func(t *testing.T, s *System, value *parcel) {
			actor := must(Spawn(s, testValue, Func[*parcel](func(*Context, *parcel) error { return errors.New("no") })))(t)
			check0(t, testValue.Tell(s, actor, value))
		}, 0},
		"in the mailbox of one that stops": {func(t *testing.T, s *System, value *parcel) {
			blocked, free := make(chan struct{}), make(chan struct{})
			actor := must(NewKind("Slow",
				On(testGet, func(_ *int, ctx *Context, _ Nothing) error { close(blocked); <-free; ctx.Stop(); return nil }),
				On(testValue, func(*int, *Context, *parcel) error { return errors.New("too late") }),
			).Spawn(s, new(int)))(t)
			check0(t, testGet.Tell(s, actor, Nothing{}))
			<-blocked
			check0(t, testValue.Tell(s, actor, value))
			close(free)
		}, 1},
		"sent to one that is gone": {func(t *testing.T, s *System, value *parcel) {
			gone := must(keepers.Spawn(s, &keeper{}))(t)
			check0(t, Stop.Tell(s, gone, Nothing{}))
			settled(t, s)
			through := must(Spawn(s, testGet, Func[Nothing](func(ctx *Context, _ Nothing) error {
				testValue.Send(ctx, gone, value)
				return nil
			})))(t)
			check0(t, testGet.Tell(s, through, Nothing{}))
		}, 1},
		"told to one that is gone": {func(t *testing.T, s *System, value *parcel) {
			gone := must(keepers.Spawn(s, &keeper{}))(t)
			check0(t, Stop.Tell(s, gone, Nothing{}))
			settled(t, s)
			if err := testValue.Tell(s, gone, value); !errors.Is(err, ErrStale) {
				t.Error(err)
			}
		}, 0},
		"not looked at": {func(t *testing.T, s *System, value *parcel) {
			actor := must(NewKind("Blind", Else(func(*int, *Context) error { return nil })).Spawn(s, new(int)))(t)
			check0(t, testValue.Tell(s, actor, value))
		}, 1},
		"asked, and answered": {func(t *testing.T, s *System, value *parcel) {
			must(Ask(soon(t), s, must(oracles.Spawn(s, &oracle{}))(t), testValue, value, testValue))(t)
		}, 0},
		"asked, and late": {func(t *testing.T, s *System, value *parcel) {
			blocked, free := make(chan struct{}), make(chan struct{})
			kind := NewKind("Late",
				On(testGet, func(_ *int, _ *Context, _ Nothing) error { close(blocked); <-free; return nil }),
				On(testValue, func(*int, *Context, *parcel) error { return nil }))
			actor := must(kind.Spawn(s, new(int)))(t)
			check0(t, testGet.Tell(s, actor, Nothing{}))
			<-blocked
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			if _, err := Ask(ctx, s, actor, testValue, value, testValue); !errors.Is(err, ErrTimeout) {
				t.Error(err)
			}
			close(free)
		}, 0},
		"asked of one that is gone": {func(t *testing.T, s *System, value *parcel) {
			gone := must(keepers.Spawn(s, &keeper{}))(t)
			check0(t, Stop.Tell(s, gone, Nothing{}))
			settled(t, s)
			if _, err := Ask(soon(t), s, gone, testValue, value, testValue); !errors.Is(err, ErrStale) {
				t.Error(err)
			}
		}, 0},
		"requested of one that is gone": {func(t *testing.T, s *System, value *parcel) {
			gone := must(keepers.Spawn(s, &keeper{}))(t)
			check0(t, Stop.Tell(s, gone, Nothing{}))
			settled(t, s)
			asker := must(NewKind("Asker",
				On(testGet, func(_ *int, ctx *Context, _ Nothing) error {
					_, err := testValue.Request(ctx, gone, value, time.Second)
					return err
				}), On(AskFailures, func(*int, *Context, AskFailed) error { return nil })).Spawn(s, new(int)))(t)
			check0(t, testGet.Tell(s, asker, Nothing{}))
		}, 1},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			before := values.live()
			s := must(NewSystem(Options{}))(t)
			drops := 0
			end.run(t, s, &parcel{name, &drops})
			settled(t, s)
			must(s.Stop(soon(t)))(t)
			if drops != end.drops || values.live() != before {
				t.Errorf("dropped %d times, want %d; %d values are left", drops, end.drops, values.live()-before)
			}
			check0(t, s.Close())
		})
	}
}

func TestAValueThatIsRequestedEndsWithItsHandler(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 1})
	d, got, drops := &door{}, 0, 0
	desk := must(doors.Spawn(s, d))(t)
	asker := must(NewKind("Asker",
		On(testGet, func(_ *int, ctx *Context, _ Nothing) error {
			_, err := testValue.Request(ctx, desk, &parcel{"requested", &drops}, time.Hour)
			return err
		}), On(testValue, func(got *int, _ *Context, _ *parcel) error { *got++; return nil })).Spawn(s, &got))(t)
	before := values.live()
	check0(t, testGet.Tell(s, asker, Nothing{}))
	check0(t, s.Advance(soon(t), time.Millisecond)) // the door has stashed it
	check0(t, doorOpen.Tell(s, desk, 0))
	settled(t, s)
	values.sweep()
	if values.live() != before || drops != 0 || len(d.labels) != 1 || got != 1 {
		t.Errorf("%d values are left, %d drops, %v, %d answers", values.live()-before, drops, d.labels, got)
	}
}

func TestAWorkerDropsWithoutBeingAsked(t *testing.T) {
	s := newSystem(t, Options{})
	dropped := make(chan struct{})
	signals := Define[*signal](110, "signal")
	actor := must(NewKind("Blind", Else(func(*int, *Context) error { return nil })).Spawn(s, new(int)))(t)
	check0(t, signals.Tell(s, actor, &signal{dropped}))
	settled(t, s)
	check0(t, testGet.Tell(s, actor, Nothing{})) // its turn looks
	<-dropped
}

type signal struct{ dropped chan struct{} }

func (s *signal) Dropped() { close(s.dropped) }
