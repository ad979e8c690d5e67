#include "drop.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// D1  push -> collect: whoever takes a node sees its ticket.
static _Atomic(actorcore_go_node*) dropped;

void actorcore_go_push(uintptr_t user) {
  actorcore_go_node* node = (actorcore_go_node*)user;
  actorcore_go_node* first = atomic_load_explicit(&dropped, memory_order_relaxed);
  do {
    node->next = first;
  } while (!atomic_compare_exchange_weak_explicit(&dropped, &first, node,
                                                  memory_order_release,  // D1
                                                  memory_order_relaxed));
}

ac_status actorcore_go_carry(uint64_t ticket, uint64_t size, ac_buffer* buffer, uint8_t** data) {
  actorcore_go_node* node = malloc(sizeof *node);
  if (!node) return AC_E_NO_MEMORY;
  node->ticket = ticket;
  const ac_status status =
      ac_buffer_create_with(size, actorcore_go_push, (uintptr_t)node, buffer, data);
  if (status != AC_OK) {
    free(node);
    return status;
  }
  memcpy(*data, &ticket, sizeof ticket);
  return AC_OK;
}

void** actorcore_go_dropped(void) { return (void**)&dropped; }

uint64_t actorcore_go_collect(uint64_t* tickets, uint64_t capacity) {
  actorcore_go_node* first = atomic_exchange_explicit(&dropped, NULL, memory_order_acquire);  // D1
  uint64_t count = 0;
  while (first && count < capacity) {
    actorcore_go_node* node = first;
    first = node->next;
    tickets[count++] = node->ticket;
    free(node);
  }
  while (first) {  // those without room go back, for the next call
    actorcore_go_node* next = first->next;
    actorcore_go_push((uintptr_t)first);
    first = next;
  }
  return count;
}
