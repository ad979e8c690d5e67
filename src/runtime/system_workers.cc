// The part of System that has workers: the library's own threads, lent ones, and what they use.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/process.h"
#include "runtime/system.h"
#include "runtime/thread.h"

namespace actorcore::runtime {

// -- the library's own ----------------------------------------------------------------------------

// The threads of a dispatcher while they start: none works before all are in their places.
struct System::Muster {
  enum Order : std::uint32_t { wait, work, dismissed };

  absl::Mutex mutex;
  Order order ABSL_GUARDED_BY(mutex) = wait;
  std::vector<std::unique_ptr<Worker>> workers ABSL_GUARDED_BY(mutex);  // by index
  std::size_t arrived ABSL_GUARDED_BY(mutex) = 0;
  std::optional<Error> refused ABSL_GUARDED_BY(mutex);

  void arrive(std::uint32_t index, Result<std::unique_ptr<Worker>> worker) {
    absl::MutexLock lock(&mutex);
    if (worker.ok()) {
      workers[index] = std::move(worker).value();
    } else if (!refused) {
      refused.emplace(std::move(worker).error());
    }
    ++arrived;
  }
  bool may_work() {
    absl::MutexLock lock(&mutex);
    const auto ordered = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return order != wait; };
    mutex.Await(absl::Condition(&ordered));
    return order == work;
  }
  void tell(Order what) {
    absl::MutexLock lock(&mutex);
    order = what;
  }
  // When all of `count` are in their places: why one could not be.
  std::optional<Error> inspect(std::size_t count) {
    absl::MutexLock lock(&mutex);
    const auto all = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return arrived == count; };
    mutex.Await(absl::Condition(&all));
    return refused;
  }
};

// What a thread of the library's does, from its place to its end. The worker is made here, so that
// its memory is where it runs.
void System::run_worker(Dispatcher& dispatcher, std::uint32_t index, Muster& muster) {
  Worker* worker = nullptr;
  const auto place = [&]() -> Result<std::unique_ptr<Worker>> {
    try {
      if (Result<void> bound = dispatcher.claim().apply(index); !bound.ok()) {
        return std::move(bound).error();
      }
      auto made = std::make_unique<Worker>(dispatcher);
      worker = made.get();
      const CpuClaim& claim = dispatcher.claim();
      const auto node = plan_.node_of(claim, index);
      worker->set_node(node);
      worker->usage().begin(claim.pin_of(index), node, true, worker->lane().counters);
      return made;
    } catch (const std::bad_alloc&) {
      return Error(AC_E_NO_MEMORY, "memory is exhausted");
    }
  };
  muster.arrive(index, place());
  if (!muster.may_work()) return;
  worker->run();
  absl::MutexLock lock(&mutex_);
  worker->usage().end();
}

Result<void> System::start_threads(Dispatcher& dispatcher) {
  const std::uint32_t count = dispatcher.options().workers;
  const std::string& given = dispatcher.options().name;
  const std::string name = given.empty() ? "ac-worker" : given;
  auto muster = std::make_shared<Muster>();
  std::vector<std::thread> started;
  std::vector<std::uint64_t> handles;
  absl::Cleanup dismiss = [&] {
    muster->tell(Muster::dismissed);
    for (std::thread& thread : started) thread.join();
    for (const std::uint64_t bits : handles) runtime::workers().release(bits);
  };
  handles.reserve(count);
  started.reserve(count);
  threads_.reserve(threads_.size() + count);
  workers_.reserve(workers_.size() + count);
  {
    absl::MutexLock lock(&muster->mutex);
    muster->workers.resize(count);
  }
  try {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto run = [this, &dispatcher, i, muster] { run_worker(dispatcher, i, *muster); };
      started.push_back(start_thread(name + "/" + std::to_string(i), run));
    }
  } catch (const std::system_error&) {
    if (started.empty()) {
      return Error(AC_E_NO_MEMORY,
                   "the system has no thread left to give; lower the number of workers");
    }
  }
  if (std::optional<Error> refused = muster->inspect(started.size())) return *std::move(refused);
  {
    absl::MutexLock lock(&muster->mutex);
    for (std::size_t i = 0; i < started.size(); ++i) {
      Worker& worker = *muster->workers[i];
      handles.push_back(runtime::workers().insert(&worker));
      worker.handle.bits = handles.back();
    }
    std::move(dismiss).Cancel();
    for (std::size_t i = 0; i < started.size(); ++i) {
      dispatcher.attach(*muster->workers[i]);
      workers_.push_back(std::move(muster->workers[i]));
      threads_.push_back(std::move(started[i]));
    }
  }
  muster->tell(Muster::work);
  return {};
}

// -- lent ones ------------------------------------------------------------------------------------

// A worker of the dispatcher's for a thread that is lent.
Result<Worker*> System::take_place(Dispatcher& dispatcher) {
  const auto idle = std::find_if(idle_workers_.begin(), idle_workers_.end(), [&](Worker* worker) {
    return worker->dispatcher() == &dispatcher;
  });
  Worker* worker = nullptr;
  if (idle == idle_workers_.end()) {
    idle_workers_.reserve(workers_.size() + 1);  // so that detach() never allocates
    worker = &add_worker(dispatcher);
  } else {
    worker = *idle;
    idle_workers_.erase(idle);
  }
  if (schedule_ != nullptr && !schedule_->set_attached(worker)) {
    idle_workers_.push_back(worker);
    return Error(AC_E_LIMIT,
                 "a seeded system takes one worker in all; release the other one first");
  }
  worker->seat = dispatcher.attach(*worker);
  if (worker->seat == workers_max) {
    if (schedule_ != nullptr) schedule_->set_attached(nullptr);
    idle_workers_.push_back(worker);
    return Error(AC_E_LIMIT, "the dispatcher has all the workers that its options allow");
  }
  return worker;
}

Result<Worker*> System::attach(Dispatcher& dispatcher, bool pinned) {
  absl::MutexLock lock(&mutex_);
  if (is_ended()) return Error(AC_E_STOPPED, "the system has stopped");
  const CpuClaim& claim = dispatcher.claim();
  const bool moves = pinned && schedule_ == nullptr && claim.moves_threads();
  const Scheduling before = moves ? thread_scheduling() : Scheduling();
  absl::Cleanup put_back = [&] {
    if (moves) restore(before);
  };
  // Before the worker is made, so that its memory is where it runs.
  if (moves) {
    if (Result<void> bound = bind_thread(claim.cpus); !bound.ok()) return std::move(bound).error();
  }
  Result<Worker*> taken = take_place(dispatcher);
  if (!taken.ok()) return taken;
  Worker& worker = *taken.value();
  if (moves) {
    if (Result<void> bound = claim.apply(worker.seat); !bound.ok()) {
      dispatcher.detach(worker);
      idle_workers_.push_back(&worker);
      return std::move(bound).error();
    }
    worker.lend(before);
  }
  std::move(put_back).Cancel();
  worker.set_pinned(pinned);
  const auto cpu = moves ? claim.pin_of(worker.seat) : std::nullopt;
  const auto node = moves ? plan_.node_of(claim, worker.seat) : std::nullopt;
  worker.set_node(node);
  worker.usage().begin(cpu, node, pinned, worker.lane().counters);
  worker.handle.bits = runtime::workers().insert(&worker);
  retain();
  return &worker;
}

void System::detach(Worker& worker) noexcept {
  worker.leave();
  if (is_stopping() && worker.dispatcher()->count() == 0) worker.run_orphans();
  if (schedule_ != nullptr) schedule_->set_attached(nullptr);
  worker.give_thread_back();
  {
    absl::MutexLock lock(&mutex_);
    worker.usage().end();
    idle_workers_.push_back(&worker);
  }
  outside_changed();
  release();
}

void Worker::set_pinned(bool pinned) noexcept {
  is_pinned_ = pinned;
  // What a thread used can be told where it stays the same.
  is_unusual_ = is_seeded_ || (pinned && system_.share() != nullptr);
  meter_.start();
}

void Worker::lend(const Scheduling& scheduling) noexcept { loan_ = {scheduling, gettid()}; }

void Worker::give_thread_back() noexcept {
  if (loan_ && loan_->thread == gettid()) restore(loan_->before);
  loan_.reset();
}

// -- what they use --------------------------------------------------------------------------------

ac_usage System::usage() noexcept {
  const ProcessUsage process = process_usage();
  ac_usage usage{};
  usage.time_ns = Clock::monotonic();
  usage.user_ns = process.user_ns;
  usage.system_ns = process.system_ns;
  usage.resident_bytes = process.resident_bytes;
  usage.peak_bytes = process.peak_bytes;
  usage.threads = process.threads;
  usage.workers = static_cast<std::uint32_t>(worker_stats(nullptr, 0));
  usage.cpus = plan_.topology().allowed.count();
  usage.nodes = plan_.node_count();
  usage.capacity_permille = static_cast<std::uint32_t>(plan_.topology().capacity_permille());
  usage.share_permille = plan_.share_permille();
  return usage;
}

std::uint64_t System::worker_stats(ac_worker_stats* out, std::uint64_t capacity) noexcept {
  absl::MutexLock lock(&mutex_);
  std::uint64_t count = 0;
  for (const auto& worker : workers_) {
    const WorkerUsage& usage = worker->usage();
    // Lent threads that left are nobody's any more; the library's own are told of to the end.
    if (!usage.is_live() && !(worker->is_own() && usage.has_lived())) continue;
    if (count < capacity) {
      ac_worker_stats& stats = out[count];
      stats = {};
      stats.worker = worker->handle;
      stats.dispatcher = worker->dispatcher()->handle;
      stats.is_own = worker->is_own() ? 1 : 0;
      usage.read(worker->lane().counters, stats);
    }
    ++count;
  }
  return count;
}

}  // namespace actorcore::runtime
