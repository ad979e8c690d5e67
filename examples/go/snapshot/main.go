// snapshot: a registry, an entity with stored outputs, and a subsystem that is asked at every resolve.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/actorcore/actorcore/bindings/go"
)

const registry = `
dimensions:
  strength:
    use_pipeline: true
    clamp_default: { min: 0, max: 100 }
  attack:
    use_pipeline: true
    clamp_default: { min: 0, max: 1000 }
    formula: { terms: { strength: 2 }, constant: 5 }
`

// rage adds one strength for every two wounds; in a game this would look at the world.
type rage struct {
	strength actorcore.Name
	wounds   int
}

var rages = actorcore.NewKind("Rage", actorcore.On(actorcore.Questions, (*rage).contribute))

func (r *rage) contribute(_ *actorcore.Context, question actorcore.Question) error {
	return question.Answer(&actorcore.Output{Contributions: []actorcore.Contribution{
		{Dimension: r.strength, Value: float64(r.wounds / 2)},
	}})
}

func run() error {
	system, err := actorcore.NewSystem(actorcore.Options{})
	if err != nil {
		return err
	}
	defer system.Close()
	engine, err := actorcore.NewEngine(system)
	if err != nil {
		return err
	}
	defer engine.Release()
	if err := engine.Load(actorcore.Source{Text: registry, Label: "registry"}); err != nil {
		return err
	}
	strength, err := engine.Name("strength")
	if err != nil {
		return err
	}
	actor, err := rages.Spawn(system, &rage{strength, 7})
	if err != nil {
		return err
	}
	if err := engine.Register(actorcore.Subsystem{Name: "rage", Actor: actor}); err != nil {
		return err
	}
	hero, err := hero(engine, strength)
	if err != nil {
		return err
	}
	defer hero.Release()
	snapshot, err := hero.Resolve(context.Background(), 0)
	if err != nil {
		return err
	}
	defer snapshot.Release()
	return print(engine, snapshot)
}

// hero is an entity with what its body contributes.
func hero(engine actorcore.Engine, strength actorcore.Name) (actorcore.Entity, error) {
	hero, err := engine.NewEntity(actorcore.Profile{ID: "hero-1", Name: "Hero"})
	if err != nil {
		return hero, err
	}
	body, err := engine.Name("body")
	if err != nil {
		return hero, err
	}
	return hero, hero.Put(&actorcore.Output{System: body, Contributions: []actorcore.Contribution{
		{Dimension: strength, Value: 12},
		{Dimension: strength, Bucket: actorcore.BucketMult, Value: 0.5},
	}})
}

func print(engine actorcore.Engine, snapshot actorcore.Snapshot) error {
	view, err := snapshot.View()
	if err != nil {
		return err
	}
	fmt.Printf("%s, version %d\n", view.ActorID, view.Version)
	for _, values := range []actorcore.Values{view.Primary, view.Derived} {
		for i, name := range values.Names {
			text, err := engine.Text(name)
			if err != nil {
				return err
			}
			fmt.Printf("  %s = %v\n", text, values.Numbers[i])
		}
	}
	json, err := snapshot.JSON()
	fmt.Println(json)
	return err
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
