#include "sink.h"

#include <string.h>

ac_status on_sink(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct sink* sink = (struct sink*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count && sink->count < seen_max; ++i) {
    const ac_message* message = activation->messages[i];
    sink->types[sink->count] = message->type;
    memcpy(&sink->values[sink->count], ac_message_payload(message), sizeof(uint64_t));
    sink->count += 1;
  }
  return AC_OK;
}

ac_status on_source(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct source* source = (struct source*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    ac_ask_failed failed;
    uint64_t correlation;
    switch (message->type) {
      case type_send:
        for (uint64_t k = 1; k <= value_of(message); ++k) {
          CHECK_OK(send_value(turn, activation, source->to, type_value, k));
        }
        break;
      case type_ask:
        CHECK_OK(ac_worker_ask(turn->worker, cell->actor, source->to, type_value,
                               bytes_of("12345678", 8), patience, &correlation));
        break;
      case AC_TYPE_ASK_FAILED:
        memcpy(&failed, message->data, sizeof failed);
        if (source->asks_failed++ == 0) source->failed_with = failed.status;
        break;
      case AC_TYPE_PRESSURE:
        memcpy(&source->pressures[source->pressed++ % 8], message->data, sizeof(ac_pressure));
        break;
      default:
        CHECK_EQ(type_bulk, message->type);
    }
  }
  return AC_OK;
}

ac_actor spawn_sink(struct host* host, struct sink* sink, const ac_mailbox_options* mailbox) {
  memset(sink, 0, sizeof *sink);
  const ac_spawn_options options = {.mailbox = mailbox};
  return host_spawn_with(host, &sink->cell, on_sink, options);
}

ac_mailbox_stats stats_of(struct host* host, ac_actor actor) {
  ac_mailbox_stats stats = {.struct_size = sizeof stats};
  CHECK_OK(ac_mailbox_get(host->system, actor, &stats));
  CHECK_EQ(sizeof stats, stats.struct_size);
  return stats;
}

ac_status tell(struct host* host, ac_actor to, uint32_t type, uint64_t value) {
  return ac_tell(host->system, to, type, bytes_of(&value, sizeof value));
}

void check_seen(const struct sink* sink, unsigned count, const uint64_t* values) {
  CHECK_EQ(count, sink->count);
  for (unsigned i = 0; i < count; ++i) CHECK_EQ(values[i], sink->values[i]);
}

void open_sink(struct host* host, struct sink* sink, enum mode mode,
               const ac_mailbox_options* mailbox) {
  host_open(host, (struct host_options){.mode = mode, .seed = 11});
  spawn_sink(host, sink, mailbox);
}
