package actorcore

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"
)

var testResult = Define[BatchResult](120, "batch result")

func TestALimiterSaysHowLongToWait(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	l := must(s.NewLimiter(LimiterOptions{Rate: 4, Keys: 2}))(t)
	defer l.Release()
	must(l.Take(4))(t)
	if wait, err := l.Take(1); !errors.Is(err, ErrOverloaded) || wait != time.Second/4 {
		t.Error(wait, err)
	}
	if _, err := l.Take(5); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
	must(l.TakeKey(Actor{7}.Key(), 4))(t)
	check0(t, l.Set(LimiterOptions{Rate: 1, Period: time.Minute, Burst: 1}))
	if wait, _ := l.Take(1); wait != 4*time.Minute {
		t.Error(wait)
	}
	if stats := must(l.Stats())(t); stats.Taken != 8 || stats.Keys != 1 {
		t.Errorf("%+v", stats)
	}
	var why *Error
	if _, err := s.NewLimiter(LimiterOptions{}); !errors.As(err, &why) || why.Status != ErrInvalidArgument {
		t.Error(err)
	}
}

func TestABreakerTakesTheFallback(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	b := must(s.NewBreaker(BreakerOptions{CallsMin: 2, FailureRatio: 0.6, Successes: 1}))(t)
	defer b.Release()
	broken := errors.New("broken")
	call := func(err error) (string, error) {
		return Guard(b, func() (string, error) { return "called", err }, func(why error) (string, error) {
			return "fallback", why
		})
	}
	if got, err := call(nil); got != "called" || err != nil {
		t.Error(got, err)
	}
	if got, err := call(broken); got != "fallback" || err != broken {
		t.Error(got, err)
	}
	if _, err := call(context.Canceled); err != context.Canceled {
		t.Error(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = Guard(b, func() (int, error) { panic("out of ink") }, nil)
	}()
	if got, err := call(nil); got != "fallback" || !errors.Is(err, ErrOverloaded) {
		t.Error(got, err)
	}
	stats := must(b.Stats())(t)
	if stats.State != BreakerOpen || stats.Failed != 2 || stats.Ignored != 1 || stats.Refused != 1 {
		t.Errorf("%+v", stats)
	}
	check0(t, b.Force(BreakerForcedClosed))
	changes := must(b.Changes(0))(t)
	if len(changes) != 2 || changes[0].Reason != BreakerFailures || changes[1].Reason != BreakerForced {
		t.Errorf("%+v", changes)
	}
}

// byteAdder is an actor that adds up the bytes of each item.
type byteAdder struct {
	batcher *Batcher
	taken   Taken
	users   []uint64
}

func byteSum(data []byte) (sum uint64) {
	for _, b := range data {
		sum += uint64(b)
	}
	return sum
}

var byteAdders = NewKind("ByteAdder", On(Batches, func(a *byteAdder, _ *Context, user uint64) error {
	a.users = append(a.users, user)
	if err := a.batcher.TryTake(&a.taken); err != nil {
		return err
	}
	for i := range a.taken.Len() {
		a.taken.Set(i, byteSum(a.taken.Data(i)), OK)
	}
	return a.batcher.Done(&a.taken)
}))

func TestAnActorGetsBatches(t *testing.T) {
	s := newSystem(t, Options{Seeded: true})
	state := &byteAdder{}
	actor := must(byteAdders.Spawn(s, state))(t)
	var results []BatchResult
	to := must(Spawn(s, testResult, Func[BatchResult](func(_ *Context, result BatchResult) error {
		results = append(results, result)
		return nil
	})))(t)
	state.batcher = must(s.NewBatcher(BatcherOptions{Size: 2, To: actor, User: 9}))(t)
	defer state.batcher.Release()
	for _, data := range [][]byte{{1, 2}, bytes.Repeat([]byte{1}, 100), {5}} {
		must(state.batcher.Put(Item{Data: data, ReplyTo: to, Reply: testResult, Correlation: 1}))(t)
	}
	settled(t, s)
	want := []BatchResult{{Ticket: 1, Value: 3}, {Ticket: 2, Value: 100}, {Ticket: 3, Value: 5}}
	if len(results) != 3 || results[0] != want[0] || results[1] != want[1] || results[2] != want[2] {
		t.Errorf("%+v", results)
	}
	if len(state.users) != 2 || state.users[0] != 9 {
		t.Error(state.users)
	}
	if stats := must(state.batcher.Stats())(t); stats.Full != 1 || stats.TimedOut != 1 || stats.Waiting != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestAGoroutineTakesBatches(t *testing.T) {
	s := newSystem(t, Options{})
	b := must(s.NewBatcher(BatcherOptions{Size: 4, Capacity: 4}))(t)
	var taken Taken
	if err := b.TryTake(&taken); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
	var tickets [4]uint64
	for i := range tickets {
		tickets[i] = must(b.Put(Item{Data: []byte{byte(i)}}))(t)
	}
	if _, err := b.Put(Item{}); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	check0(t, b.Take(soon(t), &taken))
	if taken.Len() != 4 || taken.Ticket(3) != tickets[3] || taken.Data(3)[0] != 3 {
		t.Error(taken.Len())
	}
	taken.Set(1, 11, ErrHandler)
	check0(t, b.Done(&taken))
	if result := must(b.Wait(soon(t), tickets[1]))(t); result.Value != 11 || result.Status != ErrHandler {
		t.Errorf("%+v", result)
	}
	must(b.Put(Item{}))(t)
	check0(t, b.Take(context.Background(), &taken))
	check0(t, b.Fail(&taken, ErrRejected))
	if result := must(b.Wait(soon(t), 5))(t); result.Status != ErrRejected {
		t.Errorf("%+v", result)
	}
	ended := make(chan error)
	go func() { ended <- b.Take(context.Background(), &Taken{}) }()
	b.Release()
	if err := <-ended; !errors.Is(err, ErrStale) {
		t.Error(err)
	}
}

func TestAPutAndATakeAllocateNothing(t *testing.T) {
	s := newSystem(t, Options{})
	l := must(s.NewLimiter(LimiterOptions{Rate: 1_000_000}))(t)
	defer l.Release()
	b := must(s.NewBatcher(BatcherOptions{Size: 1}))(t)
	defer b.Release()
	breaker := must(s.NewBreaker(BreakerOptions{}))(t)
	defer breaker.Release()
	data := []byte("some bytes")
	var taken Taken
	if n := testing.AllocsPerRun(100, func() {
		_, _ = l.Take(1)
		permit, _ := breaker.Enter()
		_ = breaker.Leave(permit, OutcomeSuccess)
		_, _ = b.Put(Item{Data: data})
		_ = b.TryTake(&taken)
		_ = b.Done(&taken)
	}); n != 0 {
		t.Error(n, "allocations")
	}
}
