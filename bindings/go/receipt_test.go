package actorcore

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

func (f field) explained(e Entity, list List, dimension string) Receipt {
	f.t.Helper()
	receipt := must(e.Explain(context.Background(), list, f.name(dimension), 0))(f.t)
	f.t.Cleanup(receipt.Release)
	return receipt
}

func TestAReceiptHasEveryStepWithItsSource(t *testing.T) {
	f := newField(t, nil)
	hero := f.hero("hero-1")
	output := f.strength("ring", 0.5)
	output.Contributions[0].Bucket = BucketMult
	output.Contributions[0].Priority = 7
	check0(t, hero.Put(output))
	view := must(f.explained(hero, ListPrimary, "strength").View())(t)
	if view.ActorID != "hero-1" || view.Version != 3 || view.List != ListPrimary || view.Dimension != f.name("strength") ||
		view.Value != 18 || view.Bound != BoundNone {
		t.Errorf("%+v", view)
	}
	var kinds []Step
	for _, step := range view.Steps {
		kinds = append(kinds, step.Kind)
	}
	if !slices.Equal(kinds, []Step{StepRule, StepContribution, StepBucket, StepContribution, StepBucket, StepBucket,
		StepCandidate, StepDefault, StepDefault, StepClamp}) {
		t.Error(kinds)
	}
	mult := view.Steps[3]
	if mult.Output != f.name("ring") || mult.Origin != OriginPut || mult.Bucket != BucketMult || mult.Priority != 7 ||
		mult.Value != 0.5 || mult.Factor != 1.5 || mult.Result != 1.5 {
		t.Errorf("%+v", mult)
	}
}

func TestAFormulasTermsAreFinalValuesWithReceiptsOfTheirOwn(t *testing.T) {
	f := newField(t, nil)
	hero := f.hero("hero-1")
	view := must(f.explained(hero, ListDerived, "attack").View())(t)
	term := view.Steps[slices.IndexFunc(view.Steps, func(step ReceiptStep) bool { return step.Kind == StepTerm })]
	if term.Name != f.name("strength") || term.Factor != 2 || term.Value != 12 || term.Product != 24 || term.Result != 29 {
		t.Errorf("%+v", term)
	}
	behind := must(hero.Explain(soon(t), term.List, term.Name, ExplainStored))(t)
	defer behind.Release()
	if value := must(behind.View())(t).Value; value != term.Value {
		t.Error(value)
	}
}

func TestStepsReplayAndChangedOnesSayWhatWouldHaveBeen(t *testing.T) {
	f := newField(t, nil)
	view := must(f.explained(f.hero("hero-1"), ListPrimary, "strength").View())(t)
	if value := must(Replay(view.Steps))(t); math.Float64bits(value) != math.Float64bits(view.Value) {
		t.Error(value)
	}
	changed := slices.Clone(view.Steps)
	changed[1].Value = 1000
	if value := must(Replay(changed))(t); value != 100 {
		t.Error(value)
	}
	for _, wrong := range [][]ReceiptStep{nil, changed[1:]} {
		if _, err := Replay(wrong); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	}
}

func TestAReceiptLivesAsLongAsAReference(t *testing.T) {
	f := newField(t, nil)
	hero := must(f.NewEntity(Profile{ID: "gone"}))(t)
	check0(t, hero.Put(f.strength("body", 12)))
	receipt := must(hero.Explain(soon(t), ListPrimary, f.name("strength"), 0))(t)
	hero.Release()
	check0(t, receipt.Retain())
	receipt.Release()
	text := must(receipt.JSON())(t)
	if !strings.HasPrefix(text, `{"actor_id": "gone", "version": 1, "list": "primary", "dimension": "strength", "value": 12.0, `) ||
		!strings.Contains(text, `"output": "body", "origin": "put"`) {
		t.Error(text)
	}
	receipt.Release()
	if _, err := receipt.View(); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
}

func TestWhatHasNoValueHasNoReceipt(t *testing.T) {
	f := newField(t, nil)
	_, err := f.hero("hero-1").Explain(soon(t), ListDerived, f.name("strength"), 0)
	if !errors.Is(err, ErrUnknownDimension) || !strings.Contains(err.Error(), "has no derived value") {
		t.Error(err)
	}
}

// The library's steps are read in place.
func TestAStepIsLaidOutAsTheLibrarys(t *testing.T) {
	var ours ReceiptStep
	var theirs raw.ReceiptStep
	if unsafe.Sizeof(ours) != unsafe.Sizeof(theirs) || unsafe.Offsetof(ours.Bound) != unsafe.Offsetof(theirs.Bound) ||
		unsafe.Offsetof(ours.Origin) != unsafe.Offsetof(theirs.Origin) ||
		unsafe.Offsetof(ours.Result) != unsafe.Offsetof(theirs.Result) {
		t.Error("a step is laid out otherwise")
	}
}
