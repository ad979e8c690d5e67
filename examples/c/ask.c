// ask: a request that is answered, one that fails, and one that nobody answers in time. Inside a
// handler an ask does not wait: the answer comes as a message.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SQUARE = 1, RELAY, SILENCE };
static const uint64_t second = 1000000000;
static ac_actor squarer;

static void must(const char* what, ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "ask: %s: %.*s\n", what, (int)name.size, name.data);
  exit(1);
}

static ac_status square(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* request = mine->messages[i];
    if (request->type != SQUARE) continue;  // SILENCE: the asker's time will be over
    int64_t number;
    memcpy(&number, request->data, sizeof number);
    mine->handled = i;
    if (number > INT32_MAX) return AC_E_HANDLER;  // fails this message, and stops this actor
    number *= number;
    const ac_status status = ac_turn_reply(turn, mine, request, SQUARE, &number, sizeof number);
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

// Asks the squarer on behalf of whoever asked it, and answers when the answer comes.
static ac_status relay(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  static ac_message waiting;  // this example relays one request at a time
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    ac_status status = AC_OK;
    if (message->type == RELAY) {
      uint64_t correlation;
      waiting = *message;
      status = ac_worker_ask(turn->worker, mine->actor, squarer, SQUARE,
                             (ac_bytes){message->data, message->length}, second, &correlation);
    } else if (message->correlation & AC_CORRELATION_REPLY) {
      status = ac_turn_reply(turn, mine, &waiting, RELAY, message->data, message->length);
    }
    mine->handled = i;
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

static ac_actor spawn(ac_system system, const char* name, ac_on_turn on_turn) {
  ac_behavior_options behavior = {
      .struct_size = sizeof behavior, .on_turn = on_turn, .name = ac_text_of(name)};
  ac_spawn_options options = {.struct_size = sizeof options};
  ac_actor actor;
  must(name, ac_behavior_create(system, &behavior, &options.behavior, NULL));
  must(name, ac_spawn(system, &options, &actor, NULL));
  return actor;
}

static void ask(ac_system system, const char* what, ac_actor actor, uint32_t type, int64_t number,
                uint64_t timeout) {
  ac_message reply;
  const ac_status status = ac_ask(
      system, actor, type, (ac_bytes){(const uint8_t*)&number, sizeof number}, timeout, &reply);
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  printf("%s %" PRId64 ": ", what, number);
  if (status == AC_OK) {
    memcpy(&number, reply.data, sizeof number);
    printf("%" PRId64 "\n", number);
  } else {
    printf("%.*s\n", (int)name.size, name.data);
  }
}

int main(void) {
  ac_system system;
  must("system", ac_system_create(NULL, &system, NULL));
  squarer = spawn(system, "c Squarer", square);
  const ac_actor relayer = spawn(system, "c Relay", relay);
  ask(system, "square", squarer, SQUARE, 12, second);
  ask(system, "relayed square", relayer, RELAY, 7, second);
  ask(system, "silence", squarer, SILENCE, 1, second / 100);
  ask(system, "square", squarer, SQUARE, INT64_MAX, second);
  must("stop", ac_system_stop(system, second, NULL, NULL));
  ac_system_release(system);
  return 0;
}
