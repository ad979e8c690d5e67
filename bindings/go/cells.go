package actorcore

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/drop"
)

const (
	cellsAChunk = 1 << 12
	cellsMax    = 1 << 26
	cellsKept   = 256 // free cells that a worker keeps to itself
)

// A cell is where an actor's state is found: its address is the word that the library carries for the actor.
type cell struct {
	kind  *kind
	state unsafe.Pointer
}

// cells is the table of a system's actors in Go.
//
// Threads:    take and give under the lock. What is in a cell needs none: it is written before the spawn and
// read on the actor's activations, which the library orders.
// Invariants: chunks are pinned and live as long as the system, so the library may keep their addresses; a
// cell belongs to one actor from its spawn to its STOPPED.
// Cost:       an activation finds its cell by one load.
type cells struct {
	mu     sync.Mutex
	chunks []*[cellsAChunk]cell
	pins   runtime.Pinner
	free   []*cell
}

// take appends n free cells to into; false when the table is full, and then nothing was taken.
func (t *cells) take(into []*cell, n int) ([]*cell, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.free) < n {
		if len(t.chunks)*cellsAChunk == cellsMax {
			return into, false
		}
		t.grow()
	}
	into = append(into, t.free[len(t.free)-n:]...)
	t.free = t.free[:len(t.free)-n]
	return into, true
}

// held are the tables that the library may know addresses of: what is pinned must not become garbage.
var held sync.Map

func (t *cells) grow() {
	held.Store(t, nil)
	chunk := new([cellsAChunk]cell)
	t.pins.Pin(chunk)
	t.chunks = append(t.chunks, chunk)
	for i := range chunk {
		t.free = append(t.free, &chunk[len(chunk)-1-i])
	}
}

func (t *cells) give(from []*cell) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free = append(t.free, from...)
}

// close lets go of the chunks, once the library has no actor left.
func (t *cells) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pins.Unpin()
	held.Delete(t)
}

// taken is how many cells belong to an actor or are kept by a worker.
func (t *cells) taken() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.chunks)*cellsAChunk - len(t.free)
}

// settle puts actors' states, stride bytes apart, into cells.
func settle(cells []*cell, k *kind, states unsafe.Pointer, stride uintptr) {
	for i, cell := range cells {
		cell.kind, cell.state = k, unsafe.Add(states, uintptr(i)*stride)
	}
}

func empty(cells []*cell) {
	for _, cell := range cells {
		cell.kind, cell.state = nil, nil
	}
}

// words are cells as the library carries them.
func words(cells []*cell) *uintptr {
	return (*uintptr)(unsafe.Pointer(unsafe.SliceData(cells)))
}

// cellOf is the cell that an activation is for; nil for a routee of a pool on its first one.
func cellOf(word *uintptr) *cell {
	if *word&1 != 0 {
		return (*cell)(drop.Made(word).Cell)
	}
	return *(**cell)(unsafe.Pointer(word))
}
