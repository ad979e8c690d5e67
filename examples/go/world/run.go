package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/actorcore/actorcore/bindings/go"
)

const batchMax = 1_000 // actors and reports in one call

type measured struct {
	spawn, changes, reports time.Duration
	bytesAnActor            float64
}

func (w *world) run() (m measured, err error) {
	show := newProgress()
	show.begin("creating entities")
	if err := w.createEntities(show); err != nil {
		return m, err
	}
	subsystems, err := w.spawn(&m)
	if err != nil {
		return m, err
	}
	show.end()

	show.begin("changes")
	began := time.Now()
	all := w.entitiesTimesChanges()
	for i, subsystem := range subsystems {
		left := all / uint64(len(subsystems))
		if uint64(i) < all%uint64(len(subsystems)) {
			left++
		}
		if err := goes.Tell(w.system, subsystem, left); err != nil {
			return m, err
		}
	}
	if err := w.settle(show, all); err != nil {
		return m, err
	}
	m.changes = time.Since(began)
	show.end()

	show.begin("reports")
	began = time.Now()
	if err := w.sendReports(); err != nil {
		return m, err
	}
	if err := w.settle(show, 2*w.options.entities); err != nil {
		return m, err
	}
	m.reports = time.Since(began)
	show.end()
	return m, nil
}

func (w *world) entitiesTimesChanges() uint64 { return w.options.entities * w.options.changes }

func (w *world) createEntities(show *progress) error {
	text, err := os.ReadFile(filepath.Join(w.data, "outputs.json"))
	if err != nil {
		return err
	}
	outputs := make([]*actorcore.Outputs, len(archetypes))
	for i, archetype := range archetypes {
		outputs[i], err = w.engine.LoadOutputs(actorcore.Source{Text: string(text), Label: "outputs.json", Member: archetype})
		if err != nil {
			return err
		}
		defer outputs[i].Release()
	}
	w.entities = make([]actorcore.Entity, w.options.entities)
	for i := range w.entities {
		archetype := i % len(archetypes)
		w.entities[i], err = w.engine.NewEntity(actorcore.Profile{
			ID: "entity-" + strconv.Itoa(i), Name: archetypes[archetype], Race: "human", Version: 1})
		if err != nil {
			return err
		}
		if err := w.entities[i].PutAll(outputs[archetype]); err != nil {
			return err
		}
		if i%1024 == 0 {
			show.at(uint64(i), w.options.entities)
		}
	}
	return nil
}

// spawn makes the totals actor, one actor for each entity, and one for each subsystem, in that order.
func (w *world) spawn(m *measured) ([]actorcore.Actor, error) {
	w.table = make([]float64, len(w.entities)*len(w.dimensions))
	w.latencies = make([]uint32, len(w.entities))
	w.actors = make([]actorcore.Actor, len(w.entities))
	clear(w.actors) // touched before the memory is sampled
	before, err := resident()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if w.totals, err = totalsActors.Spawn(w.system, &totalsActor{w}, actorcore.Named("totals")); err != nil {
		return nil, err
	}
	for first := 0; first < len(w.actors); first += batchMax {
		part := w.actors[first:min(first+batchMax, len(w.actors))]
		states := make([]entityActor, len(part))
		for i := range states {
			states[i] = entityActor{w, uint32(first + i)}
		}
		if err := entityActors.SpawnMany(w.system, states, part); err != nil {
			return nil, err
		}
	}
	subsystems := make([]actorcore.Actor, len(w.groups))
	for i, group := range w.groups {
		state := &subsystemActor{w, group, w.seed*0x9E3779B97F4A7C15 + uint64(i)}
		if subsystems[i], err = subsystemActors.Spawn(w.system, state); err != nil {
			return nil, err
		}
	}
	m.spawn = time.Since(began)
	after, err := resident()
	m.bytesAnActor = float64(after-before) / float64(len(w.actors))
	return subsystems, err
}

func (w *world) sendReports() error {
	var batch actorcore.Batch
	for first := 0; first < len(w.actors); first += batchMax {
		sent := w.system.Now()
		for _, actor := range w.actors[first:min(first+batchMax, len(w.actors))] {
			if err := reports.Add(&batch, actor, sent); err != nil {
				return err
			}
		}
		if _, err := w.system.TellMany(&batch); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until the system is quiet. On a terminal it looks up now and then; a seeded system runs
// inside one call.
func (w *world) settle(show *progress, messages uint64) error {
	if !show.terminal || w.seeded {
		return w.system.Settle(context.Background())
	}
	before, err := w.system.Ledger()
	for err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		err = w.system.Settle(ctx)
		cancel()
		if !errors.Is(err, actorcore.ErrTimeout) {
			return err
		}
		var now actorcore.Ledger
		now, err = w.system.Ledger()
		show.at(now.Handled-before.Handled, messages)
	}
	return err
}

func resident() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// progress is a bar on a terminal, otherwise a line for each phase.
type progress struct {
	terminal bool
	phase    string
}

func newProgress() *progress {
	about, err := os.Stderr.Stat()
	return &progress{terminal: err == nil && about.Mode()&os.ModeCharDevice != 0}
}

func (p *progress) begin(phase string) {
	p.phase = phase
	if !p.terminal {
		fmt.Fprintln(os.Stderr, phase)
	}
	p.at(0, 1)
}

func (p *progress) at(done, all uint64) {
	if !p.terminal {
		return
	}
	const width = 40
	full := int(min(width, done*width/max(all, 1)))
	fmt.Fprintf(os.Stderr, "\r%-18s [%s%s]", p.phase, strings.Repeat("#", full), strings.Repeat(".", width-full))
}

func (p *progress) end() {
	p.at(1, 1)
	if p.terminal {
		fmt.Fprintln(os.Stderr)
	}
}
