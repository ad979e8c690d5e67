// Question: what one resolve asks one subsystem; Resolution: all that one resolve asks.
//
// Threads:    any: answers, returns of callbacks, lost messages and the deadline come from wherever
//             they happen.
// Invariants: a question is open until it is answered, it fails, or the deadline comes, whichever
//             is first; its handle dies with that. A resolution ends once: when every question has
//             ended, or at the deadline with those left as failed. It keeps a copy of the entity's
//             rows, to which answers are added in whatever order they come, since rows have one
//             order of their own.
// Cost:       a copy of the entity's rows into a pooled set and two allocations a resolve; a lock
//             an answer.
//
// Memory order:
//   R1  finish -> wait    the waiting thread sees the outcome
#ifndef ACTORCORE_ENGINE_QUESTION_H_
#define ACTORCORE_ENGINE_QUESTION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/status.h"
#include "engine/entity.h"
#include "engine/rows_pool.h"
#include "engine/subsystem.h"
#include "runtime/timers.h"

namespace actorcore::engine {

class Resolution;

class Question {
 public:
  // Answers by handle; E_STALE where it is no longer open.
  static Result<void> answer(ac_query query, const ac_output& output);
  // The callback that was asked has come back.
  static void returned(ac_query query, ac_status status) noexcept;
  // Whoever was asked will not answer.
  static void lost(ac_query query) noexcept;

  void release_handle() noexcept;

 private:
  friend class Resolution;

  enum class State : std::uint8_t {
    open,
    answered,  // by a callback that has not come back
    ended,
  };

  std::shared_ptr<Resolution> resolution_;  // while the handle lives
  std::shared_ptr<Subsystem> subsystem_;
  ac_query handle_{0};
  State state_ = State::open;
  bool is_twice_ = false;  // the entity stores an output of the same system
};

struct ResolveRequest {
  std::uint32_t flags = 0;  // AC_RESOLVE_*
  std::uint64_t deadline_ns = 0;
  ac_buffer context{0};  // the resolution takes a reference of its own
  ac_actor reply_to{0};  // none: somebody waits
  std::uint64_t correlation = 0;
};

class Resolution : public std::enable_shared_from_this<Resolution> {
 public:
  // Puts every question. Without a system, or without questions, it has ended when this returns.
  static std::shared_ptr<Resolution> begin(const Entity& entity, const ResolveRequest& request);
  ~Resolution();
  Resolution(const Resolution&) = delete;
  Resolution& operator=(const Resolution&) = delete;

  // Waits for the end; the snapshot's reference is the caller's. Once, and only without `reply_to`.
  Result<ac_snapshot> wait();
  // The same for how it came to one value.
  Result<ac_receipt> wait(const snapshot::ReceiptRequest& request);

 private:
  friend class Question;

  Resolution(const Entity& entity, const ResolveRequest& request);

  ac_status open(const Subsystems::List& subsystems);
  void ask_all() noexcept;
  void ask(Question& question) noexcept;
  Result<void> answer(Question& question, const ac_output& output);
  void returned(Question& question, ac_status status) noexcept;
  void expire() noexcept;
  void conclude(ac_status failure) noexcept;
  static void on_deadline(void* context, std::uint64_t id) noexcept;

  Result<void> store(const Question& question, const ac_output& output)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void fail(Question& question) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] bool end(Question& question) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void finish() noexcept;
  Result<ac_snapshot> outcome();

  const std::shared_ptr<Engine> engine_;
  runtime::System* const system_;  // the engine's, or null
  const ac_entity entity_;
  const ResolveRequest request_;
  RowsPool::Rows rows_;
  const Entity::State state_;
  std::vector<Question> questions_;
  runtime::TimerKey timer_;
  std::shared_ptr<Resolution> timer_keeps_;  // while the timer may fire

  absl::Mutex mutex_;
  std::uint32_t left_ ABSL_GUARDED_BY(mutex_) = 0;
  ac_status failure_ ABSL_GUARDED_BY(mutex_) = AC_OK;  // what no snapshot can tell
  Result<ac_snapshot> outcome_ = ac_snapshot{0};
  std::atomic<std::uint32_t> done_{0};
};

// Tells an actor how the resolve of an entity ended; the snapshot's reference goes with the
// message.
void reply(runtime::System& system, ac_actor to, std::uint64_t correlation, ac_entity entity,
           const Result<ac_snapshot>& outcome) noexcept;

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_QUESTION_H_
