package actorcore

import (
	"context"
	"errors"
	"testing"
	"time"
)

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// tracer looks at the span of what it is told, answers requests, and passes words on in a child.
type tracer struct {
	next   Actor
	asked  []Actor
	seen   []Trace
	none   []error
	ids    []uint64
	ends   []uint64
	failed []error
}

func (tr *tracer) look(c *Context) Span {
	span, err := c.Span()
	if err != nil {
		tr.none = append(tr.none, err)
		return Span{}
	}
	trace, err := span.Trace()
	if err != nil {
		tr.none = append(tr.none, err)
	}
	tr.seen = append(tr.seen, trace)
	return span
}

var tracers = NewKind("Tracer",
	On(testWord, func(tr *tracer, c *Context, word uint64) error {
		if c.IsReply() {
			tr.ends = append(tr.ends, c.Correlation())
			tr.look(c)
			return nil
		}
		span := tr.look(c)
		if c.Correlation() != 0 && tr.next.IsNone() {
			return testWord.Reply(c, word+1)
		}
		child, err := span.Child(word)
		if err != nil {
			return err
		}
		testWord.SendIn(c, child, tr.next, word)
		_, err = span.End()
		return err
	}),
	On(testPair, func(tr *tracer, c *Context, p pair) (err error) {
		tr.ids, err = testWord.RequestIn(c, c.System().SpanOf(p.A), tr.asked, p.B, time.Minute)
		return err
	}),
	On(AskFailures, func(tr *tracer, c *Context, f AskFailed) error {
		tr.failed = append(tr.failed, f.Status)
		return nil
	}))

func TestATraceparentThatWasReadIsWrittenAsItWas(t *testing.T) {
	trace := must(ParseTrace(traceparent))(t)
	if !trace.Sampled || trace.TraceID[0] != 0x4b || trace.SpanID[7] != 0xb7 || trace.ParentID != [8]byte{} {
		t.Errorf("%+v", trace)
	}
	if text := must(trace.Traceparent())(t); text != traceparent {
		t.Error(text)
	}
	for _, wrong := range []string{"", traceparent[1:], traceparent + "-", "ff" + traceparent[2:]} {
		if _, err := ParseTrace(wrong); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := (Trace{}).Traceparent(); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestAMessageCarriesItsSpan(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 4})
	last := &tracer{}
	first := &tracer{next: must(tracers.Spawn(s, last))(t)}
	actor := must(tracers.Spawn(s, first))(t)
	remote := must(ParseTrace(traceparent))(t)
	span := must(s.BeginSpanIn(remote, 7))(t)
	trace := must(span.Trace())(t)
	check0(t, testWord.TellIn(s, span, actor, 3))
	settled(t, s)
	if len(first.seen) != 2 || first.seen[0] != trace || trace.TraceID != remote.TraceID || trace.ParentID != remote.SpanID {
		t.Errorf("first %+v of %+v", first.seen, trace)
	}
	if len(last.seen) != 1 || last.seen[0].TraceID != trace.TraceID || last.seen[0].ParentID != trace.SpanID {
		t.Errorf("last %+v of %+v", last.seen, trace)
	}
	if first.seen[1] != last.seen[0] {
		t.Errorf("the reply carries %+v", first.seen[1])
	}
	if _, err := span.Trace(); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
	open := must(s.Spans(8))(t)
	if len(open) != 1 || open[0].Tag != 3 || open[0].Trace != last.seen[0] {
		t.Errorf("open %+v", open)
	}
	record := must(open[0].Span.End())(t)
	if record.Tag != 3 || record.Ended < record.Begun || record.Span != open[0].Span {
		t.Errorf("ended %+v", record)
	}
	if stats := must(s.SpanStats())(t); stats != (SpanStats{Begun: 2, Ended: 2}) {
		t.Errorf("%+v", stats)
	}
}

func TestAnAskCarriesTheSpanOfItsContext(t *testing.T) {
	for _, options := range []Options{{}, {Seeded: true, Seed: 3}} {
		s := newSystem(t, options)
		state := &tracer{}
		actor := must(tracers.Spawn(s, state))(t)
		span := must(s.BeginSpan(0))(t)
		trace := must(span.Trace())(t)
		for _, ctx := range []context.Context{context.Background(), soon(t)} {
			if word := must(Ask(WithSpan(ctx, span), s, actor, testWord, 1, testWord))(t); word != 2 {
				t.Error(word)
			}
		}
		answers := must(AskMany(WithSpan(soon(t), span), s, []Actor{actor, actor}, testWord, 4, testWord))(t)
		for _, answer := range answers {
			if answer.Err != nil || answer.Reply != 5 {
				t.Errorf("%+v", answer)
			}
		}
		must(Ask(soon(t), s, actor, testWord, 1, testWord))(t)
		if len(state.seen) != 4 || len(state.none) != 1 || !errors.Is(state.none[0], ErrNotFound) {
			t.Errorf("seen %+v, without %v", state.seen, state.none)
		}
		for _, seen := range state.seen {
			if seen != trace {
				t.Errorf("%+v, not %+v", seen, trace)
			}
		}
		must(span.End())(t)
		if _, err := Ask(WithSpan(soon(t), span), s, actor, testWord, 1, testWord); !errors.Is(err, ErrStale) {
			t.Error(err)
		}
	}
}

func TestManyAreAskedInsideAHandler(t *testing.T) {
	s := newSystem(t, Options{Seeded: true, Seed: 9})
	states := make([]tracer, 4)
	asked := make([]Actor, 4)
	for i := range states {
		asked[i] = must(tracers.Spawn(s, &states[i]))(t)
	}
	check0(t, s.StopActor(asked[2], false))
	settled(t, s)
	asker := &tracer{asked: asked}
	actor := must(tracers.Spawn(s, asker))(t)
	span := must(s.BeginSpan(0))(t)
	check0(t, testPair.Tell(s, actor, pair{span.Bits(), 8}))
	settled(t, s)
	if len(asker.ids) != 4 || len(asker.ends) != 3 || len(asker.failed) != 1 || !errors.Is(asker.failed[0], ErrStale) {
		t.Fatalf("%+v", asker)
	}
	for _, end := range asker.ends {
		if end != asker.ids[0] && end != asker.ids[1] && end != asker.ids[3] {
			t.Errorf("%d is none of %v", end, asker.ids)
		}
	}
	for i, state := range states {
		if want := 1; i != 2 && (len(state.seen) != want || state.seen[0] != must(span.Trace())(t)) {
			t.Errorf("%d saw %+v", i, state.seen)
		}
	}
	if len(asker.none) != 3 || !errors.Is(asker.none[0], ErrNotFound) {
		t.Errorf("the answers: %v", asker.none)
	}
	asker.asked = append(asker.asked, Actor{})
	before := must(s.Ledger())(t).Accepted
	check0(t, testPair.Tell(s, actor, pair{span.Bits(), 8}))
	settled(t, s)
	if accepted := must(s.Ledger())(t).Accepted; accepted != before+1 {
		t.Errorf("%d more were accepted, though one could not be asked", accepted-before-1)
	}
	must(span.End())(t)
}
