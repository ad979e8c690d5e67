//go:build race

package actorcore

import (
	"runtime"
	"unsafe"
)

// The library orders what handlers do, out of the race detector's sight. So that it reports races of the
// program and not those, a handler's begin and end and every call that sends or waits meet at the system.

func acquire(system *System) { runtime.RaceAcquire(unsafe.Pointer(system)) }
func release(system *System) { runtime.RaceReleaseMerge(unsafe.Pointer(system)) }
