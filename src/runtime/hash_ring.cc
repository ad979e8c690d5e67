#include "runtime/hash_ring.h"

namespace actorcore::runtime {

void HashRing::add(std::span<const std::uint32_t> places) noexcept {
  const auto old = static_cast<std::ptrdiff_t>(points_.size());
  for (const std::uint32_t place : places) {
    // Each place counts from a start of its own, so that no two ever meet.
    const std::uint64_t start = spread(place + std::uint64_t{0x9e3779b97f4a7c15});
    for (std::uint32_t i = 0; i < points_each_; ++i) {
      points_.push_back({spread(start + i * std::uint64_t{0x9e3779b97f4a7c15}), place});
    }
  }
  std::sort(points_.begin() + old, points_.end());
  std::inplace_merge(points_.begin(), points_.begin() + old, points_.end());
}

void HashRing::remove(std::uint32_t place) noexcept {
  std::erase_if(points_, [place](const Point& point) { return point.place == place; });
}

}  // namespace actorcore::runtime
