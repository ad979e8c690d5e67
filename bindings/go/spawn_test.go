package actorcore

import (
	"errors"
	"testing"
)

// parent spawns children inside its handler.
type parent struct {
	children []Actor
	err      error
	options  []SpawnOption
}

var parents = NewKind("Parent", On(testWord, func(p *parent, ctx *Context, count uint64) error {
	p.children = make([]Actor, count)
	p.err = keepers.SpawnMany(ctx, make([]keeper, count), p.children, p.options...)
	for i, child := range p.children {
		testWord.Send(ctx, child, uint64(i))
	}
	return nil
}))

func TestHandlersSpawnManyInOneCall(t *testing.T) {
	s := newSystem(t, Options{})
	state := &parent{}
	above := must(parents.Spawn(s, state))(t)
	check0(t, testWord.Tell(s, above, 1_000))
	settled(t, s)
	check0(t, state.err)
	seen := map[Actor]bool{}
	for _, child := range state.children {
		seen[child] = s.Alive(child)
	}
	if len(seen) != 1_000 {
		t.Errorf("%d different children", len(seen))
	}
	if ledger := must(s.Ledger())(t); ledger.Handled != 1_001 {
		t.Errorf("%+v", ledger)
	}
}

func TestANameIsUniqueAndFound(t *testing.T) {
	s := newSystem(t, Options{})
	actor := must(keepers.Spawn(s, &keeper{}, Named("the one")))(t)
	if found := must(s.Find("the one"))(t); found != actor {
		t.Errorf("found %v, want %v", found, actor)
	}
	_, err := keepers.Spawn(s, &keeper{}, Named("the one"))
	var full *Error
	if !errors.Is(err, ErrExists) || !errors.As(err, &full) || full.Message == "" {
		t.Errorf("a second one: %v", err)
	}
	if _, err := s.Find("nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	state := &parent{options: []SpawnOption{Named("the one")}}
	check0(t, testWord.Tell(s, must(parents.Spawn(s, state))(t), 1))
	settled(t, s)
	if !errors.Is(state.err, ErrExists) {
		t.Errorf("inside a handler: %v", state.err)
	}
}

func TestCellsComeBackAndAreUsedAgain(t *testing.T) {
	s := newSystem(t, Options{})
	actors := make([]Actor, 10_000)
	for range 5 {
		check0(t, keepers.SpawnMany(s, make([]keeper, len(actors)), actors))
		for _, actor := range actors {
			check0(t, Stop.Tell(s, actor, Nothing{}))
		}
		settled(t, s)
	}
	if made := len(s.cells.chunks) * cellsAChunk; made > 20_000 {
		t.Errorf("50,000 actors, 10,000 at a time, took %d cells", made)
	}
}

func TestSpawnManyWantsAsManyIdsAsStates(t *testing.T) {
	s := newSystem(t, Options{})
	if err := keepers.SpawnMany(s, make([]keeper, 3), make([]Actor, 2)); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
	check0(t, keepers.SpawnMany(s, nil, nil))
}

func TestADispatcherHasWorkersOfItsOwn(t *testing.T) {
	s := newSystem(t, Options{Workers: 1})
	d := must(s.NewDispatcher(DispatcherOptions{Workers: 1, Name: "other"}))(t)
	blocked, free := make(chan struct{}), make(chan struct{})
	there := must(Spawn(s, testGet, Func[Nothing](func(*Context, Nothing) error { close(blocked); <-free; return nil }), d.On()))(t)
	here := must(Spawn(s, testGet, Func[Nothing](func(*Context, Nothing) error { close(free); return nil })))(t)
	check0(t, testGet.Tell(s, there, Nothing{}))
	<-blocked
	check0(t, testGet.Tell(s, here, Nothing{}))
	settled(t, s)
}

func TestTwoHandlersForOneTypeAreRefused(t *testing.T) {
	on := On(testWord, func(*keeper, *Context, uint64) error { return nil })
	if panics(func() { NewKind("Twice", on, on) }) == nil {
		t.Error("NewKind accepted them")
	}
}
