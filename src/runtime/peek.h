// Peek: reads a word that its owner may be changing, for those who can bear to be wrong.
//
// Threads:    any.
// Invariants: the word is whole and its memory is the system's; what it says may be out of date.
// Cost:       a call and a load.
#ifndef ACTORCORE_RUNTIME_PEEK_H_
#define ACTORCORE_RUNTIME_PEEK_H_

#include <type_traits>

namespace actorcore::runtime {

// Hidden from the thread sanitizer, which would have the owner's plain stores be atomic ones.
template <class T>
__attribute__((noinline, no_sanitize("thread"))) T peek(const T& word) noexcept {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(void*));
  T seen;
  __atomic_load(&word, &seen, __ATOMIC_ACQUIRE);
  return seen;
}

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_PEEK_H_
