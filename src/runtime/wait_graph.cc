#include "runtime/wait_graph.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"

namespace actorcore::runtime {
namespace {

// Takes out, again and again, what waits for one that waits for nobody: it is in no cycle.
void trim(std::vector<Wait>& waits) {
  absl::flat_hash_map<std::uint64_t, std::uint32_t> asks_of;
  absl::flat_hash_map<std::uint64_t, std::vector<std::uint64_t>> askers_of;
  for (const Wait& wait : waits) {
    ++asks_of[wait.asker.bits];
    askers_of[wait.holder.bits].push_back(wait.asker.bits);
  }
  std::vector<std::uint64_t> free;
  for (const auto& [holder, askers] : askers_of) {
    if (!asks_of.contains(holder)) free.push_back(holder);
  }
  while (!free.empty()) {
    const auto askers = askers_of.find(free.back());
    free.pop_back();
    if (askers == askers_of.end()) continue;
    for (const std::uint64_t asker : askers->second) {
      const auto left = asks_of.find(asker);
      if (--left->second != 0) continue;
      asks_of.erase(left);
      free.push_back(asker);
    }
    askers_of.erase(askers);
  }
  std::erase_if(waits, [&](const Wait& wait) { return !asks_of.contains(wait.holder.bits); });
}

// Follows the waits from the first one until an actor comes again.
Cycle walk(const std::vector<Wait>& waits) {
  const auto of = [&](Id asker) {
    return std::ranges::lower_bound(waits, asker.bits, {},
                                    [](const Wait& wait) { return wait.asker.bits; });
  };
  Cycle path;
  absl::flat_hash_map<std::uint64_t, std::size_t> visited;
  for (auto at = waits.begin();; at = of(at->holder)) {
    const auto [place, is_new] = visited.try_emplace(at->asker.bits, path.size());
    if (!is_new) {
      path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(place->second));
      break;
    }
    path.push_back(*at);
  }
  const auto lowest = std::ranges::min_element(path, {}, &Wait::correlation);
  std::rotate(path.begin(), lowest, path.end());
  return path;
}

}  // namespace

std::vector<Cycle> find_cycles(std::vector<Wait> waits) {
  std::vector<Cycle> cycles;
  std::ranges::sort(waits, {},
                    [](const Wait& wait) { return std::pair(wait.asker.bits, wait.correlation); });
  for (trim(waits); !waits.empty(); trim(waits)) {
    const Cycle cycle = walk(waits);
    std::erase_if(waits, [&](const Wait& wait) {
      return std::ranges::any_of(
          cycle, [&](const Wait& other) { return other.correlation == wait.correlation; });
    });
    cycles.push_back(cycle);
  }
  return cycles;
}

}  // namespace actorcore::runtime
