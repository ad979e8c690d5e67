// Values that Go moves by reference: their tickets come back here when the library lets go of them.
//
// Threads:    any. The library's threads push, Go takes all; nothing here enters Go.
// Invariants: every buffer that was made gives its ticket back exactly once.
#ifndef ACTORCORE_GO_DROP_H_
#define ACTORCORE_GO_DROP_H_

#include <actorcore/actorcore.h>

// A ticket in the list of those that came back.
typedef struct actorcore_go_node {
  struct actorcore_go_node* next;
  uint64_t ticket;
} actorcore_go_node;

// Links a node, which is malloc's and the list's from here on.
void actorcore_go_push(uintptr_t node);

// A buffer of `size` bytes that starts with the ticket and gives it back with its last reference.
ac_status actorcore_go_carry(uint64_t ticket, uint64_t size, ac_buffer* buffer, uint8_t** data);

// Where tickets that came back are linked; null when there is none.
void** actorcore_go_dropped(void);

// Moves up to `capacity` of them into `tickets`; how many.
uint64_t actorcore_go_collect(uint64_t* tickets, uint64_t capacity);

// A routee of a pool, before Go has seen it; its word is its address, and odd.
typedef struct {
  void* cell;
  uint64_t ticket;
} actorcore_go_routee;

// A pool's ac_router_make, and its ac_destroy: the ticket comes back.
uintptr_t actorcore_go_make(uintptr_t ticket);
void actorcore_go_end(uintptr_t ticket);

#endif  // ACTORCORE_GO_DROP_H_
