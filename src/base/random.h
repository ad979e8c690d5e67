// Random: a seeded generator, xoshiro256** 1.0 (Blackman and Vigna), seeded by SplitMix64.
//
// Threads:    none; one owner.
// Invariants: the same seed gives the same sequence on every machine.
// Cost:       a handful of shifts a number.
#ifndef ACTORCORE_BASE_RANDOM_H_
#define ACTORCORE_BASE_RANDOM_H_

#include <bit>
#include <cstdint>

namespace actorcore {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }

  std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // A number below `bound`, which is not 0. Lemire's multiplication; its bias is below 2^-32 for
  // our bounds.
  std::uint64_t below(std::uint64_t bound) noexcept {
    __extension__ using Wide = unsigned __int128;  // ISO C++ has no 128-bit integer
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

 private:
  std::uint64_t state_[4];
};

}  // namespace actorcore

#endif  // ACTORCORE_BASE_RANDOM_H_
