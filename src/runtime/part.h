// Part: something that a program made for a system, such as a limiter, behind a handle of its own.
//
// Threads:    any, as what it holds.
// Invariants: a part keeps its system, so that their handles may be released in any order.
// Cost:       a pin a call.
#ifndef ACTORCORE_RUNTIME_PART_H_
#define ACTORCORE_RUNTIME_PART_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "base/handle_table.h"
#include "base/status.h"
#include "runtime/system.h"

namespace actorcore::runtime {

template <class T, HandleKind kind>
class Part {
 public:
  using Table = HandleTable<Part, kind>;

  // One table a process, never unmapped.
  static Table& table() {
    static Table& all = *new Table;
    return all;
  }

  // The handle of a new T(arguments...).
  template <class... Arguments>
  static Result<std::uint64_t> create(System& system, Arguments&&... arguments) {
    std::unique_ptr<Part> made(new Part(system, std::forward<Arguments>(arguments)...));
    const std::uint64_t bits = table().insert(made.get());
    if (bits == 0) return Error(AC_E_LIMIT, "no handle is left; release some of what you hold");
    made.release();
    return bits;
  }

  ~Part() = default;
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  T& operator*() noexcept { return value_; }
  T* operator->() noexcept { return &value_; }
  void release_handle() noexcept { delete this; }

 private:
  // The last to go, for what it holds uses the system's clock.
  struct Hold {
    explicit Hold(System& held) noexcept : system(held) { system.retain(); }
    ~Hold() { system.release(); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    System& system;
  };

  template <class... Arguments>
  explicit Part(System& system, Arguments&&... arguments)
      : hold_(system), value_(std::forward<Arguments>(arguments)...) {}

  Hold hold_;
  T value_;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_PART_H_
