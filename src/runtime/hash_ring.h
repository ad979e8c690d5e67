// HashRing: which of some places a key belongs to, such that few keys move when places come and go.
//
// Threads:    none; one owner, or many readers while nobody changes it.
// Invariants: every place has as many points as the others, at positions that depend on its number
//             alone; a key belongs to the place of the first point at or after its hash. So a place
//             that goes gives up its own keys and no others, and one that comes back has the same
//             keys again.
// Cost:       a look-up is a binary search among all points; a change moves them.
//
// After Karger et al., "Consistent Hashing and Random Trees" (1997).
#ifndef ACTORCORE_RUNTIME_HASH_RING_H_
#define ACTORCORE_RUNTIME_HASH_RING_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace actorcore::runtime {

// Spreads a number over all of its bits: the finalizer of SplitMix64.
constexpr std::uint64_t spread(std::uint64_t number) noexcept {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

class HashRing {
 public:
  explicit HashRing(std::uint32_t points_each = 0) : points_each_(points_each) {}

  // Makes room for so many places more. May throw bad_alloc.
  void reserve(std::size_t places) { points_.reserve(points_.size() + places * points_each_); }
  // Places that are not there yet, and that there is room for.
  void add(std::span<const std::uint32_t> places) noexcept;
  void remove(std::uint32_t place) noexcept;

  // Visits the places from the hash on, each as often as it has points, until a visit returns true;
  // false when none did.
  template <class Visit>
  bool walk(std::uint64_t hash, Visit visit) const {
    const auto from = std::lower_bound(points_.begin(), points_.end(), Point{hash, 0});
    const auto visit_point = [&](const Point& point) { return visit(point.place); };
    return std::any_of(from, points_.end(), visit_point) ||
           std::any_of(points_.begin(), from, visit_point);
  }

 private:
  struct Point {
    std::uint64_t hash;
    std::uint32_t place;
    friend auto operator<=>(const Point&, const Point&) = default;
  };

  std::uint32_t points_each_;
  std::vector<Point> points_;  // ascending
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_HASH_RING_H_
