#include "drop.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct node {
  struct node* next;
  uint64_t ticket;
};

// D1  push -> collect: whoever takes a node sees its ticket.
static _Atomic(struct node*) dropped;

static void push(uintptr_t user) {
  struct node* node = (struct node*)user;
  struct node* first = atomic_load_explicit(&dropped, memory_order_relaxed);
  do {
    node->next = first;
  } while (!atomic_compare_exchange_weak_explicit(&dropped, &first, node, memory_order_release,  // D1
                                                  memory_order_relaxed));
}

ac_status actorcore_go_carry(uint64_t ticket, uint64_t size, ac_buffer* buffer, uint8_t** data) {
  struct node* node = malloc(sizeof *node);
  if (!node) return AC_E_NO_MEMORY;
  node->ticket = ticket;
  const ac_status status = ac_buffer_create_with(size, push, (uintptr_t)node, buffer, data);
  if (status != AC_OK) {
    free(node);
    return status;
  }
  memcpy(*data, &ticket, sizeof ticket);
  return AC_OK;
}

void** actorcore_go_dropped(void) { return (void**)&dropped; }

uint64_t actorcore_go_collect(uint64_t* tickets, uint64_t capacity) {
  struct node* first = atomic_exchange_explicit(&dropped, NULL, memory_order_acquire);  // D1
  uint64_t count = 0;
  while (first && count < capacity) {
    struct node* node = first;
    first = node->next;
    tickets[count++] = node->ticket;
    free(node);
  }
  while (first) {  // those without room go back, for the next call
    struct node* next = first->next;
    push((uintptr_t)first);
    first = next;
  }
  return count;
}
