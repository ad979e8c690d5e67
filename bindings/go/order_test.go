package actorcore

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// lowHalf is the lower 32 bits of what a message says.
func lowHalf(message Incoming) uint64 {
	word, err := testWord.In(testWord.Number(), message.Bytes())
	if err != nil {
		panic(err)
	}
	return word & (1<<32 - 1)
}

// released says at the test's end that no function of a mailbox is kept any more.
func released(t *testing.T) {
	before := values.live()
	t.Cleanup(func() {
		if left := values.live() - before; left != 0 {
			t.Errorf("%d orders are left", left)
		}
	})
}

func TestAFunctionSaysWhichMessageComesFirst(t *testing.T) {
	released(t)
	s := newSystem(t, Options{Seeded: true})
	state := &hoard{}
	to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Order: OrderPriority, RankBy: lowHalf})))(t)
	for _, word := range []uint64{3, 1<<32 | 2, 2, 1} {
		check0(t, hoardLow.Tell(s, to, word))
	}
	settled(t, s)
	if !slices.Equal(state.seen, []uint64{1, 1<<32 | 2, 2, 3}) {
		t.Error(state.seen)
	}
}

func TestAFunctionSaysWhichMessageTakesThePlaceOfWhich(t *testing.T) {
	released(t)
	s := newSystem(t, Options{Seeded: true})
	state, groups := &hoard{}, uint64(2)
	to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Conflate: true, KeyBy: func(message Incoming) uint64 {
		if message.Type() != hoardLow.Number() || message.Sender() != (Actor{}) {
			panic("what is this?")
		}
		return lowHalf(message) % groups
	}})))(t)
	for word := range uint64(6) {
		check0(t, hoardLow.Tell(s, to, word))
	}
	if stats := must(s.Mailbox(to))(t); stats.Conflated != 4 || stats.Length != 2 {
		t.Errorf("%+v", stats)
	}
	settled(t, s)
	if !slices.Equal(state.seen, []uint64{4, 5}) {
		t.Error(state.seen)
	}
}

// A stack has the last first, and room for so many.
type stack struct {
	room    int
	waiting []Waiting
	broken  bool
	wrong   bool
}

func (s *stack) Push(message Incoming, waiting Waiting) bool {
	if message.Type() == hoardHigh.Number() {
		panic("only low ones")
	}
	if len(s.waiting) == s.room {
		return false
	}
	s.waiting = append(s.waiting, waiting)
	return true
}

func (s *stack) Pop() (Waiting, bool) {
	last := len(s.waiting) - 1
	switch {
	case s.broken:
		panic("it is broken")
	case s.wrong:
		return Waiting{8}, true
	case last < 0:
		return Waiting{}, false
	}
	waiting := s.waiting[last]
	s.waiting = s.waiting[:last]
	return waiting, true
}

func TestAQueueOfTheProgramsOwnSaysWhatComesNext(t *testing.T) {
	released(t)
	s := newSystem(t, Options{Seeded: true})
	state := &hoard{}
	mailbox := WithMailbox(Mailbox{Order: OrderCustom, Queue: func() MailboxQueue { return &stack{room: 8} }})
	to := must(hoards.Spawn(s, state, mailbox))(t)
	must(hoards.Spawn(s, &hoard{}, mailbox))(t)
	for word := range uint64(8) {
		check0(t, hoardLow.Tell(s, to, word))
	}
	settled(t, s)
	if !slices.Equal(state.seen, []uint64{7, 6, 5, 4, 3, 2, 1, 0}) {
		t.Error(state.seen)
	}
}

func TestAQueueThatIsFullLeadsToTheOverflow(t *testing.T) {
	released(t)
	for policy, want := range map[Overflow]struct {
		err    error
		seen   []uint64
		reason DeadReason
	}{
		OverflowFail:       {ErrFull, []uint64{2, 1}, 0},
		OverflowDropNewest: {nil, []uint64{2, 1}, DeadDropped},
		OverflowDropOldest: {nil, []uint64{3, 1}, DeadDropped}, // what the queue gives up
		OverflowDeadLetter: {nil, []uint64{2, 1}, DeadOverflow},
	} {
		s := newSystem(t, Options{Seeded: true})
		state := &hoard{}
		to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Order: OrderCustom, Overflow: policy,
			Queue: func() MailboxQueue { return &stack{room: 2} }})))(t)
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

func TestAQueueThatGivesNothingBackLosesNothing(t *testing.T) {
	released(t)
	for _, queue := range []*stack{{room: 4, broken: true}, {room: 4, wrong: true}} {
		s := newSystem(t, Options{Seeded: true})
		state := &hoard{}
		to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Order: OrderCustom,
			Queue: func() MailboxQueue { return queue }, Panicked: func(any, []byte) {}})))(t)
		for word := range uint64(4) {
			check0(t, hoardLow.Tell(s, to, word))
		}
		settled(t, s)
		slices.Sort(state.seen)
		if !slices.Equal(state.seen, []uint64{0, 1, 2, 3}) {
			t.Error(state.seen)
		}
		check0(t, s.StopActor(to, false))
		settled(t, s)
	}
}

func TestAPanicInAMailboxEndsTheCallAndIsTold(t *testing.T) {
	released(t)
	told := make(chan string, 8)
	panicked := func(reason any, stack []byte) {
		if !strings.Contains(string(stack), "order_test.go") {
			reason = "a stack of what?"
		}
		told <- reason.(string)
	}
	s := newSystem(t, Options{Seeded: true})
	ranked, conflated, queued := &hoard{}, &hoard{}, &hoard{}
	low := hoardLow.Number()
	number := func(message Incoming) uint64 {
		if message.Type() != low {
			panic("only low ones")
		}
		return 5
	}
	first := must(hoards.Spawn(s, ranked, WithMailbox(Mailbox{
		Order: OrderPriority, RankBy: number, RankDefault: 4, Panicked: panicked})))(t)
	check0(t, hoardLow.Tell(s, first, 1))
	check0(t, hoardHigh.Tell(s, first, 2))
	second := must(hoards.Spawn(s, conflated, WithMailbox(Mailbox{
		Conflate: true, KeyBy: number, Panicked: panicked})))(t)
	check0(t, hoardHigh.Tell(s, second, 1))
	check0(t, hoardHigh.Tell(s, second, 2))
	third := must(hoards.Spawn(s, queued, WithMailbox(Mailbox{
		Order: OrderCustom, Queue: func() MailboxQueue { return &stack{room: 2} }, Panicked: panicked})))(t)
	check0(t, hoardLow.Tell(s, third, 1))
	if err := hoardHigh.Tell(s, third, 2); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	settled(t, s)
	if !slices.Equal(ranked.seen, []uint64{2, 1}) || !slices.Equal(conflated.seen, []uint64{2}) ||
		!slices.Equal(queued.seen, []uint64{1}) {
		t.Error(ranked.seen, conflated.seen, queued.seen)
	}
	for range 4 {
		if reason := <-told; reason != "only low ones" {
			t.Error(reason)
		}
	}
}

func TestFunctionsOfAMailboxGoWithTheLastActorThatHasIt(t *testing.T) {
	released(t)
	s := newSystem(t, Options{Seeded: true})
	before := values.live()
	mailbox := WithMailbox(Mailbox{Order: OrderPriority, RankBy: lowHalf})
	actors := make([]Actor, 2)
	check0(t, hoards.SpawnMany(s, make([]hoard, 2), actors, mailbox))
	if err := hoards.SpawnMany(s, make([]hoard, 2), nil, mailbox, Named("of one")); err == nil {
		t.Error("two with one name")
	}
	queue := WithMailbox(Mailbox{Order: OrderCustom, Queue: func() MailboxQueue { return &stack{room: 1} }})
	if err := hoards.SpawnMany(s, make([]hoard, 2), nil, queue); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("two with one queue: %v", err)
	}
	if _, err := hoards.NewPool(s, func() *hoard { return &hoard{} }, PoolOptions{Size: 2}, queue); err == nil {
		t.Error("a pool with one queue")
	}
	for _, option := range []SpawnOption{
		WithMailbox(Mailbox{Order: OrderCustom}),
		WithMailbox(Mailbox{Order: OrderCustom, Queue: func() MailboxQueue { return nil }}),
	} {
		if _, err := hoards.Spawn(s, &hoard{}, option); !errors.Is(err, ErrNull) {
			t.Errorf("no queue: %v", err)
		}
	}
	kept := func() int {
		values.sweep()
		return values.live() - before
	}
	for i, want := range []int{1, 0} {
		check0(t, s.StopActor(actors[i], false))
		settled(t, s)
		if got := kept(); got != want {
			t.Errorf("%d orders are kept after %d stops", got, i+1)
		}
	}
}

func TestAPoolCanHaveARankOfItsOwn(t *testing.T) {
	released(t)
	s := newSystem(t, Options{Seeded: true})
	var states []*hoard
	pool := must(hoards.NewPool(s, func() *hoard {
		states = append(states, &hoard{})
		return states[len(states)-1]
	}, PoolOptions{Size: 2}, WithMailbox(Mailbox{Order: OrderPriority, RankBy: lowHalf})))(t)
	for word := range uint64(6) {
		check0(t, hoardLow.Tell(s, pool.Actor(), 9-word))
	}
	settled(t, s)
	pool.Close()
	settled(t, s)
	for _, state := range states {
		if len(state.seen) != 3 || !slices.IsSorted(state.seen) {
			t.Error(state.seen)
		}
	}
}

// An echo answers whoever asks, and takes batches.
type echo struct {
	batcher *Batcher
	taken   Taken
}

var echoes = NewKind("Echo",
	On(testWord, func(_ *echo, ctx *Context, word uint64) error {
		if ctx.Correlation() == 0 || ctx.IsReply() {
			return nil
		}
		return testWord.Reply(ctx, word+1)
	}),
	On(testBlock, func(_ *echo, ctx *Context, b block) error { return testWord.Reply(ctx, b.Words[0]) }),
	On(testResult, func(*echo, *Context, BatchResult) error { return nil }),
	On(Batches, func(e *echo, _ *Context, _ uint64) error {
		for e.batcher.TryTake(&e.taken) == nil {
			if err := e.batcher.Done(&e.taken); err != nil {
				return err
			}
		}
		return nil
	}))

// A crier sends in every way that a handler can.
type crier struct {
	to      Actor
	batcher *Batcher
	answers int
}

var criers = NewKind("Crier",
	On(testGet, func(c *crier, ctx *Context, _ Nothing) error {
		for i := range uint64(1000) { // more than the outbox holds
			testWord.Send(ctx, c.to, i)
		}
		_, short := testWord.Request(ctx, c.to, 1, time.Hour)
		_, long := testBlock.Request(ctx, c.to, block{[64]uint64{7}}, time.Hour)
		_, many := testWord.RequestMany(ctx, []Actor{c.to, c.to}, 2, time.Hour)
		_, put := c.batcher.Put(Item{Data: []byte{1}, ReplyTo: c.to, Reply: testResult, Correlation: 1})
		return errors.Join(short, long, many, put)
	}),
	On(testWord, func(c *crier, ctx *Context, _ uint64) error { c.answers++; return nil }))

func TestEveryWayToSendCallsAMailboxsFunctions(t *testing.T) {
	released(t)
	for _, seeded := range []bool{true, false} {
		for _, order := range []MailboxOrder{OrderPriority, OrderCustom} {
			s := newSystem(t, Options{Seeded: seeded, Workers: 2})
			var called, queued int
			count := func(to *int) func(Incoming) uint64 {
				return func(message Incoming) uint64 {
					*to++
					if *to%100 == 0 {
						runtime.GC() // moves and shrinks stacks
					}
					return uint64(deep(100)) & uint64(len(message.Bytes()))
				}
			}
			mailbox := Mailbox{Order: order, RankBy: count(&called)}
			if order == OrderCustom {
				mailbox.Queue = func() MailboxQueue { return &counting{count: count(&queued)} }
			}
			server := &echo{}
			to := must(echoes.Spawn(s, server, WithMailbox(mailbox)))(t)
			batcher := must(s.NewBatcher(BatcherOptions{Size: 1, To: to}))(t)
			server.batcher = batcher
			state := &crier{to: to, batcher: batcher}
			cry := must(criers.Spawn(s, state))(t)
			check0(t, testGet.Tell(s, cry, Nothing{}))
			check0(t, testWord.Tell(s, to, 1))
			var batch Batch
			for i := range uint64(300) {
				check0(t, testWord.Add(&batch, to, i))
			}
			must(s.TellMany(&batch))(t)
			if answer := must(Ask(soon(t), s, to, testWord, 4, testWord))(t); answer != 5 {
				t.Error(answer)
			}
			must(batcher.Put(Item{Data: []byte{1}, ReplyTo: to, Reply: testResult, Correlation: 1}))(t)
			settled(t, s)
			batcher.Release()
			settled(t, s)
			if state.answers != 4 {
				t.Errorf("%d answers", state.answers)
			}
			const sent = 1000 + 1 + 1 + 2 + 1 + 1 + 300 + 1 + 1
			if calls := max(called, queued); calls < sent {
				t.Errorf("order %v, seeded %v: %d calls for %d messages", order, seeded, calls, sent)
			}
		}
	}
}

func TestAThreadOfTheLibrarysCallsAMailboxsFunctions(t *testing.T) {
	released(t)
	s := newSystem(t, Options{Workers: 1})
	words := make(chan uint64)
	to := must(Spawn(s, testWord, Func[uint64](func(_ *Context, word uint64) error {
		words <- word
		return nil
	}), WithMailbox(Mailbox{Order: OrderPriority, RankBy: func(message Incoming) uint64 {
		return lowHalf(message) + uint64(deep(100))
	}})))(t)
	timer := must(testWord.Every(s, to, time.Millisecond, 7))(t)
	for range 10 {
		if word := <-words; word != 7 {
			t.Error(word)
		}
	}
	timer.Cancel()
	go func() {
		for range words { // what it had sent before
		}
	}()
	settled(t, s)
	close(words)
}

// deep needs a stack that has to grow.
func deep(levels int) byte {
	var room [256]byte
	if levels == 0 {
		return room[0]
	}
	room[levels] = 1
	return deep(levels-1) | room[levels/2]
}

// A counting queue is first in, first out.
type counting struct {
	count   func(Incoming) uint64
	waiting []Waiting
}

func (c *counting) Push(message Incoming, waiting Waiting) bool {
	c.count(message)
	c.waiting = append(c.waiting, waiting)
	return true
}

func (c *counting) Pop() (Waiting, bool) {
	if len(c.waiting) == 0 {
		return Waiting{}, false
	}
	first := c.waiting[0]
	c.waiting = c.waiting[1:]
	return first, true
}

func TestManyThreadsSendToAMailboxWithFunctions(t *testing.T) {
	released(t)
	s := newSystem(t, Options{Workers: 2})
	state := &hoard{}
	to := must(hoards.Spawn(s, state, WithMailbox(Mailbox{Order: OrderCustom,
		Queue: func() MailboxQueue { return &counting{count: lowHalf} }})))(t)
	sent := make(chan error)
	for range 4 {
		go func() {
			var err error
			for word := range uint64(500) {
				err = errors.Join(err, hoardLow.Tell(s, to, word))
			}
			sent <- err
		}()
	}
	for range 4 {
		check0(t, <-sent)
	}
	from := must(hoards.Spawn(s, &hoard{feed: to}))(t)
	check0(t, hoardFeed.Tell(s, from, 2000))
	settled(t, s)
	if len(state.seen) != 4000 {
		t.Errorf("%d handled", len(state.seen))
	}
}

func TestAMailboxsFunctionsAllocateNothing(t *testing.T) {
	s := newSystem(t, Options{Workers: 1})
	to := must(echoes.Spawn(s, &echo{}, WithMailbox(Mailbox{Order: OrderPriority, RankBy: lowHalf})))(t)
	for range 1_000 {
		check0(t, testWord.Tell(s, to, 3))
	}
	if n := testing.AllocsPerRun(1_000, func() { check0(t, testWord.Tell(s, to, 3)) }); n > 0.1 {
		t.Errorf("a tell takes %.1f allocations", n)
	}
}

// A pump sends so many words, 200 at a time.
type pump struct {
	to   Actor
	left int
	done chan struct{}
}

var pumps = NewKind("Pump", On(testWord, func(p *pump, ctx *Context, _ uint64) error {
	for range min(p.left, 200) {
		hoardLow.Send(ctx, p.to, uint64(p.left))
		p.left--
	}
	if p.left == 0 {
		close(p.done)
	} else {
		testWord.Send(ctx, ctx.Self(), 0)
	}
	return nil
}))

// What a message costs from its handler to its handler, as its mailbox finds its rank or its key, or its place.
func BenchmarkMailbox(b *testing.B) {
	sinks := NewKind("Sink", On(hoardLow, func(*int, *Context, uint64) error { return nil }))
	for _, way := range []struct {
		name    string
		mailbox Mailbox
	}{
		{"Capacity", Mailbox{Capacity: 1 << 40}},
		{"Rank", Mailbox{Order: OrderPriority, Rank: PayloadWord{Bytes: 8}}},
		{"RankBy", Mailbox{Order: OrderPriority, RankBy: lowHalf}},
		{"Key", Mailbox{Conflate: true, Key: PayloadWord{Bytes: 8}}},
		{"KeyBy", Mailbox{Conflate: true, KeyBy: lowHalf}},
		{"Queue", Mailbox{Order: OrderCustom, Queue: func() MailboxQueue { return &stack{room: 1 << 20} }}},
	} {
		b.Run(way.name, func(b *testing.B) {
			s := newSystem(b, Options{Workers: 1})
			p := &pump{to: must(sinks.Spawn(s, new(int), WithMailbox(way.mailbox)))(b), left: b.N, done: make(chan struct{})}
			actor := must(pumps.Spawn(s, p))(b)
			b.ResetTimer()
			check0(b, testWord.Tell(s, actor, 0))
			<-p.done
			check0(b, s.Settle(b.Context()))
		})
	}
}
