#include "calls.h"

#include "_cgo_export.h"

uint64_t actorcore_go_rank(uintptr_t ticket, const ac_message* message) {
  return actorcoreGoRank(ticket, (uintptr_t)message);
}

uint64_t actorcore_go_key(uintptr_t ticket, const ac_message* message) {
  return actorcoreGoKey(ticket, (uintptr_t)message);
}

uint32_t actorcore_go_queue_push(uintptr_t ticket, ac_message* message) {
  return actorcoreGoPush(ticket, (uintptr_t)message);
}

ac_message* actorcore_go_queue_pop(uintptr_t ticket) {
  return (ac_message*)actorcoreGoPop(ticket);
}
