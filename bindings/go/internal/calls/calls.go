// Package calls is where a mailbox calls functions of Go's: it is the only way by which C enters Go.
package calls

/*
#cgo pkg-config: actorcore
#include "calls.h"
*/
import "C"

import (
	"sync"
	"unsafe"
)

// Functions are a mailbox's. None of them panics. What they are given is C's, and goes with the call but for the
// message of a Push, which a Pop gives back.
type Functions interface {
	Rank(message unsafe.Pointer) uint64
	Key(message unsafe.Pointer) uint64
	Push(message unsafe.Pointer) bool
	Pop() uintptr
}

// Rank, Key, Push and Pop are functions in C, for the options of a mailbox whose word is a ticket.
var (
	Rank = unsafe.Pointer(C.actorcore_go_rank)
	Key  = unsafe.Pointer(C.actorcore_go_key)
	Push = unsafe.Pointer(C.actorcore_go_queue_push)
	Pop  = unsafe.Pointer(C.actorcore_go_queue_pop)
)

var table sync.Map // ticket -> Functions

// Keep has the functions found under a ticket until Forget.
func Keep(ticket uint64, functions Functions) { table.Store(ticket, functions) }

// Forget ends that.
func Forget(ticket uint64) { table.Delete(ticket) }

func of(ticket C.uintptr_t) Functions {
	functions, _ := table.Load(uint64(ticket))
	return functions.(Functions)
}

// at is a message of C's. Its address is no word of Go's that the collector could mind.
func at(message C.uintptr_t) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&message)) }

//export actorcoreGoRank
func actorcoreGoRank(ticket, message C.uintptr_t) C.uint64_t {
	return C.uint64_t(of(ticket).Rank(at(message)))
}

//export actorcoreGoKey
func actorcoreGoKey(ticket, message C.uintptr_t) C.uint64_t {
	return C.uint64_t(of(ticket).Key(at(message)))
}

//export actorcoreGoPush
func actorcoreGoPush(ticket, message C.uintptr_t) C.uint32_t {
	if of(ticket).Push(at(message)) {
		return 1
	}
	return 0
}

//export actorcoreGoPop
func actorcoreGoPop(ticket C.uintptr_t) C.uintptr_t { return C.uintptr_t(of(ticket).Pop()) }
