#include <sched.h>
#include <stdlib.h>

#include "bad_input.h"
#include "check.h"
#include "snapshots.h"

// Two systems alike, and one that is gone. Turns are in hand all the time, so that what is for
// handlers only can be called too; the first has a question to a subsystem in it.
struct place {
  ac_system system;
  ac_dispatcher dispatcher;  // ATTACHED
  ac_behavior behavior;
  ac_actor actor;
  ac_worker worker;
  ac_engine engine;
  ac_entity entity;
  ac_outputs outputs;
  ac_limiter limiter;
  ac_breaker breaker;
  ac_batcher batcher;
  ac_bus bus;
  ac_queue queue;
  ac_router router;
};

struct handles stage[handle_kinds];
static struct place here, elsewhere, gone;

static ac_status ignore(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)user, (void)turn, (void)activation;
  return AC_OK;
}

static ac_outputs load_outputs(ac_engine engine) {
  const ac_source source = source_of("[{\"meta\": {\"system\": \"items\"}, \"priority\": 1}]");
  ac_outputs outputs;
  CHECK_OK(ac_outputs_load(engine, &source, &outputs, NULL));
  return outputs;
}

static ac_actor make_stopped_actor(const struct place* place) {
  const ac_spawn_options options = {.struct_size = sizeof options, .behavior = place->behavior};
  ac_actor actor;
  CHECK_OK(ac_spawn(place->system, &options, &actor, NULL));
  CHECK_OK(ac_actor_stop(place->system, actor, 0));
  while (ac_actor_check(place->system, actor) == AC_OK) sched_yield();
  return actor;
}

static void make_actor(struct place* place) {
  const ac_spawn_options options = {.struct_size = sizeof options, .dispatcher = place->dispatcher};
  CHECK_OK(ac_spawn(place->system, &options, &place->actor, NULL));
}

static void open_place(struct place* place) {
  CHECK_OK(ac_system_create(NULL, &place->system, NULL));
  const ac_dispatcher_options attached = {.struct_size = sizeof attached,
                                          .mode = AC_DISPATCHER_ATTACHED};
  CHECK_OK(ac_dispatcher_create(place->system, &attached, &place->dispatcher, NULL));
  const ac_behavior_options behavior = {.struct_size = sizeof behavior, .on_turn = ignore};
  CHECK_OK(ac_behavior_create(place->system, &behavior, &place->behavior, NULL));
  make_actor(place);
  CHECK_OK(ac_worker_attach(place->dispatcher, 0, &place->worker, NULL));
  ac_turn* turn;
  CHECK_OK(ac_tell(place->system, place->actor, 1, (ac_bytes){0}));
  CHECK_OK(ac_worker_turn(place->worker, AC_TIMEOUT_NEVER, &turn));
  place->engine = engine_with(place->system);
  place->entity = entity_of(place->engine, "hero");
  place->outputs = load_outputs(place->engine);
  const ac_limiter_options rate = {.struct_size = sizeof rate, .rate = 10};
  CHECK_OK(ac_limiter_create(place->system, &rate, &place->limiter, NULL));
  CHECK_OK(ac_breaker_create(place->system, NULL, &place->breaker, NULL));
  CHECK_OK(ac_batcher_create(place->system, NULL, &place->batcher, NULL));
  const ac_queue_options queue = {.struct_size = sizeof queue, .name = ac_text_of("work")};
  CHECK_OK(ac_bus_create(place->system, NULL, &place->bus, NULL));
  CHECK_OK(ac_queue_create(place->system, &queue, &place->queue, NULL));
  ac_actor address;
  CHECK_OK(ac_router_create(place->system, NULL, &place->router, &address, NULL));
}

static void close_place(struct place* place) {
  ac_limiter_release(place->limiter);
  ac_breaker_release(place->breaker);
  ac_batcher_release(place->batcher);
  ac_queue_release(place->queue);
  ac_router_release(place->router);
  ac_bus_release(place->bus);
  ac_outputs_release(place->outputs);
  ac_entity_release(place->entity);
  ac_engine_release(place->engine);
  ac_worker_release(place->worker);
  CHECK_OK(ac_system_stop(place->system, 0, NULL, NULL));
  ac_system_release(place->system);
}

static ac_receipt explained(void) {
  ac_receipt receipt;
  CHECK_OK(ac_entity_explain(here.entity, AC_LIST_DERIVED, name_of(here.engine, "c"),
                             AC_EXPLAIN_STORED, &receipt, NULL));
  return receipt;
}

static ac_error make_error(void) {
  const ac_source nonsense = source_of("{");
  ac_error error;
  CHECK_STATUS(AC_E_BAD_REGISTRY, ac_engine_load(here.engine, &nonsense, &error));
  return error;
}

static ac_buffer make_buffer(void) {
  ac_buffer buffer;
  uint8_t* data;
  CHECK_OK(ac_buffer_create(100, &buffer, &data));
  return buffer;
}

static void register_asked(void) {
  const ac_subsystem_options subsystem = {
      .struct_size = sizeof subsystem, .name = ac_text_of("asked"), .actor = here.actor};
  CHECK_OK(ac_subsystem_register(here.engine, &subsystem, NULL));
}

// Ends the turn in hand, with which a test may have made the actor fail.
static void end_turn(void) {
  ac_turn* turn;
  (void)ac_worker_turn(here.worker, 0, &turn);
  if (ac_actor_check(here.system, here.actor) == AC_OK) return;
  CHECK_OK(ac_subsystem_remove(here.engine, ac_text_of("asked")));
  make_actor(&here);
  stage[handle_actor].live = here.actor.bits;
  register_asked();
}

static const ac_message* question_in(const ac_turn* turn) {
  for (uint32_t i = 0; turn->count != 0 && i < turn->activations[0].count; ++i) {
    const ac_message* message = turn->activations[0].messages[i];
    if (message->type == AC_TYPE_CONTRIBUTE) return message;
  }
  return NULL;
}

// The next question that comes to the subsystem's actor; its turn stays in hand.
static ac_query ask(void) {
  end_turn();
  const ac_resolve_options options = {.struct_size = sizeof options,
                                      .flags = AC_RESOLVE_FRESH,
                                      .entities = &here.entity,
                                      .count = 1,
                                      .timeout_ns = AC_TIMEOUT_NEVER,
                                      .reply_to = here.actor};
  CHECK_OK(ac_resolve_async(here.engine, &options, NULL));
  for (;;) {
    ac_turn* turn;
    CHECK_OK(ac_worker_turn(here.worker, AC_TIMEOUT_NEVER, &turn));
    const ac_message* message = question_in(turn);  // among what timers may have sent
    if (message == NULL) continue;
    ac_contribute question;
    memcpy(&question, ac_message_payload(message), sizeof question);
    return question.query;
  }
}

static ac_timer start_timer(ac_system system, ac_actor to) {
  const ac_timer_options options = {
      .struct_size = sizeof options, .to = to, .delay_ns = AC_TIMEOUT_NEVER};
  ac_timer timer;
  CHECK_OK(ac_timer_start(system, &options, &timer, NULL));
  return timer;
}

static ac_span begin_span(ac_system system) {
  ac_span span;
  CHECK_OK(ac_span_begin(system, NULL, 0, &span));
  return span;
}

void stage_renew(void) {
  const ac_query query = {stage[handle_query].live};
  if (ac_query_answer(query, NULL) == AC_E_STALE) stage[handle_query].live = ask().bits;
  ac_timer_stats stats;
  if (ac_timer_get_stats(here.system, (ac_timer){stage[handle_timer].live}, &stats) == AC_E_STALE) {
    stage[handle_timer].live = start_timer(here.system, here.actor).bits;
  }
  ac_trace trace;
  if (ac_span_get(here.system, (ac_span){stage[handle_span].live}, &trace) == AC_E_STALE) {
    stage[handle_span].live = begin_span(here.system).bits;
  }
}

static ac_query answered(void) {
  const ac_query query = ask();
  const ac_output nothing = {.struct_size = sizeof nothing};
  CHECK_OK(ac_query_answer(query, &nothing));
  return query;
}

static void set_handles(uint64_t* (*of)(struct handles*), const struct place* place) {
  *of(&stage[handle_system]) = place->system.bits;
  *of(&stage[handle_dispatcher]) = place->dispatcher.bits;
  *of(&stage[handle_behavior]) = place->behavior.bits;
  *of(&stage[handle_actor]) = place->actor.bits;
  *of(&stage[handle_worker]) = place->worker.bits;
  *of(&stage[handle_engine]) = place->engine.bits;
  *of(&stage[handle_entity]) = place->entity.bits;
  *of(&stage[handle_outputs]) = place->outputs.bits;
  *of(&stage[handle_limiter]) = place->limiter.bits;
  *of(&stage[handle_breaker]) = place->breaker.bits;
  *of(&stage[handle_batcher]) = place->batcher.bits;
  *of(&stage[handle_bus]) = place->bus.bits;
  *of(&stage[handle_queue]) = place->queue.bits;
  *of(&stage[handle_router]) = place->router.bits;
}
static uint64_t* live(struct handles* handles) { return &handles->live; }
static uint64_t* stale(struct handles* handles) { return &handles->stale; }
static uint64_t* foreign(struct handles* handles) { return &handles->foreign; }

void stage_set(void) {
  open_place(&gone);
  close_place(&gone);
  open_place(&here);
  open_place(&elsewhere);
  set_handles(live, &here);
  set_handles(stale, &gone);
  set_handles(foreign, &elsewhere);
  stage[handle_actor].stale = make_stopped_actor(&here).bits;
  stage[handle_snapshot].live = resolved(here.entity, 0).bits;
  stage[handle_snapshot].stale = resolved(here.entity, AC_RESOLVE_FRESH).bits;
  ac_snapshot_release((ac_snapshot){stage[handle_snapshot].stale});
  CHECK_OK(ac_engine_clear(here.engine));  // the cache has a reference too
  stage[handle_receipt].live = explained().bits;
  stage[handle_receipt].stale = explained().bits;
  ac_receipt_release((ac_receipt){stage[handle_receipt].stale});
  stage[handle_error].live = make_error().bits;
  stage[handle_error].stale = make_error().bits;
  ac_error_release((ac_error){stage[handle_error].stale});
  stage[handle_buffer].live = make_buffer().bits;
  stage[handle_buffer].stale = make_buffer().bits;
  ac_buffer_release((ac_buffer){stage[handle_buffer].stale});
  stage[handle_timer].live = start_timer(here.system, here.actor).bits;
  stage[handle_timer].foreign = start_timer(elsewhere.system, elsewhere.actor).bits;
  const ac_timer cancelled = start_timer(here.system, here.actor);
  CHECK_OK(ac_timer_cancel(here.system, cancelled));
  stage[handle_timer].stale = cancelled.bits;
  stage[handle_span].live = begin_span(here.system).bits;
  stage[handle_span].foreign = begin_span(elsewhere.system).bits;
  const ac_span ended = begin_span(here.system);
  CHECK_OK(ac_span_end(here.system, ended, NULL));
  stage[handle_span].stale = ended.bits;
  register_asked();
  stage[handle_query].stale = answered().bits;
  stage[handle_query].live = ask().bits;
}

void stage_clear(void) {
  ac_error_release((ac_error){stage[handle_error].live});
  ac_buffer_release((ac_buffer){stage[handle_buffer].live});
  ac_snapshot_release((ac_snapshot){stage[handle_snapshot].live});
  ac_receipt_release((ac_receipt){stage[handle_receipt].live});
  close_place(&here);
  close_place(&elsewhere);
}

// The arrays and texts of good structs; constant, but for the numbers of the live engine.
static ac_contribution row;
static const ac_cap cap_rows[1];
static const ac_modifier modifier_rows[1];

static int fill_registry(ac_source* source) {
  *source = source_of("{\"dimensions\": {\"a\": {\"clamp_default\": {\"min\": 0, \"max\": 1}}}}");
  return 1;
}

static int fill_output(ac_output* output) {
  row = flat(here.engine, "a", 1);
  *output = output_of(here.engine, "asked", &row);
  output->caps = cap_rows;
  output->modifiers = modifier_rows;
  return 1;
}

static int fill_subsystem(ac_subsystem_options* options) {
  options->name = ac_text_of("another");
  options->actor = here.actor;
  return 1;
}

static int fill_resolve(ac_resolve_options* options) {
  options->entities = &here.entity;
  options->count = 1;
  options->reply_to = here.actor;
  return 1;
}

static int fill_queue(ac_queue_options* options) {
  options->name = ac_text_of("another");
  return 1;
}

static int fill_event(ac_event_options* options) {
  options->topic = ac_text_of("world.north");
  return 1;
}

static int fill_subscription(ac_subscription_options* options) {
  options->subscriber = here.actor;
  return 1;
}

static int fill_router(ac_router_options* options) {
  options->routees = &here.actor;
  options->routees_count = 1;
  return 1;
}

static int fill_part(const char* what, void* memory) {
  if (strcmp(what, "ac_limiter_options") == 0) {
    ((ac_limiter_options*)memory)->rate = 10;
    return 1;
  }
  if (strcmp(what, "ac_batcher_options") == 0) {
    ((ac_batcher_options*)memory)->to = here.actor;
    return 1;
  }
  if (strcmp(what, "ac_watchdog_options") == 0) {
    ((ac_watchdog_options*)memory)->report_to = here.actor;
    return 1;
  }
  if (strcmp(what, "ac_timer_options") == 0) {
    ((ac_timer_options*)memory)->to = here.actor;
    return 1;
  }
  if (strcmp(what, "ac_ask_options") == 0) {
    ((ac_ask_options*)memory)->span.bits = stage[handle_span].live;
    return 1;
  }
  if (strcmp(what, "message") == 0) {
    ((ac_message*)memory)->correlation = stage[handle_span].live;
    return 1;
  }
  if (strcmp(what, "ac_queue_options") == 0) return fill_queue(memory);
  if (strcmp(what, "ac_router_options") == 0) return fill_router(memory);
  if (strcmp(what, "ac_event_options") == 0) return fill_event(memory);
  if (strcmp(what, "ac_subscription_options") == 0) return fill_subscription(memory);
  return 0;
}

int stage_fill(const char* what, void* memory) {
  if (strcmp(what, "messages") == 0) {
    const ac_message message = {.to = here.actor, .type = 1};
    memcpy(memory, &message, sizeof message);
    return 1;
  }
  if (strcmp(what, "actors") == 0) return memcpy(memory, &here.actor, sizeof here.actor), 1;
  if (strcmp(what, "entities") == 0) return memcpy(memory, &here.entity, sizeof here.entity), 1;
  if (strcmp(what, "ac_spawn_options") == 0) {
    ((ac_spawn_options*)memory)->behavior = here.behavior;
    return 1;
  }
  if (strcmp(what, "ac_behavior_options") == 0) {
    ((ac_behavior_options*)memory)->on_turn = ignore;
    return 1;
  }
  if (strcmp(what, "ac_profile") == 0) {
    ((ac_profile*)memory)->id = ac_text_of("another");
    return 1;
  }
  if (strcmp(what, "ac_source") == 0) return fill_registry(memory);
  if (strcmp(what, "ac_output") == 0) return fill_output(memory);
  if (strcmp(what, "ac_subsystem_options") == 0) return fill_subsystem(memory);
  if (strcmp(what, "ac_resolve_options") == 0) return fill_resolve(memory);
  return fill_part(what, memory);
}

uint64_t stage_number(const char* call, const char* part) {
  if (strcmp(part, "stride") == 0) return sizeof(ac_actor_info);
  if (strncmp(call, "ac_buffer_create", strlen("ac_buffer_create")) == 0) return 64;
  if (strcmp(part, "dimension") == 0 || strcmp(part, "name") == 0) return 1;
  return 0;
}
