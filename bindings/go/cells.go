package actorcore

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	cellsAChunk = 1 << 12
	chunksMax   = 1 << 14
	cellsKept   = 256 // free cells that a worker keeps to itself
)

// A cell is where an actor's state is found: the library carries its index as the actor's word.
type cell struct {
	kind  *kind
	state unsafe.Pointer
}

// cells is the dense table of a system's actors in Go.
//
// Threads:    take and give under the lock; at without one, for a cell's content is published by the
// spawn and read on the actor's activations, which the library orders.
// Invariants: chunks are never moved or freed while the system lives; a cell belongs to one actor from
// its spawn to its STOPPED.
// Cost:       at is two loads.
type cells struct {
	chunks [chunksMax]atomic.Pointer[[cellsAChunk]cell]

	mu   sync.Mutex
	free []uint32
	used uint32
}

func (t *cells) at(user uintptr) *cell {
	return &t.chunks[user/cellsAChunk].Load()[user%cellsAChunk]
}

// take appends n free cells to into; false when the table is full, and then nothing was taken.
func (t *cells) take(into []uint32, n int) ([]uint32, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n > len(t.free)+cellsAChunk*chunksMax-int(t.used) {
		return into, false
	}
	reused := min(n, len(t.free))
	into = append(into, t.free[len(t.free)-reused:]...)
	t.free = t.free[:len(t.free)-reused]
	for range n - reused {
		if t.used%cellsAChunk == 0 {
			t.chunks[t.used/cellsAChunk].Store(new([cellsAChunk]cell))
		}
		into = append(into, t.used)
		t.used++
	}
	return into, true
}

func (t *cells) give(from []uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free = append(t.free, from...)
}

// settle puts actors' states, stride bytes apart, into cells, and appends the cells as words to users.
func (t *cells) settle(users []uintptr, indexes []uint32, k *kind, states unsafe.Pointer, stride uintptr) []uintptr {
	for i, index := range indexes {
		*t.at(uintptr(index)) = cell{k, unsafe.Add(states, uintptr(i)*stride)}
		users = append(users, uintptr(index))
	}
	return users
}

func (t *cells) clear(indexes []uint32) {
	for _, index := range indexes {
		*t.at(uintptr(index)) = cell{}
	}
}

// taken is how many cells belong to an actor or are kept by a worker.
func (t *cells) taken() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int(t.used) - len(t.free)
}
