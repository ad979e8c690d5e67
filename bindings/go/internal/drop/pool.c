#include <stdlib.h>

#include "drop.h"

// Nothing here may fail, and there is no Go to fall back on: memory that is exhausted ends the
// process, as in Go.
static void* need(size_t size) {
  void* const memory = calloc(1, size);
  if (!memory) abort();
  return memory;
}

uintptr_t actorcore_go_make(uintptr_t ticket) {
  actorcore_go_routee* const routee = need(sizeof *routee);
  routee->ticket = ticket;
  return (uintptr_t)routee | 1;
}

void actorcore_go_end(uintptr_t ticket) {
  actorcore_go_node* const node = need(sizeof *node);
  node->ticket = ticket;
  actorcore_go_push((uintptr_t)node);
}
