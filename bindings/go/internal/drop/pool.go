package drop

/*
#include <stdlib.h>
#include "drop.h"
*/
import "C"

import "unsafe"

// Routee is what a routee of a pool is to the library until Go has seen it: Go has given it no cell before its first
// turn, for it was spawned where there is no Go. It is C's memory.
type Routee struct {
	Cell   unsafe.Pointer // pinned; nil at first
	Ticket uint64         // of its pool
}

// Make makes a pool's routees, whose ticket it is given, and End gives the ticket back: functions in C, for the
// options of a router. A routee's word is odd, and no cell's is.
var (
	Make = unsafe.Pointer(C.actorcore_go_make)
	End  = unsafe.Pointer(C.actorcore_go_end)
)

// Made is the routee with an odd word, which is where the pointer goes.
func Made(word *uintptr) *Routee {
	return (*Routee)(unsafe.Add(*(*unsafe.Pointer)(unsafe.Pointer(word)), -1))
}

// Free ends a routee.
func (r *Routee) Free() { C.free(unsafe.Pointer(r)) }
