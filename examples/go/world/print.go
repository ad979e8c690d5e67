package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

// print writes what the run came to; the result says whether the ledger holds.
func (w *world) print(m measured) (bool, error) {
	ledger, err := w.system.Ledger()
	if err != nil {
		return false, err
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintf(out, "actorcore world: %d entities, %d archetypes, %d subsystems, %d changes, seed %d\n",
		len(w.entities), len(archetypes), len(w.groups), w.entitiesTimesChanges(), w.seed)
	if err := w.printTable(out); err != nil {
		return false, err
	}
	if err := w.printEntities(out); err != nil {
		return false, err
	}
	holds := "holds"
	if !ledger.Holds() {
		holds = "DOES NOT HOLD"
	}
	fmt.Fprintf(out, "ledger: accepted %d = handled %d + queued %d + dead %d: %s\n", ledger.Accepted, ledger.Handled,
		ledger.Queued, ledger.DeadSum(), holds)
	if w.seeded {
		hash, err := w.system.TraceHash()
		if err != nil {
			return false, err
		}
		fmt.Fprintf(out, "trace hash: %016x\n", hash)
	}
	w.printMeasured(out, m)
	fmt.Fprintln(out, "actorcore world: done")
	return ledger.Holds(), nil
}

func (w *world) printTable(out *bufio.Writer) error {
	fmt.Fprintf(out, "%-24s %20s %19s %19s\n", "dimension", "total", "mean", "max")
	for column, dimension := range w.dimensions {
		name, err := w.engine.Text(dimension)
		if err != nil {
			return err
		}
		total, highest := 0.0, math.Inf(-1)
		for entity := range w.entities {
			value := w.table[entity*len(w.dimensions)+column]
			total += value
			highest = max(highest, value)
		}
		fmt.Fprintf(out, "%-24s %20.4f %19.4f %19.4f\n", name, total, total/float64(len(w.entities)), highest)
	}
	return nil
}

func (w *world) printEntities(out *bufio.Writer) error {
	for i, entity := range w.entities[:min(w.show, uint64(len(w.entities)))] {
		snapshot, err := entity.Resolve(context.Background(), actorcore.ResolveFresh)
		if err != nil {
			return err
		}
		json, err := snapshot.JSON()
		snapshot.Release()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "entity-%d (%s): %s\n", i, archetypes[i%len(archetypes)], json)
	}
	return nil
}

// printMeasured writes the lines that differ from run to run.
func (w *world) printMeasured(out *bufio.Writer, m measured) {
	n := len(w.entities)
	slices.Sort(w.latencies)
	fmt.Fprintf(out, "~ spawned %d actors in %.3f s: %.0f a second, %.0f bytes an actor\n", n, m.spawn.Seconds(),
		rate(n, m.spawn), m.bytesAnActor)
	changes := int(w.entitiesTimesChanges())
	fmt.Fprintf(out, "~ changes: %d in %.3f s, %.0f a second\n", changes, m.changes.Seconds(), rate(changes, m.changes))
	fmt.Fprintf(out, "~ reports: %d in %.3f s, %.0f a second; latency p50 %.1f us, p99 %.1f us\n", n, m.reports.Seconds(),
		rate(n, m.reports), float64(w.latencies[n/2])/1e3, float64(w.latencies[n*99/100])/1e3)
}

func rate(count int, took time.Duration) float64 { return float64(count) / max(took.Seconds(), 1e-9) }
