// What a message is made of, one part at a time: the envelope's way through the pool, the look-up
// of the receiver, the mailbox, the run queue; what a router adds to a tell; and what an event and
// an item of work cost with the messages that they become; and an ask from outside beside the
// round trip that it cannot beat. The whole is in bench/macro.
#include <benchmark/benchmark.h>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "base/random.h"
#include "memory/arena.h"
#include "memory/slab_pool.h"
#include "runtime/directory.h"
#include "runtime/event_bus.h"
#include "runtime/mailbox.h"
#include "runtime/router.h"
#include "runtime/run_queue.h"
#include "runtime/spawn.h"
#include "runtime/system.h"
#include "runtime/timers.h"
#include "runtime/work_queue.h"

namespace actorcore::runtime {
namespace {

struct Node {
  std::atomic<Node*> link{nullptr};

  Node* next() const noexcept { return link.load(std::memory_order_acquire); }
  void set_next(Node* node) noexcept { link.store(node, std::memory_order_release); }
};

void take_and_give_an_envelope(benchmark::State& state) {
  memory::Arena arena;
  memory::Depot depot(arena);
  memory::Magazine magazine(depot);
  for (auto _ : state) {
    void* item = magazine.take();
    benchmark::DoNotOptimize(item);
    magazine.give(item);
  }
}
BENCHMARK(take_and_give_an_envelope);

// As many at once as make the magazine trade with the depot.
void take_and_give_two_batches(benchmark::State& state) {
  memory::Arena arena;
  memory::Depot depot(arena);
  memory::Magazine magazine(depot);
  std::array<void*, 4 * memory::batch_items> items;
  for (auto _ : state) {
    for (void*& item : items) item = magazine.take();
    for (void* item : items) magazine.give(item);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items.size()));
}
BENCHMARK(take_and_give_two_batches);

void find_a_receiver(benchmark::State& state) {
  memory::Arena arena;
  Directory directory(arena, 1);
  std::vector<Id> ids;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    Actor* actor = directory.take(nullptr);
    actor->life.fetch_or(Actor::alive, std::memory_order_relaxed);
    ids.push_back(directory.id_of(*actor));
  }
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(directory.find(ids[at]));
    at = (at + 7'919) % ids.size();
  }
}
BENCHMARK(find_a_receiver)->Arg(100)->Arg(100'000);

// What one activation costs the mailbox: a push that wakes, a drain, the end of ownership.
void push_drain_release(benchmark::State& state) {
  Mailbox<Node> mailbox;
  static_cast<void>(mailbox.open(false));
  Node node;
  for (auto _ : state) {
    benchmark::DoNotOptimize(mailbox.push(&node, &node));
    benchmark::DoNotOptimize(mailbox.drain());
    benchmark::DoNotOptimize(mailbox.release());
  }
}
BENCHMARK(push_drain_release);

// A thousand messages that find the actor busy, drained as one chain.
void push_a_thousand_and_walk(benchmark::State& state) {
  Mailbox<Node> mailbox;
  static_cast<void>(mailbox.open(true));
  std::vector<Node> nodes(1'000);
  for (auto _ : state) {
    for (Node& node : nodes) {
      node.link.store(nullptr, std::memory_order_relaxed);
      benchmark::DoNotOptimize(mailbox.push(&node, &node));
    }
    const Chain<Node> chain = mailbox.drain();
    for (Node* node = chain.first; node != nullptr;) node = Mailbox<Node>::after(node, chain.last);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(nodes.size()));
}
BENCHMARK(push_a_thousand_and_walk);

void push_and_pop_a_run_queue(benchmark::State& state) {
  RunQueue<Node> queue;
  Node node;
  for (auto _ : state) {
    benchmark::DoNotOptimize(queue.push(&node));
    benchmark::DoNotOptimize(queue.pop());
  }
}
BENCHMARK(push_and_pop_a_run_queue);

// A system whose actors run when this thread says so, and acknowledge what work they get.
class Place {
 public:
  explicit Place(std::size_t actors) : system_(*System::create(options()).value()) {
    Dispatcher* dispatcher =
        system_.add_dispatcher({.mode = AC_DISPATCHER_CALLER, .workers = 1}).value();
    worker_ = system_.attach(*dispatcher, false).value();
    Behavior* behavior = system_.add_behavior(&Place::on_turn, nullptr, "bench").value();
    std::vector<ac_actor> ids(actors);
    const SpawnOptions options{.behavior = behavior, .dispatcher = dispatcher};
    if (actors != 0 && !Spawn(system_, options, nullptr).run(nullptr, actors, ids.data()).ok()) {
      std::abort();
    }
    for (const ac_actor id : ids) actors_.push_back({id.bits});
  }
  ~Place() {
    workers().release(worker_->handle.bits);
    static_cast<void>(system_.stop(0, nullptr));
    systems().release(system_.handle.bits);
  }

  System& system() noexcept { return system_; }
  const std::vector<Id>& actors() const noexcept { return actors_; }
  void run() noexcept {
    std::uint64_t ran = 0;
    static_cast<void>(worker_->run_some(0, 0, ran));
  }

 private:
  static SystemOptions options() {
    return {.dispatcher = {.mode = AC_DISPATCHER_INLINE, .workers = 1}};
  }
  static ac_status on_turn(std::uintptr_t, ac_turn*, ac_activation* activation) {
    for (std::uint32_t i = 0; i < activation->count; ++i) {
      const ac_message& message = *activation->messages[i];
      if (message.type != AC_TYPE_WORK) continue;
      const auto queue = work_queues().pin(ac_work_of(&message)->queue.bits);
      static_cast<void>(queue->ack({message.correlation}));
    }
    return AC_OK;
  }

  System& system_;
  Worker* worker_ = nullptr;
  std::vector<Id> actors_;
};

// The event's way to all who subscribed, handled.
void publish_to_subscribers(benchmark::State& state) {
  Place place(static_cast<std::size_t>(state.range(0)));
  EventBus& bus = *EventBus::create(place.system(), false).value();
  for (const Id actor : place.actors()) {
    static_cast<void>(bus.subscribe({.pattern = "world.*.door", .subscriber = actor}));
  }
  const std::array<std::uint8_t, 16> data{};
  const Event event{.topic = "world.north.door", .data = {data.data(), data.size()}};
  for (auto _ : state) {
    std::uint64_t id;
    std::uint64_t delivered;
    benchmark::DoNotOptimize(bus.publish(event, id, delivered));
    if (delivered != 0) place.run();
  }
  buses().release(bus.handle.bits);
}
BENCHMARK(publish_to_subscribers)->Arg(0)->Arg(1)->Arg(100);

// A thousand items, as many at once as the consumer's credit.
void put_take_and_acknowledge(benchmark::State& state) {
  Place place(1);
  WorkQueue& queue = *place.system().queues().create({.name = "bench"}).value();
  queue.join(place.actors().front(), 64);
  const std::array<std::uint8_t, 16> data{};
  for (auto _ : state) {
    std::uint64_t number;
    for (int i = 0; i < 1'000; ++i) {
      benchmark::DoNotOptimize(queue.put({}, 1, {data.data(), data.size()}, number));
    }
    place.run();
  }
  state.SetItemsProcessed(state.iterations() * 1'000);
  work_queues().release(queue.handle.bits);
}
BENCHMARK(put_take_and_acknowledge);

// Messages to eight actors, told by name or through a router that gives each its turn. Nobody
// handles them meanwhile, so that it is the sender's share alone that is seen.
void tell(benchmark::State& state, bool is_routed) {
  static Place* place;
  static Router* router;
  static std::vector<ac_actor> actors;
  static ac_actor address;
  if (state.thread_index() == 0) {
    place = new Place(8);
    actors.clear();
    for (const Id actor : place->actors()) actors.push_back(actor.handle());
    router = place->system().routers().create({}, actors, "", address).value();
  }
  const std::array<std::uint8_t, 16> data{};
  std::uint64_t sent = 0;
  for (auto _ : state) {
    const ac_actor to = is_routed ? address : actors[sent % actors.size()];
    benchmark::DoNotOptimize(place->system().tell(to, 1, 0, {data.data(), data.size()}));
    if (++sent % 4'096 == 0 && state.thread_index() == 0) {
      state.PauseTiming();
      place->run();
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() != 0) return;
  place->run();
  router_table().release(router->handle.bits);
  delete place;
}
BENCHMARK_CAPTURE(tell, directly, false)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(tell, through_a_router, true)->Threads(1)->Threads(2)->UseRealTime();

void ignore(void*, std::uint64_t) noexcept {}

// -- asking from outside ------------------------------------------------------------------------

ac_status answer(std::uintptr_t, ac_turn* turn, ac_activation* activation) {
  for (std::uint32_t i = 0; i < activation->count; ++i) {
    const ac_message& request = *activation->messages[i];
    ac_message& reply = *turn->outbox[turn->outbox_count++];
    reply.to = request.sender;
    reply.sender = activation->actor;
    reply.correlation = request.correlation | AC_CORRELATION_REPLY;
    reply.type = request.type;
    reply.length = 0;
  }
  return AC_OK;
}

// With 0 nobody spins, so that each way wakes a thread that sleeps.
void ask_from_outside(benchmark::State& state) {
  const auto spin_ns = state.range(0) == 0 ? AC_SPIN_NONE : spin_default_ns;
  System& system = *System::create({.dispatcher = {.workers = 1, .spin_ns = spin_ns}}).value();
  Behavior* behavior = system.add_behavior(&answer, nullptr, "answer").value();
  const SpawnOptions options{.behavior = behavior, .dispatcher = &system.default_dispatcher()};
  ac_actor actor;
  if (!Spawn(system, options, nullptr).run(nullptr, 1, &actor).ok()) std::abort();
  ac_message reply;
  for (auto _ : state) {
    if (system.ask(actor, 1, {}, AC_TIMEOUT_NEVER, reply) != AC_OK) std::abort();
  }
  (void)system.stop(AC_TIMEOUT_NEVER, nullptr);
  systems().release(system.handle.bits);
}
BENCHMARK(ask_from_outside)->Arg(0)->Arg(1)->UseRealTime();

// Two threads that hand a turn to and fro: what waking each other costs on this machine.
void round_trip_of_a_condition_variable(benchmark::State& state) {
  std::mutex mutex;
  std::condition_variable changed;
  enum { here, there, over } turn = here;
  std::thread other([&] {
    std::unique_lock lock(mutex);
    while (turn != over) {
      changed.wait(lock, [&] { return turn != here; });
      if (turn == there) turn = here;
      changed.notify_one();
    }
  });
  for (auto _ : state) {
    std::unique_lock lock(mutex);
    turn = there;
    changed.notify_one();
    changed.wait(lock, [&] { return turn == here; });
  }
  {
    std::unique_lock lock(mutex);
    turn = over;
  }
  changed.notify_one();
  other.join();
}
BENCHMARK(round_trip_of_a_condition_variable)->UseRealTime();

// Timers up to a second ahead, beside as many as wait already: what an ask with a deadline costs.
void add_and_cancel_a_timer(benchmark::State& state) {
  static Clock clock(true);
  static Timers* timers;
  if (state.thread_index() == 0) {
    timers = new Timers(clock);
    Random random(1);
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      timers->add(random.below(1'000'000'000), &ignore, nullptr, 0);
    }
  }
  Random random(static_cast<std::uint64_t>(state.thread_index()) + 2);
  for (auto _ : state) {
    const TimerKey key = timers->add(random.below(1'000'000'000), &ignore, nullptr, 0);
    benchmark::DoNotOptimize(timers->cancel(key));
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) delete timers;
}
BENCHMARK(add_and_cancel_a_timer)->Arg(10)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(add_and_cancel_a_timer)->Arg(10'000)->Threads(2)->UseRealTime();

// Each timer that fires is added again, so that as many wait all the time.
void fire_and_add_a_timer(benchmark::State& state) {
  Clock clock(true);
  Timers timers(clock);
  Random random(1);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    timers.add(random.below(1'000'000'000), &ignore, nullptr, 0);
  }
  for (auto _ : state) {
    const std::uint64_t now = timers.next();
    timers.fire(now);
    timers.add(now + random.below(1'000'000'000), &ignore, nullptr, 0);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(fire_and_add_a_timer)->Arg(10)->Arg(10'000)->Arg(1'000'000);

}  // namespace
}  // namespace actorcore::runtime
