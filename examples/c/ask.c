// ask: a request and its reply, from outside and between two actors, and what becomes of one that
// fails. Inside a handler an ask does not wait: the answer comes as a message.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPOSIT = 1, WITHDRAW, BALANCE, PAY };  // each with an amount in cents, an int64_t
static const uint64_t second = 1000000000;

static void must(ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "ask: %.*s\n", (int)name.size, name.data);
  exit(1);
}

// Keeps a balance; its replies are messages like any other.
static ac_status account(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  int64_t* balance = (int64_t*)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* request = mine->messages[i];
    int64_t cents;
    memcpy(&cents, request->data, sizeof cents);
    if (request->type == WITHDRAW && cents > *balance) {
      const ac_text why = ac_text_of("c Account: insufficient funds");
      mine->handled = i;
      must(ac_worker_fail(turn->worker, 0, i, AC_E_HANDLER, why));
      return AC_E_HANDLER;  // fails this message, and stops this actor
    }
    *balance += request->type == WITHDRAW ? -cents : cents;
    must(ac_turn_reply(turn, mine, request, BALANCE, balance, sizeof *balance));
  }
  return AC_OK;
}

// Asks the account inside its handler: the answer, or the reason why there is none, is a message.
static ac_status clerk(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  const ac_actor* bank = (const ac_actor*)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    int64_t cents;
    uint64_t correlation;
    memcpy(&cents, message->data, sizeof cents);
    switch (message->type) {
      case PAY:
        must(ac_worker_ask(turn->worker, mine->actor, *bank, WITHDRAW,
                           (ac_bytes){message->data, message->length}, second, &correlation));
        break;
      case BALANCE:
        printf("clerk: %" PRId64 " cents left\n", cents);
        break;
      case AC_TYPE_ASK_FAILED: {
        ac_ask_failed end;
        memcpy(&end, message->data, sizeof end);
        printf("clerk: the account failed: %s\n", end.status == AC_E_FAILED ? "yes" : "no");
        break;
      }
    }
  }
  return AC_OK;
}

static ac_actor spawn(ac_system system, const char* name, ac_on_turn on_turn, void* user) {
  const ac_behavior_options behavior = {
      .struct_size = sizeof behavior, .on_turn = on_turn, .name = ac_text_of(name)};
  ac_spawn_options options = {.struct_size = sizeof options, .user = (uintptr_t)user};
  ac_actor actor;
  must(ac_behavior_create(system, &behavior, &options.behavior, NULL));
  must(ac_spawn(system, &options, &actor, NULL));
  return actor;
}

static ac_status deposit(ac_system system, ac_actor bank, int64_t cents, int64_t* balance) {
  ac_message reply;
  const ac_bytes payload = {(const uint8_t*)&cents, sizeof cents};
  const ac_status status = ac_ask(system, bank, DEPOSIT, payload, 5 * second, &reply);
  if (status == AC_OK) memcpy(balance, reply.data, sizeof *balance);
  return status;
}

int main(void) {
  static int64_t cents;
  ac_system system;
  must(ac_system_create(NULL, &system, NULL));
  ac_actor bank = spawn(system, "c Account", account, &cents);
  const ac_actor teller = spawn(system, "c Clerk", clerk, &bank);

  int64_t balance;
  must(deposit(system, bank, 10000, &balance));
  printf("main: %" PRId64 " cents\n", balance);
  static const int64_t payments[] = {2500, 9000};
  for (int i = 0; i < 2; ++i) {
    const ac_bytes payment = {(const uint8_t*)&payments[i], sizeof payments[i]};
    must(ac_tell(system, teller, PAY, payment));
    must(ac_system_settle(system, 5 * second));
  }

  const int is_gone = deposit(system, bank, 1, &balance) == AC_E_STALE;
  printf("main: the account is gone: %s\n", is_gone ? "yes" : "no");
  ac_failure failures[8];
  uint64_t count;
  must(ac_system_failures(system, 0, failures, 8, &count));
  for (uint64_t i = 0; i < count; ++i) {
    // Its text, "c Account: insufficient funds", begins with the language.
    printf("main: failure %" PRIu64 ", of message %" PRIu32 "\n", failures[i].number,
           failures[i].type);
  }
  must(ac_system_stop(system, second, NULL, NULL));
  ac_system_release(system);
  return 0;
}
