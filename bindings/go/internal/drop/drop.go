// Package drop is where the library tells Go that it has let go of a value that was moved by reference.
//
// The library's threads only link a ticket into a list in C; Go looks at the list when it has a turn in
// hand, so that no end of anything calls into Go.
package drop

/*
#cgo pkg-config: actorcore
#cgo noescape actorcore_go_carry
#cgo nocallback actorcore_go_carry
#cgo noescape actorcore_go_collect
#cgo nocallback actorcore_go_collect
#include "drop.h"
*/
import "C"

import (
	"sync/atomic"
	"unsafe"
)

var list = (*unsafe.Pointer)(unsafe.Pointer(C.actorcore_go_dropped()))

// Carry makes a buffer that begins with the ticket and gives it back with its last reference. It returns
// the buffer's handle, where its bytes are, and a status of the library.
func Carry(ticket, size uint64) (bits uint64, data unsafe.Pointer, status int32) {
	var buffer C.ac_buffer
	var bytes *C.uint8_t
	status = int32(C.actorcore_go_carry(C.uint64_t(ticket), C.uint64_t(size), &buffer, &bytes))
	return uint64(buffer.bits), unsafe.Pointer(bytes), status
}

// Pending says that tickets came back. It is a load.
func Pending() bool { return atomic.LoadPointer(list) != nil }

// Collect takes tickets that came back, as many as fit.
func Collect(into []uint64) []uint64 {
	return into[:C.actorcore_go_collect((*C.uint64_t)(unsafe.SliceData(into)), C.uint64_t(len(into)))]
}
