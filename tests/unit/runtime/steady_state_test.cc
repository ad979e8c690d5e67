// The path of a message takes no lock and makes no system call once a program is warm. Counted are
// the calls of the library, Abseil and jemalloc on the threads of workers, which the linker sends
// here (--wrap): every taking of an absl::Mutex, contended or not, and of a pthread_mutex, which
// std::mutex is; syscall(2), through which everything sleeps and wakes, and what else the library
// calls that is a system call. The tests of `allocation` count malloc. And what is not the target's
// is not written: the bytes of what all workers share are compared.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "memory/buffer_pool.h"
#include "runtime/spawn.h"
#include "runtime/system.h"

namespace {

std::atomic<std::uint64_t> locks{0}, calls{0};
thread_local bool is_counted = false;

void count(std::atomic<std::uint64_t>& what) noexcept {
  if (is_counted) what.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

// absl::Mutex's Lock, TryLock, ReaderLock, ReaderTryLock.
#define WRAP_MUTEX(result, name)             \
  extern "C" result __real_##name(void* m);  \
  extern "C" result __wrap_##name(void* m);  \
  extern "C" result __wrap_##name(void* m) { \
    count(locks);                            \
    return __real_##name(m);                 \
  }
WRAP_MUTEX(void, _ZN4absl7debian35Mutex4LockEv)
WRAP_MUTEX(bool, _ZN4absl7debian35Mutex7TryLockEv)
WRAP_MUTEX(void, _ZN4absl7debian35Mutex10ReaderLockEv)
WRAP_MUTEX(bool, _ZN4absl7debian35Mutex13ReaderTryLockEv)
WRAP_MUTEX(int, pthread_mutex_lock)

extern "C" {
int __real_sched_yield();
int __wrap_sched_yield();
int __wrap_sched_yield() {
  count(calls);
  return __real_sched_yield();
}
void* __real_mmap(void*, size_t, int, int, int, off_t);
void* __wrap_mmap(void*, size_t, int, int, int, off_t);
void* __wrap_mmap(void* at, size_t size, int protection, int flags, int file, off_t offset) {
  count(calls);
  return __real_mmap(at, size, protection, flags, file, offset);
}
int __real_munmap(void*, size_t);
int __wrap_munmap(void*, size_t);
int __wrap_munmap(void* at, size_t size) {
  count(calls);
  return __real_munmap(at, size);
}
int __real_madvise(void*, size_t, int);
int __wrap_madvise(void*, size_t, int);
int __wrap_madvise(void* at, size_t size, int advice) {
  count(calls);
  return __real_madvise(at, size, advice);
}
long __real_syscall(long, ...);
long __wrap_syscall(long, ...);
long __wrap_syscall(long number, ...) {
  count(calls);
  std::array<long, 6> with;
  va_list arguments;
  va_start(arguments, number);
  for (long& one : with) one = va_arg(arguments, long);
  va_end(arguments);
  return __real_syscall(number, with[0], with[1], with[2], with[3], with[4], with[5]);
}
}

namespace actorcore::runtime {
namespace {

enum : std::uint32_t { type_hop = 1, type_go, type_data };

// Eight pairs that play ping-pong, and four producers that send bursts to one sink, which has them
// go on: work for two workers that never ends by itself.
struct Program;
struct Member {
  Program* program = nullptr;
  ac_actor self{0};
  ac_actor to{0};
  std::uint32_t length = 8;
};

struct Program {
  static constexpr std::size_t pairs = 8, producers = 4, burst = 32;
  std::array<Member, 2 * pairs> players;
  std::array<Member, producers> sources;
  Member sink;
  std::atomic<std::uint64_t> handled{0};
  std::atomic<bool> ends{false};
  // Called by the first player at its next message, once.
  std::atomic<void (*)(Program&)> look{nullptr};
  std::vector<std::span<const std::byte>> shared;
  std::vector<std::vector<std::byte>> seen;
  std::size_t changed = 0;
};

void remember(Program& program) {
  for (const auto bytes : program.shared) program.seen.emplace_back(bytes.begin(), bytes.end());
}

void compare(Program& program) {
  for (std::size_t i = 0; i < program.shared.size(); ++i) {
    for (std::size_t at = 0; at < program.shared[i].size(); ++at) {
      if (program.shared[i][at] != program.seen[i][at]) ++program.changed;
    }
  }
}

void send(ac_turn& turn, const Member& from, ac_actor to, std::uint32_t type) {
  if (turn.outbox_count == turn.outbox_capacity) {
    ASSERT_EQ(AC_OK, Worker::current()->flush());
  }
  auto* envelope = static_cast<Envelope*>(turn.outbox[turn.outbox_count++]);
  envelope->to = to;
  envelope->sender = from.self;
  envelope->correlation = 0;
  envelope->type = type;
  envelope->length = from.length;
  if (from.length <= AC_INLINE_BYTES) {
    std::memset(envelope->data, 0, from.length);
    return;
  }
  std::uint8_t* bytes;
  const ac_buffer buffer = memory::BufferPool::shared().take(from.length, &bytes);
  ASSERT_NE(0u, buffer.bits);
  envelope->set_buffer(buffer, bytes);
}

ac_status on_turn(std::uintptr_t user, ac_turn* turn, ac_activation* activation) {
  is_counted = true;
  Member& self = *reinterpret_cast<Member*>(user);
  Program& program = *self.program;
  if (program.look.load(std::memory_order_relaxed) != nullptr && &self == program.players.data()) {
    program.look.load(std::memory_order_acquire)(program);
    program.look.store(nullptr, std::memory_order_release);
  }
  for (std::uint32_t i = 0; i < activation->count; ++i) {
    const ac_message& message = *activation->messages[i];
    if (program.ends.load(std::memory_order_relaxed)) continue;
    switch (message.type) {
      case type_hop:
        send(*turn, self, self.to, type_hop);
        break;
      case type_go:
        for (std::size_t k = 1; k < Program::burst; ++k) send(*turn, self, self.to, type_data);
        send(*turn, self, self.to, type_go);  // comes back from the sink
        break;
      default:
        break;
    }
  }
  program.handled.fetch_add(activation->count, std::memory_order_relaxed);
  return AC_OK;
}

ac_status on_sink(std::uintptr_t user, ac_turn* turn, ac_activation* activation) {
  is_counted = true;
  Member& self = *reinterpret_cast<Member*>(user);
  for (std::uint32_t i = 0; i < activation->count; ++i) {
    const ac_message& message = *activation->messages[i];
    if (message.type == type_go) send(*turn, self, message.sender, type_go);
  }
  self.program->handled.fetch_add(activation->count, std::memory_order_relaxed);
  return AC_OK;
}

class SteadyState : public testing::Test {
 protected:
  SteadyState() : SteadyState(2) {}
  explicit SteadyState(std::uint32_t workers)
      : system_(
            *System::create({.dispatcher = {.workers = workers, .spin_ns = 1'000'000}}).value()) {
    players_ = system_.add_behavior(&on_turn, nullptr, "member").value();
    sink_ = system_.add_behavior(&on_sink, nullptr, "sink").value();
  }
  ~SteadyState() override { systems().release(system_.handle.bits); }

  void spawn(Member& member, Behavior& behavior) {
    const std::uintptr_t user = reinterpret_cast<std::uintptr_t>(&member);
    member.program = &program_;
    const SpawnOptions options{
        .behavior = &behavior, .dispatcher = &system_.default_dispatcher(), .user = user};
    ASSERT_TRUE(Spawn(system_, options, nullptr).run(nullptr, 1, &member.self).ok());
  }

  void start(std::uint32_t length) {
    for (Member& player : program_.players) spawn(player, *players_);
    for (Member& source : program_.sources) spawn(source, *players_);
    spawn(program_.sink, *sink_);
    for (std::size_t i = 0; i < program_.players.size(); ++i) {
      program_.players[i].to = program_.players[i ^ 1].self;
      program_.players[i].length = length;
    }
    for (Member& source : program_.sources) {
      source.to = program_.sink.self;
      source.length = length;
      ASSERT_EQ(AC_OK, system_.tell(source.self, type_go, 0, {}));
    }
    for (std::size_t i = 0; i < program_.players.size(); i += 2) {
      ASSERT_EQ(AC_OK, system_.tell(program_.players[i].self, type_hop, 0, {}));
    }
  }

  void run(std::uint64_t messages) {
    const std::uint64_t until = program_.handled.load() + messages;
    while (program_.handled.load(std::memory_order_relaxed) < until) __real_sched_yield();
  }

  void have_look(void (*look)(Program&)) {
    program_.look.store(look, std::memory_order_release);
    while (program_.look.load(std::memory_order_acquire) != nullptr) __real_sched_yield();
  }

  // Of a hundred windows of 100,000 messages: in how many was there neither a lock more than so
  // many nor a call? A worker that the machine takes its processor from may make another one wait.
  int clean_windows(std::uint64_t locks_max) {
    int clean = 0;
    for (int window = 0; window < 100 && clean < 3; ++window) {
      const std::uint64_t locks_before = locks, calls_before = calls;
      run(100'000);
      if (locks - locks_before <= locks_max && calls == calls_before) ++clean;
    }
    return clean;
  }

  void end() {
    program_.ends = true;
    EXPECT_EQ(AC_OK, system_.stop(60'000'000'000, nullptr));
  }

  System& system_;
  Behavior* players_ = nullptr;
  Behavior* sink_ = nullptr;
  Program program_;
};

TEST_F(SteadyState, MessagesTakeNoLockAndMakeNoSystemCall) {
  start(8);
  run(1'000'000);
  EXPECT_EQ(3, clean_windows(0));
  end();
}

// What one thread takes and another gives goes home in batches: one mutex for 32 of this size.
TEST_F(SteadyState, MessagesWithBuffersLockOnceABatchAtMostAndMakeNoSystemCall) {
  start(500);
  run(1'000'000);
  EXPECT_EQ(3, clean_windows(2 * 100'000 / 32 + 100));
  end();
}

class SteadyStateOfOneWorker : public SteadyState {
 protected:
  SteadyStateOfOneWorker() : SteadyState(1) {}
};

// Two would trade batches of envelopes and tell each other of work now and then.
TEST_F(SteadyStateOfOneWorker, MessagesWriteNothingThatWorkersShareButTheirActors) {
  start(8);
  run(1'000'000);
  Dispatcher& dispatcher = system_.default_dispatcher();
  program_.shared = {{reinterpret_cast<const std::byte*>(&system_), sizeof system_},
                     {reinterpret_cast<const std::byte*>(&dispatcher), sizeof dispatcher}};
  have_look(&remember);
  run(1'000'000);
  have_look(&compare);
  EXPECT_EQ(0u, program_.changed);
  // It would have been seen.
  ASSERT_TRUE(system_.add_behavior(&on_turn, nullptr, "another").ok());
  have_look(&compare);
  EXPECT_NE(0u, program_.changed);
  end();
}

TEST(SteadyStateCounter, CountsLocksAndCallsOnThreadsThatAreCounted) {
  absl::Mutex mutex;
  const std::uint64_t locks_before = locks, calls_before = calls;
  { absl::MutexLock lock(&mutex); }
  yield_thread();
  EXPECT_EQ(locks_before, locks);
  EXPECT_EQ(calls_before, calls);
  is_counted = true;
  { absl::MutexLock lock(&mutex); }
  yield_thread();
  std::atomic<std::uint32_t> word{0};
  futex_wake(word, 1);
  is_counted = false;
  EXPECT_EQ(locks_before + 1, locks);
  EXPECT_EQ(calls_before + 2, calls);
}

}  // namespace
}  // namespace actorcore::runtime
