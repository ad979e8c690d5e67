// Subsystems: those of an engine that compute their outputs, and how each is asked.
//
// Threads:    any.
// Invariants: the list is replaced, never edited, so that a resolve asks the ones that were there
//             when it began, in the order of their registration. A callback's word is destroyed
//             once, after its last call; never where the registration failed. With a system a
//             callback runs in an actor of its own, so that all are asked at once.
// Cost:       any() is one load.
//
// Memory order:
//   U1  add -> any    whoever sees the count finds the list under the lock
#ifndef ACTORCORE_ENGINE_SUBSYSTEM_H_
#define ACTORCORE_ENGINE_SUBSYSTEM_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/status.h"
#include "runtime/system.h"
#include "snapshot/names.h"

namespace actorcore::engine {

class Subsystem {
 public:
  Subsystem(snapshot::NameId name, const ac_subsystem_options& options)
      : name_(name),
        priority_(options.priority),
        actor_(options.actor),
        on_contribute_(options.on_contribute),
        user_(options.user) {}
  ~Subsystem() {
    if (destroy_ != nullptr) destroy_(user_);
  }
  Subsystem(const Subsystem&) = delete;
  Subsystem& operator=(const Subsystem&) = delete;

  snapshot::NameId name() const { return name_; }
  std::int64_t priority() const { return priority_; }
  // Who is told the question; none where call() asks it.
  ac_actor actor() const { return actor_; }
  bool has_callback() const { return on_contribute_ != nullptr; }
  ac_status call(const ac_contribute& contribute) const noexcept;
  // Is this thread inside a callback of whatever engine?
  static bool is_calling() noexcept;

 private:
  friend class Subsystems;

  const snapshot::NameId name_;
  const std::int64_t priority_;
  ac_actor actor_;
  const ac_on_contribute on_contribute_;
  const std::uintptr_t user_;
  ac_destroy destroy_ = nullptr;  // from the registration's success on
};

class Subsystems {
 public:
  using List = std::vector<std::shared_ptr<Subsystem>>;
  static constexpr std::size_t count_max = 256;

  Subsystems() = default;
  Subsystems(const Subsystems&) = delete;
  Subsystems& operator=(const Subsystems&) = delete;

  // Once, before anything else.
  void use(runtime::System& system) noexcept { system_ = &system; }

  Result<void> add(const ac_subsystem_options& options, snapshot::Names& names);
  Result<void> remove(snapshot::NameId name);
  void clear() noexcept;

  bool any() const noexcept { return count_.load(std::memory_order_acquire) != 0; }  // U1
  std::shared_ptr<const List> list() const;

 private:
  Result<void> check(const ac_subsystem_options& options) const;
  Result<void> give_actor(const std::shared_ptr<Subsystem>& subsystem)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void retire(const Subsystem& subsystem) noexcept;
  void publish(std::shared_ptr<List> list) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  runtime::System* system_ = nullptr;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const List> list_ ABSL_GUARDED_BY(mutex_) = std::make_shared<List>();
  runtime::Behavior* behavior_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::atomic<std::uint32_t> count_{0};
};

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_SUBSYSTEM_H_
