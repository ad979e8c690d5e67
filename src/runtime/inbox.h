// Inbox: the queue of an actor that was spawned with mailbox options; its Mailbox then only says
// who owns the actor.
//
// Threads:    push(), has_room(), wait and stats any; open() the spawning thread; take(), close()
//             the mailbox's owner. The options' callbacks run under the lock.
// Invariants: an open inbox has one actor, and refuses what is meant for another; a closed one is
//             empty. length_ is what was pushed and not taken, dropped or conflated away. A control
//             message is behind all that was pushed before it and before all that comes after it,
//             whatever the order; until one that came has been taken, order is that of arrival.
//             Inboxes are freed with their system, so that a late pusher finds one that refuses it.
// Cost:       a lock a message in, and a lock a batch out.
//
// Memory order: length_ is the word of Mailbox's M5: push() leaves it before own(), and the owner
// reads it after release().
#ifndef ACTORCORE_RUNTIME_INBOX_H_
#define ACTORCORE_RUNTIME_INBOX_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "runtime/ledger.h"
#include "runtime/ranks.h"

namespace actorcore::runtime {

// What mailbox options say, checked; shared by the actors that were spawned with them.
struct InboxOptions {
  ~InboxOptions() {
    if (is_taken && given.destroy != nullptr) given.destroy(given.user);
  }

  // Do they ask for nothing that an actor without options has not?
  bool is_default() const noexcept;
  const ac_mailbox_type* type_of(const Envelope& envelope) const noexcept;
  Rank rank_of(const Envelope& envelope) const noexcept;
  // What messages that replace each other have in common.
  using Key = std::pair<std::uint32_t, std::uint64_t>;
  std::optional<Key> key_of(const Envelope& envelope) const noexcept;

  ac_mailbox_options given{};          // capacity and high are UINT64_MAX where there is none
  std::vector<ac_mailbox_type> types;  // by type
  bool is_taken = false;               // an actor has them, so that their word is ours to end
};

// Are the options within the limits? May throw bad_alloc.
Result<std::shared_ptr<InboxOptions>> read(const ac_mailbox_options& given);

// What a push came to.
struct Pushed {
  enum Verdict : std::uint8_t { queued, full, may_wait, closed, no_memory };

  Verdict verdict = queued;
  Envelope* ended = nullptr;  // left the queue, or never was in it, for this reason
  std::uint32_t reason = 0;
  bool tells_sender = false;  // of the pressure
  Id watcher;                 // who is also to be told
  std::uint64_t length = 0;
  std::uint64_t wait_ns = 0;  // with may_wait
};

// Who is to be told that the pressure is over.
struct Relief {
  void add(Id id) noexcept { told[count++] = id; }

  static constexpr std::uint32_t told_max = 64;
  std::uint32_t level = 0;
  std::uint32_t count = 0;
  std::uint64_t length = 0;
  bool has_waiters = false;  // threads outside that wait for room
  std::array<Id, told_max + 1> told;
};

class Inbox {
 public:
  // Is the actor's from now on.
  void open(Id actor, std::shared_ptr<const InboxOptions> options);
  // What is left is the caller's.
  Chain<Envelope> close(Relief& relief) noexcept;

  // Queues the message, if it has a place; `accepted`, if any, counts it before anyone can see it.
  Pushed push(Envelope* envelope, Id to, Count* accepted) noexcept;
  // Up to `most` messages, in order.
  Chain<Envelope> take(std::uint64_t most, Relief& relief) noexcept;

  std::uint64_t length_hint() const noexcept { return length(); }
  bool is_empty() const noexcept { return length_.load(std::memory_order_seq_cst) == 0; }  // M5

  // A thread outside waits: from begin_wait() on, take() and close() say so.
  void begin_wait(bool is_first) noexcept;
  void end_wait() noexcept;
  // Has it room, or another actor by now?
  bool is_wait_over(Id actor) noexcept;

  // False when the inbox is another actor's.
  bool stats(Id actor, ac_mailbox_stats& out) noexcept;

 private:
  using Key = InboxOptions::Key;

  void overflow(Envelope* envelope, Pushed& pushed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool conflate(Envelope* envelope, Pushed& pushed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool insert(Envelope* envelope) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Envelope* pop() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Envelope* pop_custom() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Envelope* drop(Rank rank) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void forget(Envelope* envelope) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void press(Id sender, Pushed& pushed) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void relieve(std::uint32_t level, Relief& relief) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void set_length(std::uint64_t length) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint64_t length() const noexcept {
    return length_.load(std::memory_order_relaxed);  // under the lock, or a hint
  }

  absl::Mutex mutex_;
  std::atomic<std::uint64_t> length_{0};
  Id actor_ ABSL_GUARDED_BY(mutex_);  // none while it is closed
  std::shared_ptr<const InboxOptions> options_ ABSL_GUARDED_BY(mutex_);
  Ranks ranks_ ABSL_GUARDED_BY(mutex_);
  Chain<Envelope> last_ ABSL_GUARDED_BY(mutex_);                            // from a STOP on
  absl::flat_hash_set<Envelope*> held_ ABSL_GUARDED_BY(mutex_);             // by a custom queue
  absl::flat_hash_map<Key, Envelope*> latest_ ABSL_GUARDED_BY(mutex_);      // what can be replaced
  absl::flat_hash_map<const Envelope*, Key> keys_ ABSL_GUARDED_BY(mutex_);  // and its key
  bool is_refusing_ ABSL_GUARDED_BY(mutex_) = false;  // a custom queue, until it gave one back
  std::uint32_t waiters_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_pressed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Id> told_ ABSL_GUARDED_BY(mutex_);  // of the pressure
  ac_mailbox_stats stats_ ABSL_GUARDED_BY(mutex_){};
};

// A system's inboxes, in use and free.
class Inboxes {
 public:
  // May throw bad_alloc.
  Inbox* take();
  void give(Inbox* inbox) noexcept;

 private:
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Inbox>> all_ ABSL_GUARDED_BY(mutex_);
  std::vector<Inbox*> free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_INBOX_H_
