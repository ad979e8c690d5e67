// Limits: every bound of the runtime, tied to the others at compile time.
//
// Threads:    constants.
// Invariants: the static_asserts.
// Cost:       none.
#ifndef ACTORCORE_RUNTIME_LIMITS_H_
#define ACTORCORE_RUNTIME_LIMITS_H_

#include <cstdint>

namespace actorcore::runtime {

inline constexpr std::uint32_t workers_max = 256;
inline constexpr std::uint32_t attached_default = 64;
inline constexpr std::uint32_t throughput_default = 256;
inline constexpr std::uint32_t throughput_max = 4096;
inline constexpr std::uint64_t spin_default_ns = 20'000;
inline constexpr std::uint64_t spin_max_ns = 1'000'000;
inline constexpr std::uint32_t outbox_slots = 1'024;
inline constexpr std::uint32_t run_queue_slots = 256;
inline constexpr std::uint32_t activations_per_turn_max = 64;
inline constexpr std::uint32_t messages_per_turn_max = 1024;  // then no further activation is added
inline constexpr std::uint32_t gathered_at_once = 8;  // chains: enough to hide a miss to memory
inline constexpr std::uint32_t lifo_streak_max = 16;  // then the run queue has its turn
inline constexpr std::uint32_t fairness_default =
    61;  // prime, so that it beats with no program's rhythm
inline constexpr std::uint32_t fairness_min = gathered_at_once;
inline constexpr std::uint32_t fairness_max = 65'536;
inline constexpr std::uint32_t priority_max = 99;  // the kernel's
inline constexpr std::uint32_t behaviors_max = 65'535;
inline constexpr std::uint32_t dispatchers_max = 1'024;
inline constexpr std::uint32_t names_bytes_max = 255;
inline constexpr std::uint32_t dead_letters_kept = 1'024;
inline constexpr std::uint32_t failures_kept = 256;
inline constexpr std::uint32_t watchdog_reports_kept = 256;
inline constexpr std::uint32_t phases_max = 64;
inline constexpr std::uint64_t asked_max = 1'048'576;
inline constexpr std::uint64_t phase_timeout_ns = 5'000'000'000;
inline constexpr std::uint32_t external_lanes = 8;
inline constexpr std::uint32_t stash_default = 1'024;
inline constexpr std::uint32_t behaviors_stacked_max = 64;
inline constexpr std::uint32_t restarts_max = 1'000;  // in one period of a policy
inline constexpr std::uint64_t message_bytes_min = 1'048'576;
inline constexpr std::uint32_t mailbox_types_max = 4'096;
inline constexpr std::uint64_t mailbox_block_default_ns = 1'000'000'000;
inline constexpr std::uint64_t stop_grace_ns = 1'000'000'000;

static_assert(activations_per_turn_max < run_queue_slots, "one turn must not empty a whole queue");

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_LIMITS_H_
