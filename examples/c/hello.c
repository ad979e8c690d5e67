// hello: one actor, four messages to it, and the ledger that accounts for them.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GREET = 1, FINISH };

static void must(ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "hello: %.*s\n", (int)name.size, name.data);
  exit(1);
}

static ac_status greeter(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  unsigned* greeted = (unsigned*)user;
  (void)turn;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    if (message->type == GREET) {
      ++*greeted;
      printf("hello, %.*s\n", (int)message->length, (const char*)ac_message_payload(message));
    } else if (message->type == FINISH) {
      printf("greeted %u\n", *greeted);
      mine->flags |= AC_ACTIVATION_STOP;
    }
  }
  return AC_OK;
}

int main(void) {
  static const char* const names[] = {"Ada", "Grace", "Katherine"};
  static unsigned greeted;
  ac_system system;
  must(ac_system_create(NULL, &system, NULL));
  const ac_behavior_options behavior = {
      .struct_size = sizeof behavior, .on_turn = greeter, .name = ac_text_of("c Greeter")};
  ac_spawn_options options = {
      .struct_size = sizeof options, .user = (uintptr_t)&greeted, .name = ac_text_of("greeter")};
  ac_actor actor;
  must(ac_behavior_create(system, &behavior, &options.behavior, NULL));
  must(ac_spawn(system, &options, &actor, NULL));
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    const ac_bytes name = {(const uint8_t*)names[i], strlen(names[i])};
    must(ac_tell(system, actor, GREET, name));
  }
  must(ac_tell(system, actor, FINISH, (ac_bytes){0}));
  must(ac_system_settle(system, AC_TIMEOUT_NEVER));

  ac_ledger ledger;
  must(ac_system_ledger(system, &ledger));
  printf("accepted %" PRIu64 ", handled %" PRIu64 "\n", ledger.accepted, ledger.handled);
  must(ac_system_stop(system, 1000000000, NULL, NULL));
  ac_system_release(system);
  return 0;
}
