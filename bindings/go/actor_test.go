package actorcore

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// keeper keeps what it gets; its tests read it at quiet moments.
type keeper struct {
	words  []uint64
	pairs  []pair
	blocks []block
	bytes  [][]byte
	labels []string
	other  []string
	from   []Actor
}

var keepers = NewKind("Keeper",
	On(testWord, func(k *keeper, ctx *Context, word uint64) error {
		k.words = append(k.words, word)
		k.from = append(k.from, ctx.Sender())
		return nil
	}),
	On(testPair, func(k *keeper, _ *Context, p pair) error { k.pairs = append(k.pairs, p); return nil }),
	On(testBlock, func(k *keeper, _ *Context, b block) error { k.blocks = append(k.blocks, b); return nil }),
	On(testBytes, func(k *keeper, _ *Context, b []byte) error { k.bytes = append(k.bytes, slices.Clone(b)); return nil }),
	On(testValue, func(k *keeper, _ *Context, p *parcel) error { k.labels = append(k.labels, p.label); return nil }),
	Else(func(k *keeper, ctx *Context) error {
		k.other = append(k.other, fmt.Sprint(ctx.Type(), ctx.Bytes()))
		return nil
	}))

func bigBlock(first uint64) (b block) {
	for i := range b.Words {
		b.Words[i] = first + uint64(i)
	}
	return b
}

func TestEveryFormArrivesAsItWasSent(t *testing.T) {
	s := newSystem(t, Options{})
	kept := &keeper{}
	actor := must(keepers.Spawn(s, kept))(t)
	drops := 0
	check0(t, testWord.Tell(s, actor, 7))
	check0(t, testPair.Tell(s, actor, pair{1, 2}))
	check0(t, testBlock.Tell(s, actor, bigBlock(100)))
	check0(t, testBytes.Tell(s, actor, []byte("short")))
	check0(t, testBytes.Tell(s, actor, []byte(strings.Repeat("long ", 100))))
	check0(t, testBytes.Tell(s, actor, nil))
	check0(t, testValue.Tell(s, actor, &parcel{"by reference", &drops}))
	check0(t, testOther.Tell(s, actor, -2))
	settled(t, s)
	want := keeper{
		words: []uint64{7}, pairs: []pair{{1, 2}}, blocks: []block{bigBlock(100)},
		bytes:  [][]byte{[]byte("short"), []byte(strings.Repeat("long ", 100)), {}},
		labels: []string{"by reference"}, other: []string{"1048576 [254 255 255 255]"}, from: []Actor{{}},
	}
	if fmt.Sprint(*kept) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", *kept, want)
	}
}

// relay sends everything on, from inside a handler.
type relay struct{ to Actor }

var relays = NewKind("Relay",
	On(testWord, func(r *relay, ctx *Context, word uint64) error { testWord.Send(ctx, r.to, word); return nil }),
	On(testPair, func(r *relay, ctx *Context, p pair) error { testPair.Send(ctx, r.to, p); return nil }),
	On(testBlock, func(r *relay, ctx *Context, b block) error { testBlock.Send(ctx, r.to, b); return nil }),
	On(testBytes, func(r *relay, ctx *Context, b []byte) error { testBytes.Send(ctx, r.to, b); return nil }),
	On(testValue, func(r *relay, ctx *Context, p *parcel) error { testValue.Send(ctx, r.to, p); return nil }))

func TestHandlersSendEveryFormOn(t *testing.T) {
	s := newSystem(t, Options{})
	kept := &keeper{}
	actor := must(keepers.Spawn(s, kept))(t)
	through := must(relays.Spawn(s, &relay{actor}))(t)
	drops := 0
	const rounds = 2_000 // more than an outbox holds
	for i := range uint64(rounds) {
		check0(t, testWord.Tell(s, through, i))
	}
	check0(t, testPair.Tell(s, through, pair{3, 4}))
	check0(t, testBlock.Tell(s, through, bigBlock(5)))
	check0(t, testBytes.Tell(s, through, []byte(strings.Repeat("x", 33))))
	check0(t, testValue.Tell(s, through, &parcel{"twice", &drops}))
	settled(t, s)
	for i, word := range kept.words {
		if word != uint64(i) || kept.from[i] != through {
			t.Fatalf("message %d is %d from %v", i, word, kept.from[i])
		}
	}
	if len(kept.words) != rounds || kept.pairs[0] != (pair{3, 4}) || kept.blocks[0] != bigBlock(5) ||
		string(kept.bytes[0]) != strings.Repeat("x", 33) || kept.labels[0] != "twice" {
		t.Errorf("not all arrived: %d words, %v", len(kept.words), kept.labels)
	}
}

func TestABatchKeepsItsOrderAndNamesWhatWasRefused(t *testing.T) {
	s := newSystem(t, Options{})
	kept := &keeper{}
	actor := must(keepers.Spawn(s, kept))(t)
	gone := must(keepers.Spawn(s, &keeper{}))(t)
	check0(t, Stop.Tell(s, gone, Nothing{}))
	settled(t, s)
	drops := 0
	var batch Batch
	for i := range uint64(100) {
		check0(t, testWord.Add(&batch, actor, i))
	}
	check0(t, testBlock.Add(&batch, gone, block{}))
	check0(t, testValue.Add(&batch, gone, &parcel{"refused", &drops}))
	accepted, err := s.TellMany(&batch)
	if accepted != 100 || !errors.Is(err, ErrStale) {
		t.Errorf("accepted %d, %v", accepted, err)
	}
	settled(t, s)
	if !slices.IsSorted(kept.words) || len(kept.words) != 100 {
		t.Errorf("got %v", kept.words)
	}
	values.sweep()
	if drops != 0 {
		t.Error("a refused value is its sender's, but was dropped")
	}
	if accepted, err := s.TellMany(&batch); accepted != 0 || err != nil {
		t.Errorf("the batch was not emptied: %d, %v", accepted, err)
	}
}

type adder struct{ sum *uint64 }

func (a adder) Receive(_ *Context, p pair) error { *a.sum += p.A * p.B; return nil }

func TestAReceiverOrAFunctionIsAnActor(t *testing.T) {
	s := newSystem(t, Options{})
	sum := uint64(0)
	first := must(Spawn(s, testPair, adder{&sum}))(t)
	second := must(Spawn(s, testPair, Func[pair](func(ctx *Context, p pair) error {
		testPair.Send(ctx, first, pair{p.A, p.B + 1})
		return nil
	})))(t)
	check0(t, testPair.Tell(s, first, pair{2, 3}))
	check0(t, testPair.Tell(s, second, pair{10, 9}))
	settled(t, s)
	if sum != 106 {
		t.Errorf("the sum is %d", sum)
	}
}

// faulty fails in the way that a message names.
type faulty struct{ handled int }

var faulties = NewKind("Faulty", On(testWord, func(f *faulty, ctx *Context, word uint64) error {
	switch word {
	case 1:
		return errors.New("out of paper")
	case 2:
		panic("out of ink")
	case 3:
		var nothing *faulty
		nothing.handled++
	case 4:
		runtime.Goexit()
	case 5:
		return errors.New(strings.Repeat("a long story ", 100))
	}
	f.handled++
	return nil
}))

func TestAFailureHasItsActorsNameAndNoOneElseNotices(t *testing.T) {
	for word, want := range map[uint64]Failure{
		1: {Status: ErrHandler, Text: "go Faulty: out of paper: message type 101 (word)"},
		2: {Status: ErrPanic, Text: "go Faulty: panic: out of ink: message type 101 (word)"},
		3: {Status: ErrPanic, Text: "go Faulty: panic: runtime error: invalid memory address or nil pointer dereference: message type 101 (word)"},
		4: {Status: ErrPanic, Text: "go Faulty: panic: the handler ended its goroutine: message type 101 (word)"},
	} {
		s := newSystem(t, Options{Workers: 1})
		state, other := &faulty{}, &faulty{}
		actor := must(faulties.Spawn(s, state))(t)
		witness := must(faulties.Spawn(s, other))(t)
		var batch Batch
		for _, message := range []uint64{0, word, 0} {
			check0(t, testWord.Add(&batch, actor, message))
			check0(t, testWord.Add(&batch, witness, 0))
		}
		must(s.TellMany(&batch))(t)
		settled(t, s)
		failures := must(s.Failures(0))(t)
		if len(failures) != 1 || failures[0].Text != want.Text || failures[0].Status != want.Status ||
			failures[0].Actor != actor || failures[0].Type != 101 {
			t.Errorf("failures: %+v, want %+v", failures, want)
		}
		if state.handled != 1 || other.handled != 3 || s.Alive(actor) || !s.Alive(witness) {
			t.Errorf("message %d: handled %d and %d", word, state.handled, other.handled)
		}
		ledger := must(s.Ledger())(t)
		if ledger.Failed != 1 || ledger.Dead[DeadFailed] != 1 {
			t.Errorf("message %d: %+v", word, ledger)
		}
	}
}

func TestALongReasonKeepsItsEnd(t *testing.T) {
	s := newSystem(t, Options{})
	check0(t, testWord.Tell(s, must(faulties.Spawn(s, &faulty{}))(t), 5))
	settled(t, s)
	text := must(s.Failures(0))(t)[0].Text
	if !strings.HasPrefix(text, "go Faulty: a long story ") || !strings.HasSuffix(text, ": message type 101 (word)") ||
		len(text) != failureText {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}

func TestAMessageWithoutAHandlerFailsTheActor(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(Spawn(s, testPair, adder{new(uint64)}))(t)
	check0(t, testWord.Tell(s, actor, 1))
	settled(t, s)
	text := must(s.Failures(0))(t)[0].Text
	if text != "go adder: no handler for this message: message type 101 (word)" {
		t.Error(text)
	}
}

func TestAMessageOfTheWrongLengthFailsTheActor(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(keepers.Spawn(s, &keeper{}))(t)
	forged := Type[[]byte]{testPair.key | uint64(lengthOpen)<<32, testBytes.about}
	check0(t, forged.Tell(s, actor, []byte("not a pair")))
	settled(t, s)
	text := must(s.Failures(0))(t)[0].Text
	if text != "go Keeper: the message has 10 bytes, its type has 16: message type 102 (pair)" {
		t.Error(text)
	}
}

func TestASupervisorIsTold(t *testing.T) {
	s := newSystem(t, Options{})
	var told []Failed
	above := must(Spawn(s, Failures, Func[Failed](func(_ *Context, f Failed) error { told = append(told, f); return nil })))(t)
	below := must(faulties.Spawn(s, &faulty{}, Supervised(above)))(t)
	check0(t, testWord.Tell(s, below, 2))
	settled(t, s)
	if len(told) != 1 || told[0].Actor != below || told[0].Status != ErrPanic || told[0].Type != 101 {
		t.Errorf("told %+v", told)
	}
}

// stages notes its life.
type stages struct{ notes []string }

var staged = NewKind("Staged",
	On(Started, func(s *stages, _ *Context, _ Nothing) error { s.notes = append(s.notes, "started"); return nil }),
	On(testWord, func(s *stages, ctx *Context, word uint64) error {
		s.notes = append(s.notes, fmt.Sprint(word))
		if word == 0 {
			ctx.Stop()
		}
		return nil
	}),
	On(Stopped, func(s *stages, _ *Context, _ Nothing) error { s.notes = append(s.notes, "stopped"); return nil }))

func TestStartedComesFirstAndStoppedLast(t *testing.T) {
	s := newSystem(t, Options{})
	ends := map[string]func(Actor){
		"stops itself": func(a Actor) { check0(t, testWord.Tell(s, a, 0)) },
		"is sent Stop": func(a Actor) { check0(t, Stop.Tell(s, a, Nothing{})) },
		"is stopped":   func(a Actor) { check0(t, s.StopActor(a, true)) },
	}
	for name, end := range ends {
		state := &stages{}
		actor := must(staged.Spawn(s, state))(t)
		check0(t, testWord.Tell(s, actor, 1))
		end(actor)
		settled(t, s)
		notes := slices.DeleteFunc(state.notes, func(note string) bool { return note == "0" })
		if !slices.Equal(notes, []string{"started", "1", "stopped"}) || s.Alive(actor) {
			t.Errorf("one that %s: %v", name, state.notes)
		}
	}
}

func TestTheEndOfTheSystemStopsEveryone(t *testing.T) {
	s := must(NewSystem(Options{}))(t)
	states := make([]stages, 100)
	check0(t, staged.SpawnMany(s, states, nil))
	settled(t, s)
	report := must(s.Stop(soon(t)))(t)
	if report.Actors != 100 || report.Dropped != 0 || report.TimedOut {
		t.Errorf("%+v", report)
	}
	for i := range states {
		if !slices.Equal(states[i].notes, []string{"started", "stopped"}) {
			t.Fatalf("actor %d: %v", i, states[i].notes)
		}
	}
	check0(t, s.Close())
}
