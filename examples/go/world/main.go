// world: one actor for each entity, subsystem actors that post changes to them, and a totals actor to which
// every entity reports what it resolves. The plain run uses every core; with --seed it is deterministic and
// prints its trace hash.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

var archetypes = []string{"warrior", "mage", "rogue", "ranger", "cleric", "merchant"}

const usage = `usage: world [--entities N] [--changes N] [--seed N] [--data DIR] [--show K] [--workers N]

  --entities N  actors, one an entity (100000)
  --changes N   changes for each entity, on average (4)
  --seed N      run deterministically and print the trace hash (picks from seed 42 otherwise)
  --data DIR    where registry.yaml, outputs.json and changes.json are (examples/data)
  --show K      entities to print in full (3)
  --workers N   threads, 0 is one a core (0)
  --help        print this
`

type options struct {
	entities, changes, show, workers uint64
	seed                             uint64
	seeded                           bool
	data                             string
}

func parse(arguments []string) (options, error) {
	o := options{seed: 42}
	flags := flag.NewFlagSet("world", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Uint64Var(&o.entities, "entities", 100_000, "")
	flags.Uint64Var(&o.changes, "changes", 4, "")
	flags.Uint64Var(&o.seed, "seed", 42, "")
	flags.StringVar(&o.data, "data", "examples/data", "")
	flags.Uint64Var(&o.show, "show", 3, "")
	flags.Uint64Var(&o.workers, "workers", 0, "")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	flags.Visit(func(f *flag.Flag) { o.seeded = o.seeded || f.Name == "seed" })
	switch {
	case flags.NArg() != 0:
		return o, fmt.Errorf("%q is no option", flags.Arg(0))
	case o.entities == 0 || o.entities > math.MaxUint32:
		return o, errors.New("--entities takes a number from 1 to 4294967295")
	case o.workers > 256:
		return o, errors.New("--workers takes a number up to 256")
	}
	return o, nil
}

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		fmt.Print(usage)
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "world: %v; --help lists the options\n", err)
		os.Exit(2)
	}
	if err := simulate(o); err != nil {
		fmt.Fprintln(os.Stderr, "world:", err)
		os.Exit(1)
	}
}

// world is what the actors share: written before they are spawned, but for the table, which is the totals
// actor's.
type world struct {
	options
	system     *actorcore.System
	engine     actorcore.Engine
	dimensions []actorcore.Name
	changes    *actorcore.Outputs
	groups     [][]uint32 // indices of changes, one group a subsystem
	entities   []actorcore.Entity
	actors     []actorcore.Actor
	totals     actorcore.Actor
	table      []float64 // a row an entity, a column a dimension
	latencies  []uint32
}

func simulate(o options) error {
	w := &world{options: o}
	var err error
	w.system, err = actorcore.NewSystem(actorcore.Options{Workers: int(o.workers), Seeded: o.seeded, Seed: o.seed, Name: "world"})
	if err != nil {
		return err
	}
	defer w.system.Close()
	if w.engine, err = actorcore.NewEngine(w.system); err != nil {
		return err
	}
	defer w.engine.Release()
	if err := w.load(); err != nil {
		return err
	}
	defer w.changes.Release()
	defer func() {
		for _, entity := range w.entities {
			entity.Release()
		}
	}()
	measured, err := w.run()
	if err != nil {
		return err
	}
	holds, err := w.print(measured)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := w.system.Stop(ctx); err != nil {
		return err
	}
	if !holds {
		return errors.New("the ledger does not hold")
	}
	return nil
}

// load reads the registry and the changes, which it groups by subsystem, in the order in which those appear.
func (w *world) load() error {
	if err := w.engine.LoadFile(filepath.Join(w.data, "registry.yaml")); err != nil {
		return err
	}
	var err error
	if w.dimensions, err = w.engine.Dimensions(); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(w.data, "changes.json"))
	if err != nil {
		return err
	}
	if w.changes, err = w.engine.LoadOutputs(actorcore.Source{Text: string(text), Label: "changes.json"}); err != nil {
		return err
	}
	groups := map[actorcore.Name]int{}
	for i := range w.changes.Len() {
		system := w.changes.At(i).System
		group, known := groups[system]
		if !known {
			group = len(w.groups)
			groups[system] = group
			w.groups = append(w.groups, nil)
		}
		w.groups[group] = append(w.groups[group], uint32(i))
	}
	if len(w.groups) == 0 {
		return errors.New("changes.json has no changes")
	}
	return nil
}
