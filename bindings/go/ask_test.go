package actorcore

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

// oracle answers, or not, as it is asked to.
type oracle struct {
	held, hold chan struct{}
}

var oracles = NewKind("Oracle",
	On(testWord, func(o *oracle, ctx *Context, word uint64) error {
		switch word {
		case 1:
			close(o.held)
			<-o.hold
			ctx.Stop()
			return nil
		case 2:
			return errors.New("no idea")
		case 3:
			return nil // silence
		case 4:
			<-o.hold
		case 5:
			return testPair.Reply(ctx, pair{5, 5})
		}
		return testWord.Reply(ctx, word*2)
	}),
	On(testPair, func(_ *oracle, ctx *Context, p pair) error { return testPair.Reply(ctx, pair{p.B, p.A}) }),
	On(testBlock, func(_ *oracle, ctx *Context, b block) error { b.Words[0]++; return testBlock.Reply(ctx, b) }),
	On(testBytes, func(_ *oracle, ctx *Context, b []byte) error { return testBytes.Reply(ctx, append(b, b...)) }),
	On(testValue, func(_ *oracle, ctx *Context, p *parcel) error { p.label += "!"; return testValue.Reply(ctx, p) }),
	On(testGet, func(_ *oracle, ctx *Context, _ Nothing) error { return testGet.Reply(ctx, Nothing{}) }))

func TestEveryFormIsAskedAndAnswered(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(oracles.Spawn(s, &oracle{}))(t)
	for name, ctx := range map[string]context.Context{"without an end": context.Background(), "with a deadline": soon(t)} {
		if word := must(Ask(ctx, s, actor, testWord, 21, testWord))(t); word != 42 {
			t.Errorf("%s: %d", name, word)
		}
		if p := must(Ask(ctx, s, actor, testPair, pair{1, 2}, testPair))(t); p != (pair{2, 1}) {
			t.Errorf("%s: %v", name, p)
		}
		if b := must(Ask(ctx, s, actor, testBlock, bigBlock(1), testBlock))(t); b.Words[0] != 2 || b.Words[63] != 64 {
			t.Errorf("%s: %v", name, b)
		}
		if b := must(Ask(ctx, s, actor, testBytes, []byte("twenty bytes, about."), testBytes))(t); string(b) != "twenty bytes, about.twenty bytes, about." {
			t.Errorf("%s: %s", name, b)
		}
		drops := 0
		if p := must(Ask(ctx, s, actor, testValue, &parcel{"hello", &drops}, testValue))(t); p.label != "hello!" || drops != 0 {
			t.Errorf("%s: %v", name, p)
		}
		must(Ask(ctx, s, actor, testGet, Nothing{}, testGet))(t)
	}
}

func TestAnAskOfAnActorThatFailsOrIsGoneEnds(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(oracles.Spawn(s, &oracle{}))(t)
	if _, err := Ask(soon(t), s, actor, testWord, 2, testWord); !errors.Is(err, ErrFailed) {
		t.Error(err)
	}
	settled(t, s)
	if _, err := Ask(soon(t), s, actor, testWord, 0, testWord); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
}

func TestAnAskThatIsDroppedEnds(t *testing.T) {
	s := newSystem(t, Options{})
	state := &oracle{make(chan struct{}), make(chan struct{})}
	actor := must(oracles.Spawn(s, state))(t)
	check0(t, testWord.Tell(s, actor, 1))
	<-state.held
	before := must(s.Ledger())(t).Accepted
	result := make(chan error)
	go func() {
		_, err := Ask(soon(t), s, actor, testWord, 0, testWord)
		result <- err
	}()
	for must(s.Ledger())(t).Accepted == before {
		runtime.Gosched() // until the request is in the mailbox
	}
	close(state.hold)
	if err := <-result; !errors.Is(err, ErrNoReply) {
		t.Error(err)
	}
}

func TestADeadlineEndsAnAsk(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(oracles.Spawn(s, &oracle{}))(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := Ask(ctx, s, actor, testWord, 3, testWord)
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := Ask(ctx, s, actor, testWord, 3, testWord); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("a context that is over:", err)
	}
	if word := must(Ask(soon(t), s, actor, testWord, 1000, testWord))(t); word != 2000 {
		t.Errorf("afterwards it answers %d", word)
	}
}

func TestACancelledAskReturnsAtOnce(t *testing.T) {
	s := newSystem(t, Options{})
	hold := make(chan struct{})
	actor := must(oracles.Spawn(s, &oracle{hold: hold}))(t)
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	go func() {
		_, err := Ask(ctx, s, actor, testWord, 4, testWord)
		result <- err
	}()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(hold)
	settled(t, s)
}

func TestAReplyOfAnotherTypeIsAnError(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(oracles.Spawn(s, &oracle{}))(t)
	_, err := Ask(soon(t), s, actor, testWord, 5, testWord)
	if err == nil || err.Error() != "actorcore: the reply is message type 102 (pair), not 101 (word)" {
		t.Error(err)
	}
}

// asker asks an oracle inside its handler.
type asker struct {
	oracle   Actor
	asked    []uint64
	answered []uint64
	answers  []uint64
	failed   []AskFailed
	err      error
}

var askers = NewKind("Asker",
	On(testPair, func(a *asker, ctx *Context, p pair) error {
		correlation, err := testWord.Request(ctx, a.oracle, p.A, time.Duration(p.B))
		a.asked = append(a.asked, correlation)
		return err
	}),
	On(testWord, func(a *asker, ctx *Context, word uint64) error {
		if !ctx.IsReply() {
			return errors.New("this is no reply")
		}
		a.answered, a.answers = append(a.answered, ctx.Correlation()), append(a.answers, word)
		return nil
	}),
	On(AskFailures, func(a *asker, ctx *Context, f AskFailed) error {
		a.answered, a.failed = append(a.answered, ctx.Correlation()), append(a.failed, f)
		return nil
	}),
	On(testGet, func(a *asker, ctx *Context, _ Nothing) error {
		a.err = testGet.Reply(ctx, Nothing{})
		return nil
	}))

func TestAHandlerAsksAndTheAnswerIsAMessage(t *testing.T) {
	s := newSystem(t, Options{})
	state := &asker{}
	state.oracle = must(oracles.Spawn(s, &oracle{}))(t)
	actor := must(askers.Spawn(s, state))(t)
	for _, p := range []pair{{50, uint64(time.Minute)}, {3, uint64(time.Millisecond)}, {2, uint64(time.Minute)}} {
		check0(t, testPair.Tell(s, actor, p))
		settled(t, s)
	}
	if len(state.answers) != 1 || state.answers[0] != 100 {
		t.Errorf("answers %v", state.answers)
	}
	if len(state.failed) != 2 || state.failed[0].Status != ErrTimeout || state.failed[1].Status != ErrFailed ||
		state.failed[1].To != state.oracle || state.failed[1].Type != 101 {
		t.Errorf("failed %+v", state.failed)
	}
	for i, correlation := range state.asked {
		if correlation == 0 || state.answered[i] != correlation {
			t.Errorf("asked %v, answered %v", state.asked, state.answered)
		}
	}
}

func TestAReplyToNoRequestIsAnError(t *testing.T) {
	s := newSystem(t, Options{})
	state := &asker{}
	check0(t, testGet.Tell(s, must(askers.Spawn(s, state))(t), Nothing{}))
	settled(t, s)
	if !errors.Is(state.err, ErrInvalidArgument) {
		t.Error(state.err)
	}
}

func TestWaitingInsideAHandlerIsRefused(t *testing.T) {
	s := newSystem(t, Options{Workers: 2})
	other := must(oracles.Spawn(s, &oracle{}))(t)
	var errs []error
	actor := must(Spawn(s, testGet, Func[Nothing](func(ctx *Context, _ Nothing) error {
		for _, waits := range []context.Context{ctx, context.Background()} {
			_, err := Ask(waits, s, other, testWord, 7, testWord)
			errs = append(errs, err, s.Settle(waits))
			_, err = s.Stop(waits)
			errs = append(errs, err)
		}
		return nil
	})))(t)
	check0(t, testGet.Tell(s, actor, Nothing{}))
	settled(t, s)
	if len(errs) != 6 {
		t.Fatal("the handler did not get to its end")
	}
	for i, err := range errs {
		if !errors.Is(err, ErrWouldDeadlock) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}
