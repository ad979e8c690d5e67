// Id: what an ac_actor's bits mean.
//
// Threads:    plain values.
// Invariants: kind (4 bits, HandleKind::actor), system tag (10), generation (22, never 0), slot
//             (28).
// Cost:       shifts.
#ifndef ACTORCORE_RUNTIME_ID_H_
#define ACTORCORE_RUNTIME_ID_H_

#include <cstdint>

#include "actorcore/actorcore.h"
#include "base/handle_table.h"

namespace actorcore::runtime {

inline constexpr unsigned slot_bits = 28;
inline constexpr unsigned generation_bits = 22;
inline constexpr unsigned tag_bits = 10;
static_assert(slot_bits + generation_bits + tag_bits == handle_kind_shift);

inline constexpr std::uint32_t slots_max = 1u << slot_bits;
inline constexpr std::uint32_t generation_max = (1u << generation_bits) - 1;
inline constexpr std::uint32_t tags_max = 1u << tag_bits;

struct Id {
  std::uint64_t bits = 0;

  static Id make(std::uint32_t tag, std::uint32_t generation, std::uint32_t slot) noexcept {
    return {prefix(tag) << (slot_bits + generation_bits) |
            static_cast<std::uint64_t>(generation) << slot_bits | slot};
  }
  // Kind and tag: what all ids of one system begin with.
  static std::uint64_t prefix(std::uint32_t tag) noexcept {
    return static_cast<std::uint64_t>(HandleKind::actor) << tag_bits | tag;
  }
  std::uint64_t prefix() const noexcept { return bits >> (slot_bits + generation_bits); }
  std::uint32_t generation() const noexcept {
    return static_cast<std::uint32_t>(bits >> slot_bits) & generation_max;
  }
  std::uint32_t slot() const noexcept { return static_cast<std::uint32_t>(bits) & (slots_max - 1); }
  // The same in every process that did the same.
  std::uint64_t without_tag() const noexcept {
    return bits & ((std::uint64_t{1} << (slot_bits + generation_bits)) - 1);
  }
  ac_actor handle() const noexcept { return {bits}; }
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_ID_H_
