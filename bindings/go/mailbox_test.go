package actorcore

import (
	"errors"
	"slices"
	"testing"
)

// hoard keeps what it gets.
type hoard struct {
	seen     []uint64
	pressure []Pressure
	feed     Actor
}

var (
	hoardLow  = Define[uint64](9301, "HoardLow")
	hoardHigh = Define[uint64](9302, "HoardHigh")
	hoardFeed = Define[uint64](9303, "HoardFeed")
	hoards    = NewKind("Hoard",
		On(hoardLow, func(h *hoard, _ *Context, value uint64) error {
			h.seen = append(h.seen, value)
			return nil
		}),
		On(hoardHigh, func(h *hoard, _ *Context, value uint64) error {
			h.seen = append(h.seen, value)
			return nil
		}),
		On(hoardFeed, func(h *hoard, ctx *Context, count uint64) error {
			for i := range count {
				hoardLow.Send(ctx, h.feed, i)
			}
			return nil
		}),
		On(Pressures, func(h *hoard, _ *Context, pressure Pressure) error {
			h.pressure = append(h.pressure, pressure)
			return nil
		}))
)

func TestAMailboxHasACapacityAndAnOrder(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	state := &hoard{}
	to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{
		Order: OrderPriority, Capacity: 3, Types: []MailboxType{{Type: hoardLow.Number(), Rank: 9}},
	})))(t)
	check0(t, hoardLow.Tell(s, to, 1))
	check0(t, hoardHigh.Tell(s, to, 2))
	check0(t, hoardLow.Tell(s, to, 3))
	if err := hoardHigh.Tell(s, to, 4); !errors.Is(err, ErrFull) {
		t.Errorf("a fourth one: %v", err)
	}
	if stats := must(s.Mailbox(to))(t); stats.Length != 3 || stats.Refused != 1 || stats.Estimate {
		t.Errorf("%+v", stats)
	}
	settled(t, s)
	if !slices.Equal(state.seen, []uint64{2, 1, 3}) {
		t.Error(state.seen)
	}
}

func TestAMailboxConflatesByAKeyOfThePayload(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	state := &hoard{}
	to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Conflate: true, Key: PayloadWord{Bytes: 4, Offset: 4}})))(t)
	for i := range uint64(6) {
		check0(t, hoardLow.Tell(s, to, i%2<<32|i))
	}
	settled(t, s)
	if !slices.Equal(state.seen, []uint64{4, 1<<32 | 5}) {
		t.Error(state.seen)
	}
	if _, err := hoards.Spawn(s, state, WithMailbox(Mailbox{Key: PayloadWord{Bytes: 3}})); !errors.Is(err, ErrUnknownConstant) {
		t.Errorf("a word of three bytes: %v", err)
	}
}

func TestAFullMailboxDoesWhatItsPolicySays(t *testing.T) {
	for policy, want := range map[Overflow]struct {
		err    error
		seen   []uint64
		reason DeadReason
	}{
		OverflowFail:       {ErrFull, []uint64{1, 2}, 0},
		OverflowDropNewest: {nil, []uint64{1, 2}, DeadDropped},
		OverflowDropOldest: {nil, []uint64{2, 3}, DeadDropped},
		OverflowDeadLetter: {nil, []uint64{1, 2}, DeadOverflow},
	} {
		s := newSystem(t, Options{Seeded: true})
		state := &hoard{}
		to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Capacity: 2, Overflow: policy})))(t)
		check0(t, hoardLow.Tell(s, to, 1))
		check0(t, hoardLow.Tell(s, to, 2))
		if err := hoardLow.Tell(s, to, 3); !errors.Is(err, want.err) {
			t.Errorf("%v: %v", policy, err)
		}
		settled(t, s)
		dead := must(s.Ledger())(t).Dead
		if !slices.Equal(state.seen, want.seen) || want.reason != 0 && dead[want.reason] != 1 {
			t.Errorf("%v: %v, %v", policy, state.seen, dead)
		}
	}
}

func TestControlComesFirstAndWhatIsDistinctIsNotConflated(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	state := &hoard{}
	to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Order: OrderControlFirst, Conflate: true, Types: []MailboxType{
		{Type: hoardHigh.Number(), Control: true, Distinct: true}}})))(t)
	for i := range uint64(3) {
		check0(t, hoardLow.Tell(s, to, i))
		check0(t, hoardHigh.Tell(s, to, 10+i))
	}
	settled(t, s)
	if !slices.Equal(state.seen, []uint64{10, 11, 12, 2}) {
		t.Error(state.seen)
	}
	if ledger := must(s.Ledger())(t); ledger.Dead[DeadConflated] != 2 {
		t.Errorf("%+v", ledger)
	}
}

func TestAMailboxRanksByANumberOfThePayload(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	state := &hoard{}
	to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Order: OrderPriority, Rank: PayloadWord{Bytes: 8}})))(t)
	for _, rank := range []uint64{1 << 40, 7, 0, 8} {
		check0(t, hoardLow.Tell(s, to, rank))
	}
	settled(t, s)
	if !slices.Equal(state.seen, []uint64{0, 7, 8, 1 << 40}) {
		t.Error(state.seen)
	}
}

func TestASenderIsToldOfPressure(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	full, from := &hoard{}, &hoard{}
	from.feed = must(hoards.Spawn(s, full, WithMailbox(Mailbox{High: 2})))(t)
	check0(t, hoardFeed.Tell(s, must(hoards.Spawn(s, from))(t), 5))
	settled(t, s)
	if len(from.pressure) != 2 || PressureLevel(from.pressure[0].Level) != PressureHigh ||
		PressureLevel(from.pressure[1].Level) != PressureLow || from.pressure[0].Actor != from.feed {
		t.Errorf("%+v", from.pressure)
	}
}
