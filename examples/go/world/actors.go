package main

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/actorcore/actorcore/bindings/go"
)

const postsMax = 1_000 // changes in one handler call

type change struct {
	Index, Reserved uint32
}

var (
	goes    = actorcore.Define[uint64](1, "GO")
	changes = actorcore.Define[change](2, "CHANGE")
	reports = actorcore.Define[uint64](3, "REPORT")
	totals  = actorcore.Define[[]byte](4, "TOTAL")
)

var (
	entityActors = actorcore.NewKind("Entity",
		actorcore.On(changes, (*entityActor).change),
		actorcore.On(reports, (*entityActor).report))
	subsystemActors = actorcore.NewKind("Subsystem", actorcore.On(goes, (*subsystemActor).post))
	totalsActors    = actorcore.NewKind("Totals", actorcore.On(totals, (*totalsActor).total))
)

// entityActor stands for one entity.
type entityActor struct {
	world *world
	index uint32
}

func (a *entityActor) change(_ *actorcore.Context, c change) error {
	if int(c.Index) >= a.world.changes.Len() {
		return fmt.Errorf("there is no change %d", c.Index)
	}
	return a.world.entities[a.index].PutFrom(a.world.changes, int(c.Index))
}

func (a *entityActor) report(ctx *actorcore.Context, sent uint64) error {
	w := a.world
	snapshot, err := w.entities[a.index].Resolve(ctx, 0)
	if err != nil {
		return err
	}
	defer snapshot.Release()
	view, err := snapshot.View()
	if err != nil {
		return err
	}
	latency := w.system.Now() - sent
	row := make([]byte, 0, 512)
	row = binary.LittleEndian.AppendUint32(row, a.index)
	row = binary.LittleEndian.AppendUint32(row, uint32(min(latency, math.MaxUint32)))
	primary, derived := cursor{values: view.Primary}, cursor{values: view.Derived}
	for _, dimension := range w.dimensions {
		value, _ := primary.take(dimension)
		if higher, ok := derived.take(dimension); ok {
			value = higher
		}
		row = binary.LittleEndian.AppendUint64(row, math.Float64bits(value))
	}
	totals.Send(ctx, w.totals, row)
	return nil
}

// cursor walks values in step with the dimensions, for both are in the order of their names.
type cursor struct {
	values actorcore.Values
	at     int
}

func (c *cursor) take(name actorcore.Name) (float64, bool) {
	if c.at == len(c.values.Names) || c.values.Names[c.at] != name {
		return 0, false
	}
	c.at++
	return c.values.Numbers[c.at-1], true
}

// subsystemActor posts changes to random entities until none are left.
type subsystemActor struct {
	world  *world
	group  []uint32
	random uint64
}

func (a *subsystemActor) post(ctx *actorcore.Context, left uint64) error {
	w := a.world
	posts := min(left, postsMax)
	for range posts {
		actor := w.actors[a.next()%uint64(len(w.actors))]
		changes.Send(ctx, actor, change{Index: a.group[a.next()%uint64(len(a.group))]})
	}
	if left > posts {
		goes.Send(ctx, ctx.Self(), left-posts)
	}
	return nil
}

// next is splitmix64.
func (a *subsystemActor) next() uint64 {
	a.random += 0x9E3779B97F4A7C15
	z := a.random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// totalsActor keeps what the entities report.
type totalsActor struct {
	world *world
}

func (a *totalsActor) total(_ *actorcore.Context, row []byte) error {
	w := a.world
	if len(row) != 8+8*len(w.dimensions) {
		return fmt.Errorf("a total of %d bytes", len(row))
	}
	index := binary.LittleEndian.Uint32(row)
	if int(index) >= len(w.latencies) {
		return fmt.Errorf("there is no entity %d", index)
	}
	w.latencies[index] = binary.LittleEndian.Uint32(row[4:])
	into := w.table[int(index)*len(w.dimensions):][:len(w.dimensions)]
	for i := range into {
		into[i] = math.Float64frombits(binary.LittleEndian.Uint64(row[8+8*i:]))
	}
	return nil
}
