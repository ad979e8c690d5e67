// Check: stops the process on what only our own bug can cause.
//
// Threads:    any.
// Invariants: never used for what a caller, peer, file or disk can cause; those are an Error
//             (status.h).
// Cost:       AC_CHECK is one predictable branch; AC_DCHECK is nothing in release builds.
#ifndef ACTORCORE_BASE_CHECK_H_
#define ACTORCORE_BASE_CHECK_H_

namespace actorcore {

[[noreturn]] void check_failed(const char* what, const char* file, int line) noexcept;

}  // namespace actorcore

#define AC_CHECK(condition)                                  \
  (__builtin_expect(!!(condition), 1) ? static_cast<void>(0) \
                                      : ::actorcore::check_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define AC_DCHECK(condition) static_cast<void>(sizeof(!(condition)))
#else
#define AC_DCHECK(condition) AC_CHECK(condition)
#endif

#endif  // ACTORCORE_BASE_CHECK_H_
