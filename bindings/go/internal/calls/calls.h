// What a mailbox calls of Go's: its rank, its key, and the push and pop of its queue.
//
// Threads:    the sender's, or the receiver's worker, under the mailbox's lock; a thread of the library's own among
//             them, as for timers.
// Invariants: each word is a ticket of the table in Go, from before the spawn until the library has ended it.
#ifndef ACTORCORE_GO_CALLS_H_
#define ACTORCORE_GO_CALLS_H_

#include <actorcore/actorcore.h>

uint64_t actorcore_go_rank(uintptr_t ticket, const ac_message* message);
uint64_t actorcore_go_key(uintptr_t ticket, const ac_message* message);
uint32_t actorcore_go_queue_push(uintptr_t ticket, ac_message* message);
ac_message* actorcore_go_queue_pop(uintptr_t ticket);

#endif  // ACTORCORE_GO_CALLS_H_
