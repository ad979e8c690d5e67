// hello: an actor that greets, and is told whom.
#include <actorcore/actorcore.h>
#include <stdio.h>

static ac_status greet(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user, (void)turn;
  for (uint32_t i = 0; i < mine->count; ++i) {
    printf("hello, %.*s\n", (int)mine->messages[i]->length,
           (const char*)ac_message_payload(mine->messages[i]));
  }
  return AC_OK;
}

int main(void) {
  ac_system system;
  ac_behavior greeter;
  ac_actor actor;
  const ac_behavior_options behavior = {
      .struct_size = sizeof behavior, .on_turn = greet, .name = ac_text_of("c Greeter")};
  ac_status status = ac_system_create(NULL, &system, NULL);
  if (status == AC_OK) status = ac_behavior_create(system, &behavior, &greeter, NULL);
  const ac_spawn_options options = {.struct_size = sizeof options, .behavior = greeter};
  if (status == AC_OK) status = ac_spawn(system, &options, &actor, NULL);
  if (status == AC_OK) status = ac_tell(system, actor, 1, (ac_bytes){(const uint8_t*)"world", 5});
  if (status == AC_OK) status = ac_system_stop(system, 1000000000, NULL, NULL);  // drains first
  ac_system_release(system);
  return status == AC_OK ? 0 : 1;
}
