package actorcore

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

const testRegistry = `
dimensions:
  strength:
    use_pipeline: true
    clamp_default: { min: 0, max: 100 }
  attack:
    use_pipeline: true
    clamp_default: { min: 0, max: 1000 }
    formula: { terms: { strength: 2 }, constant: 5 }
`

type field struct {
	Engine
	t testing.TB
}

// newField is an engine with the test's registry.
func newField(t testing.TB, s *System) field {
	e := must(NewEngine(s))(t)
	t.Cleanup(e.Release)
	check0(t, e.Load(Source{Text: testRegistry, Label: "registry"}))
	return field{e, t}
}

func (f field) name(text string) Name { return must(f.Name(text))(f.t) }

// hero is an entity with 12 strength of its body's.
func (f field) hero(id string) Entity {
	hero := must(f.NewEntity(Profile{ID: id, Name: "Hero", Version: 3}))(f.t)
	f.t.Cleanup(hero.Release)
	check0(f.t, hero.Put(f.strength("body", 12)))
	return hero
}

func (f field) strength(system string, value float64) *Output {
	return &Output{System: f.name(system), Contributions: []Contribution{{Dimension: f.name("strength"), Value: value}}}
}

// resolved is one derived value of a plain resolve.
func (f field) resolved(e Entity, dimension string) float64 {
	f.t.Helper()
	snapshot := must(e.Resolve(context.Background(), 0))(f.t)
	defer snapshot.Release()
	return must(snapshot.Value(ListDerived, f.name(dimension)))(f.t)
}

func TestEveryCaseOfTheSpecificationAgreesBitForBit(t *testing.T) {
	file := must(os.Open("../../tests/reference/vectors.jsonl"))(t)
	defer file.Close()
	e := must(NewEngine(nil))(t)
	defer e.Release()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<22)
	cases := 0
	for lines.Scan() {
		var about struct {
			Name   string
			Expect json.RawMessage
		}
		check0(t, json.Unmarshal(lines.Bytes(), &about))
		cases++
		snapshot, err := e.ResolveCase(Source{Text: lines.Text(), Label: about.Name}, 0)
		if err != nil {
			t.Errorf("%s: %v", about.Name, err)
			continue
		}
		if got, want := decoded(t, []byte(must(snapshot.JSON())(t))), decoded(t, about.Expect); got != want {
			t.Errorf("%s:\n got %s\nwant %s", about.Name, got, want)
		}
		snapshot.Release()
	}
	if cases != 400 {
		t.Errorf("%d cases", cases)
	}
}

// decoded is a document with every number as its bits, and keys in order.
func decoded(t testing.TB, text []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(text))
	var value any
	check0(t, decoder.Decode(&value))
	return string(must(json.Marshal(bits(value)))(t))
}

func bits(value any) any {
	switch value := value.(type) {
	case float64:
		return fmt.Sprintf("%x", math.Float64bits(value))
	case []any:
		for i := range value {
			value[i] = bits(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = bits(value[key])
		}
	}
	return value
}

func TestASnapshotIsReadWithoutCopying(t *testing.T) {
	f := newField(t, nil)
	snapshot := must(f.hero("hero-1").Resolve(context.Background(), 0))(t)
	defer snapshot.Release()
	view := must(snapshot.View())(t)
	strength, _ := view.Primary.Get(f.name("strength"))
	attack, _ := view.Derived.Get(f.name("attack"))
	if view.ActorID != "hero-1" || view.Version != 3 || strength != 12 || attack != 29 || len(view.Errors) != 0 {
		t.Errorf("%+v", view)
	}
	if len(view.Caps.Names) != 2 || view.Caps.Max[0] != 1000 || view.Caps.Max[1] != 100 {
		t.Errorf("caps %+v", view.Caps)
	}
	if _, ok := view.Primary.Get(f.name("charm")); ok {
		t.Error("a dimension that is not there was found")
	}
	if _, err := snapshot.Value(ListPrimary, f.name("charm")); !errors.Is(err, ErrUnknownDimension) {
		t.Error(err)
	}
	text := must(snapshot.JSON())(t)
	if !strings.Contains(text, `"actor_id":"hero-1"`) && !strings.Contains(text, `"actor_id": "hero-1"`) {
		t.Error(text)
	}
}

func TestOneRowIsPutAndRemovedAndOnlyWhatFollowsIsResolved(t *testing.T) {
	f := newField(t, nil)
	hero := f.hero("hero-1")
	before := f.resolved(hero, "attack")
	row := Contribution{Dimension: f.name("strength"), Bucket: BucketFlat, Value: 2}
	check0(t, hero.PutContribution(f.name("ring"), row))
	row.Value = 3
	check0(t, hero.PutContribution(f.name("ring"), row))
	if after := f.resolved(hero, "attack"); after != before+6 {
		t.Errorf("%v after %v", after, before)
	}
	limit := Cap{Dimension: f.name("strength"), Mode: CapHardMax, Kind: CapKindMax, Value: 1}
	check0(t, hero.PutCap(f.name("ring"), limit))
	if after := f.resolved(hero, "attack"); after != 7 {
		t.Errorf("capped it is %v", after)
	}
	check0(t, hero.RemoveCap(f.name("ring"), limit))
	check0(t, hero.RemoveContribution(f.name("ring"), row))
	if after := f.resolved(hero, "attack"); after != before {
		t.Errorf("%v after %v", after, before)
	}
	if err := hero.RemoveContribution(f.name("ring"), row); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if m := must(f.Metrics())(t); m.Updated != 3 {
		t.Errorf("%+v", m)
	}
}

func TestACachedSnapshotIsServedWhileNothingChanged(t *testing.T) {
	f := newField(t, nil)
	hero := f.hero("hero-1")
	if _, err := hero.Cached(); !errors.Is(err, ErrNotCached) {
		t.Error(err)
	}
	f.resolved(hero, "attack")
	f.resolved(hero, "attack")
	must(hero.Cached())(t).Release()
	if m := must(f.Metrics())(t); m.Resolved != 1 || m.Cached != 2 || m.Missed != 1 || m.Entities != 1 {
		t.Errorf("%+v", m)
	}
	check0(t, hero.Put(f.strength("ring", 1)))
	if _, err := hero.Cached(); !errors.Is(err, ErrNotCached) {
		t.Error(err)
	}
	if attack := f.resolved(hero, "attack"); attack != 31 {
		t.Errorf("attack is %v", attack)
	}
	check0(t, hero.Remove(f.name("ring")))
	if attack := f.resolved(hero, "attack"); attack != 29 {
		t.Errorf("attack is %v", attack)
	}
	check0(t, hero.Invalidate())
	check0(t, f.Clear())
	if _, err := hero.Cached(); !errors.Is(err, ErrNotCached) {
		t.Error(err)
	}
}

func TestAnOutputHasContributionsCapsAndModifiers(t *testing.T) {
	f := newField(t, nil)
	hero := f.hero("hero-1")
	output := f.strength("curse", 50)
	output.Priority = 5
	output.Caps = []Cap{{Dimension: f.name("strength"), Mode: CapHardMax, Kind: CapKindMax, Value: 40}}
	output.Modifiers = []Modifier{{Context: f.name("night"), Multipliers: []float64{2, 3}, AdditivePercent: 0.5, PostAdd: 1}}
	check0(t, hero.Put(output))
	if attack := f.resolved(hero, "attack"); attack != 85 {
		t.Errorf("attack is %v", attack)
	}
	snapshot := must(hero.Resolve(context.Background(), 0))(t)
	defer snapshot.Release()
	if damage := must(snapshot.Apply(f.name("night"), 10))(t); damage != 91 {
		t.Errorf("the night makes 10 %v", damage)
	}
}

const testOutputs = `{"mine": [
  {"meta": {"system": "ring"}, "primary": [{"dimension": "strength", "bucket": "FLAT", "value": 3, "system": "ring"}],
   "context": {"night": {"additive_percent": 0.5, "multipliers": [2], "post_add": 0}}},
  {"meta": {"system": "belt"}, "priority": 9, "primary": [{"dimension": "strength", "bucket": "MULT", "value": 1, "system": "belt"}]}
]}`

func TestAParsedListIsReadAndStored(t *testing.T) {
	f := newField(t, nil)
	list := must(f.LoadOutputs(Source{Text: testOutputs, Member: "mine"}))(t)
	defer list.Release()
	if list.Len() != 2 || list.At(0).System != f.name("ring") || list.At(1).Priority != 9 ||
		list.At(1).Contributions[0].Bucket != BucketMult || list.At(0).Modifiers[0].Multipliers[0] != 2 {
		t.Errorf("%+v, %+v", list.At(0), list.At(1))
	}
	hero := f.hero("hero-1")
	check0(t, hero.PutFrom(list, 0))
	if attack := f.resolved(hero, "attack"); attack != 35 {
		t.Errorf("attack is %v", attack)
	}
	check0(t, hero.PutAll(list))
	if attack := f.resolved(hero, "attack"); attack != 17 {
		t.Errorf("attack is %v", attack)
	}
}

func TestAMalformedDocumentNamesEveryDefect(t *testing.T) {
	f := newField(t, nil)
	err := f.Load(Source{Label: "bad.yaml", Text: "dimensions:\n  A:\n    use_pipeline: true\n    clamp_default: { min: 5, max: 1 }\n"})
	var full *Error
	if !errors.Is(err, ErrBadRegistry) || !errors.As(err, &full) || len(full.Details) == 0 {
		t.Fatalf("%v", err)
	}
	if !strings.HasPrefix(full.Details[0].Key, "bad.yaml:") || full.Details[0].Value == "" ||
		!strings.Contains(err.Error(), full.Details[0].Key) {
		t.Errorf("%v", err)
	}
	if attack := f.resolved(f.hero("hero-1"), "attack"); attack != 29 {
		t.Error("the registry in force did not stay")
	}
	if err := f.LoadFile("no such file"); !errors.Is(err, ErrIO) {
		t.Error(err)
	}
	if _, err := f.LoadOutputs(Source{Text: "[{]"}); !errors.Is(err, ErrBadDocument) {
		t.Error(err)
	}
}

func TestNamesAreTheirTexts(t *testing.T) {
	f := newField(t, nil)
	var texts []string
	for _, name := range must(f.Dimensions())(t) {
		texts = append(texts, must(f.Text(name))(t))
	}
	if fmt.Sprint(texts) != "[attack strength]" {
		t.Error(texts)
	}
	if f.name("strength") != f.name("strength") || f.name("strength") == f.name("attack") {
		t.Error("names are not their texts")
	}
	if _, err := f.Text(99999); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestAProfileIsReplaced(t *testing.T) {
	f := newField(t, nil)
	hero := f.hero("hero-1")
	check0(t, hero.SetProfile(Profile{ID: "hero-2", Race: strings.Repeat("very ", 500), Version: 4, Age: 7}))
	var profile struct {
		ID      string
		Race    string
		Age     int
		Version int
	}
	check0(t, json.Unmarshal([]byte(must(hero.Profile())(t)), &profile))
	if profile.ID != "hero-2" || profile.Version != 4 || profile.Age != 7 || len(profile.Race) != 2500 {
		t.Errorf("%+v", profile)
	}
}

func TestStrictRefusesWhatAPlainResolveLists(t *testing.T) {
	f := newField(t, nil)
	hero := f.hero("hero-1")
	check0(t, hero.Put(&Output{System: f.name("bad"), Contributions: []Contribution{{Dimension: f.name("charm"), Value: 1}}}))
	snapshot := must(hero.Resolve(context.Background(), 0))(t)
	defer snapshot.Release()
	errs := must(snapshot.View())(t).Errors
	if len(errs) != 1 || errs[0].Code != RejectUnknownDimension || errs[0].About != AboutSystem || errs[0].Name != f.name("bad") {
		t.Errorf("%+v", errs)
	}
	if _, err := hero.Resolve(context.Background(), ResolveStrict); !errors.Is(err, ErrRejected) {
		t.Error(err)
	}
}

func TestManyAreResolvedInOneCall(t *testing.T) {
	f := newField(t, nil)
	heroes := []Entity{f.hero("hero-1"), {}, f.hero("hero-3")}
	snapshots, errs, err := ResolveMany(heroes, 0)
	check0(t, err)
	if errs[0] != nil || !errors.Is(errs[1], ErrNoHandle) || errs[2] != nil {
		t.Errorf("%v", errs)
	}
	for _, snapshot := range snapshots {
		snapshot.Release()
	}
}

// rage is a subsystem: one strength for every two wounds that the question's context counts.
type rage struct{ field }

var rages = NewKind("Rage", On(Questions, func(r *rage, _ *Context, q Question) error {
	if q.System != r.name("rage") {
		return errors.New("another's question")
	}
	return q.Answer(r.strength("rage", float64(len(q.Context())+2)))
}))

func TestAGoSubsystemIsAskedThroughTurns(t *testing.T) {
	s := newSystem(t, Options{})
	f := newField(t, s)
	hero := f.hero("hero-1")
	actor := must(Spawn(s, Questions, Func[Question](func(_ *Context, q Question) error {
		return q.Answer(&Output{Contributions: []Contribution{{Dimension: f.name("strength"), Value: float64(len(q.Context()) + 2)}}})
	})))(t)
	check0(t, f.Register(Subsystem{Name: "rage", Priority: 1, Actor: actor}))
	for name, ctx := range map[string]context.Context{"without an end": context.Background(), "with a deadline": soon(t)} {
		snapshot := must(hero.Resolve(ctx, 0))(t)
		if attack := must(snapshot.Value(ListDerived, f.name("attack")))(t); attack != 33 {
			t.Errorf("%s: attack is %v", name, attack)
		}
		snapshot.Release()
		snapshot = must(hero.ResolveWith(ctx, 0, []byte("wound")))(t)
		if attack := must(snapshot.Value(ListDerived, f.name("attack")))(t); attack != 43 {
			t.Errorf("%s: with five wounds attack is %v", name, attack)
		}
		snapshot.Release()
	}
	check0(t, f.Remove("rage"))
	if attack := f.resolved(hero, "attack"); attack != 29 {
		t.Errorf("without rage attack is %v", attack)
	}
}

func TestASubsystemThatFailsIsListed(t *testing.T) {
	s := newSystem(t, Options{})
	f := newField(t, s)
	hero := f.hero("hero-1")
	actor := must(Spawn(s, Questions, Func[Question](func(*Context, Question) error { return errors.New("asleep") })))(t)
	check0(t, f.Register(Subsystem{Name: "rage", Actor: actor}))
	snapshot := must(hero.Resolve(context.Background(), 0))(t)
	defer snapshot.Release()
	errs := must(snapshot.View())(t).Errors
	if len(errs) != 1 || errs[0].Code != RejectSubsystemFailed || errs[0].Name != f.name("rage") {
		t.Errorf("%+v", errs)
	}
}

// waiter resolves inside its handler, where it may not wait for a subsystem.
type waiter struct {
	field
	self   Actor
	hero   Entity
	err    error
	attack float64
	number uint64
}

var waiters = NewKind("Waiter",
	On(testGet, func(w *waiter, ctx *Context, _ Nothing) error {
		_, w.err = w.hero.Resolve(ctx, 0)
		return w.ResolveAsync(Asynchronous{Entities: []Entity{w.hero}, ReplyTo: ctx.Self(), Correlation: 77, Timeout: time.Second})
	}),
	On(Resolutions, func(w *waiter, ctx *Context, r Resolved) (err error) {
		defer r.Snapshot.Release()
		w.number = ctx.Correlation()
		if r.Status != OK || r.Entity != w.hero {
			return fmt.Errorf("%+v", r)
		}
		w.attack, err = r.Snapshot.Value(ListDerived, w.name("attack"))
		return err
	}))

func TestAHandlerResolvesWithoutWaiting(t *testing.T) {
	s := newSystem(t, Options{})
	f := newField(t, s)
	state := &waiter{field: f, hero: f.hero("hero-1")}
	actor := must(rages.Spawn(s, &rage{f}))(t)
	check0(t, f.Register(Subsystem{Name: "rage", Actor: actor}))
	check0(t, testGet.Tell(s, must(waiters.Spawn(s, state))(t), Nothing{}))
	settled(t, s)
	if !errors.Is(state.err, ErrWouldDeadlock) || state.attack != 33 || state.number != 77 {
		t.Errorf("%v, attack %v, number %d", state.err, state.attack, state.number)
	}
	if failures := must(s.Failures(0))(t); len(failures) != 0 {
		t.Errorf("%+v", failures)
	}
}
