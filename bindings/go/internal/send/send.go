// Package send has the calls that send something and do not wait. A mailbox on the way may call into Go, whose stack
// can move meanwhile, so they take what they send by value and give back what came of it: pointers would make it
// escape to the heap.
package send

/*
#cgo pkg-config: actorcore
#include <actorcore/actorcore.h>

typedef struct {
	uint64_t number;
	ac_status status;
} go_sent;

typedef struct {
	uint8_t bytes[AC_INLINE_BYTES];
} go_inline;

static ac_status go_tell(ac_system system, ac_message message) {
	ac_status status = AC_OK;
	const ac_status failed = ac_tell_many(system, &message, 1, &status, NULL);
	return failed != AC_OK ? failed : status;
}

static go_sent go_ask(ac_worker worker, ac_actor asker, ac_actor to, uint32_t type, go_inline payload, uint64_t size,
		uint64_t timeout_ns) {
	go_sent sent = {0};
	const ac_bytes bytes = {payload.bytes, size};
	sent.status = ac_worker_ask(worker, asker, to, type, bytes, timeout_ns, &sent.number);
	return sent;
}

static go_sent go_put(ac_batcher batcher, ac_batch_item item) {
	go_sent sent = {0};
	sent.status = ac_batcher_put(batcher, &item, &sent.number);
	return sent;
}
*/
import "C"

import (
	"unsafe"

	"github.com/actorcore/actorcore/bindings/go/internal/raw"
)

// Inline is a payload that goes into an envelope.
type Inline [raw.InlineBytes]byte

// Tell is ac_tell_many of one message.
func Tell(system raw.System, message *raw.Message) raw.Status {
	return raw.Status(C.go_tell(C.ac_system{bits: C.uint64_t(system.Bits)}, *(*C.ac_message)(unsafe.Pointer(message))))
}

// Ask is ac_worker_ask with a payload of at most raw.InlineBytes; the number is the request's correlation.
func Ask(worker raw.Worker, asker, to raw.Actor, number uint32, payload *Inline, size uintptr, timeout uint64) (uint64, raw.Status) {
	sent := C.go_ask(C.ac_worker{bits: C.uint64_t(worker.Bits)}, C.ac_actor{bits: C.uint64_t(asker.Bits)},
		C.ac_actor{bits: C.uint64_t(to.Bits)}, C.uint32_t(number), *(*C.go_inline)(unsafe.Pointer(payload)),
		C.uint64_t(size), C.uint64_t(timeout))
	return uint64(sent.number), raw.Status(sent.status)
}

// Put is ac_batcher_put; the number is the item's ticket.
func Put(batcher raw.Batcher, item *raw.BatchItem) (uint64, raw.Status) {
	sent := C.go_put(C.ac_batcher{bits: C.uint64_t(batcher.Bits)}, *(*C.ac_batch_item)(unsafe.Pointer(item)))
	return uint64(sent.number), raw.Status(sent.status)
}
