package actorcore

import (
	"errors"
	"slices"
	"testing"
)

// A friend watches and links to others, and writes down their ends.
type friend struct {
	ends  []Ended
	exits []Ended
	err   error
}

var (
	friendWatch   = Define[Actor](9430, "watch")
	friendUnwatch = Define[Actor](9431, "unwatch")
	friendLink    = Define[Actor](9432, "link")
	friendUnlink  = Define[Actor](9433, "unlink")

	friends = NewKind("Friend",
		On(friendWatch, func(f *friend, ctx *Context, a Actor) error { f.err = ctx.Watch(a); return nil }),
		On(friendUnwatch, func(f *friend, ctx *Context, a Actor) error { f.err = ctx.Unwatch(a); return nil }),
		On(friendLink, func(f *friend, ctx *Context, a Actor) error { f.err = ctx.Link(a); return nil }),
		On(friendUnlink, func(f *friend, ctx *Context, a Actor) error { f.err = ctx.Unlink(a); return nil }),
		On(lifeFail, func(*friend, *Context, Nothing) error { return errors.New("a bad day") }),
		On(Terminations, func(f *friend, _ *Context, end Ended) error { f.ends = append(f.ends, end); return nil }),
		On(Exits, func(f *friend, _ *Context, end Ended) error { f.exits = append(f.exits, end); return nil }))
)

// tie has a friend do something with another.
func tie(t testing.TB, s *System, how Type[Actor], f *friend, one, other Actor) error {
	t.Helper()
	check0(t, how.Tell(s, one, other))
	settled(t, s)
	return f.err
}

// twoFriends are a friend, with its options, and another one.
func twoFriends(t testing.TB, s *System, options ...SpawnOption) (f *friend, one, other Actor) {
	t.Helper()
	f = &friend{}
	return f, must(friends.Spawn(s, f, options...))(t), must(friends.Spawn(s, &friend{}))(t)
}

var waysToEnd = map[Status]func(*System, Actor) error{
	OK:        func(s *System, a Actor) error { return Stop.Tell(s, a, Nothing{}) },
	ErrFailed: func(s *System, a Actor) error { return lifeFail.Tell(s, a, Nothing{}) },
}

func TestAWatcherIsToldOnceHowTheActorEnded(t *testing.T) {
	for status, end := range waysToEnd {
		inBoth(t, func(t *testing.T, s *System) {
			f, one, other := twoFriends(t, s)
			check0(t, tie(t, s, friendWatch, f, one, other))
			check0(t, s.Watch(one, other)) // twice is once
			check0(t, end(s, other))
			settled(t, s)
			if !slices.Equal(f.ends, []Ended{{other, status, 0}}) || len(f.exits) != 0 {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestWhoWatchesADeadActorIsToldAtOnce(t *testing.T) {
	s := seeded(t)
	f, one, other := twoFriends(t, s)
	check0(t, s.Kill(other))
	settled(t, s)
	check0(t, tie(t, s, friendWatch, f, one, other))
	if !slices.Equal(f.ends, []Ended{{other, ErrStale, 0}}) {
		t.Errorf("%+v", f)
	}
	if err := s.Watch(other, one); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
	if err := tie(t, s, friendWatch, f, one, one); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestAWatchSurvivesRestartsAndEndsWhenItIsEnded(t *testing.T) {
	s := seeded(t)
	f, one, other := twoFriends(t, s)
	if err := tie(t, s, friendUnwatch, f, one, other); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	check0(t, tie(t, s, friendWatch, f, one, other))
	check0(t, s.Restart(one))
	check0(t, s.Restart(other))
	settled(t, s)
	if len(f.ends) != 0 {
		t.Errorf("%+v", f)
	}
	third := must(friends.Spawn(s, &friend{}))(t)
	check0(t, s.Watch(one, third))
	check0(t, tie(t, s, friendUnwatch, f, one, third))
	check0(t, s.StopActor(third, false))
	check0(t, s.Kill(other))
	settled(t, s)
	if !slices.Equal(f.ends, []Ended{{other, OK, 0}}) {
		t.Errorf("%+v", f)
	}
}

func TestLinkedActorsFailTogetherAndStopAlone(t *testing.T) {
	for status, end := range waysToEnd {
		inBoth(t, func(t *testing.T, s *System) {
			f, one, other := twoFriends(t, s)
			check0(t, tie(t, s, friendLink, f, one, other))
			check0(t, end(s, other))
			settled(t, s)
			if s.Alive(one) != (status == OK) || len(f.exits) != 0 {
				t.Errorf("%v: alive is %v, %+v", status, s.Alive(one), f)
			}
			failures := must(s.Failures(0))(t)
			if status == ErrFailed && (len(failures) != 2 || failures[1].Actor != one || failures[1].Status != ErrFailed) {
				t.Errorf("%+v", failures)
			}
			if status == OK && !errors.Is(s.Link(one, other), ErrStale) {
				t.Error("linked to one that is gone")
			}
		})
	}
}

func TestWhoTrapsExitsIsToldOfAnyEndAndLivesOn(t *testing.T) {
	for status, end := range waysToEnd {
		inBoth(t, func(t *testing.T, s *System) {
			f, one, other := twoFriends(t, s, TrapExit())
			check0(t, s.Link(other, one))
			check0(t, end(s, other))
			settled(t, s)
			if !s.Alive(one) || !slices.Equal(f.exits, []Ended{{other, status, 0}}) || len(f.ends) != 0 {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestWhoIsLinkedNoMoreLivesOn(t *testing.T) {
	s := seeded(t)
	f, one, other := twoFriends(t, s)
	check0(t, s.Link(one, other))
	check0(t, tie(t, s, friendUnlink, f, one, other))
	if err := s.Unlink(one, other); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	check0(t, lifeFail.Tell(s, other, Nothing{}))
	settled(t, s)
	if !s.Alive(one) || s.Alive(other) {
		t.Error("they are linked")
	}
}
