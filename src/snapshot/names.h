// Names: every dimension, system, context, layer, realm and tag by a dense number.
//
// Threads:    any. intern() takes a lock, find() a shared one; text() and before() take none.
// Invariants: a number is never reused and its text never changes or moves. 0 is none. The numbers
//             1 and 2 are the layers that the rules know by name, TOTAL and REALM.
//   N1  intern -> text   whoever sees a number counted sees its entry and its bytes
// Cost:       text() is two loads; before() mostly compares eight bytes of prefix.
#ifndef ACTORCORE_SNAPSHOT_NAMES_H_
#define ACTORCORE_SNAPSHOT_NAMES_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"

namespace actorcore::snapshot {

using NameId = std::uint32_t;

inline constexpr NameId no_name = 0;
inline constexpr NameId total_layer = 1;
inline constexpr NameId realm_layer = 2;

class Names {
 public:
  static constexpr std::uint32_t count_max = 1u << 20;
  static constexpr std::size_t text_bytes_max = 255;

  explicit Names(std::uint32_t names_max = count_max);  // at most count_max
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // The number of `text`, a new one where it has none yet.
  Result<NameId> intern(std::string_view text);
  // The number of `text`, or no_name where nobody has interned it.
  NameId find(std::string_view text) const;
  // Empty for no_name and for numbers never given out.
  std::string_view text(NameId id) const noexcept;
  bool known(NameId id) const noexcept { return id != no_name && id <= count(); }
  std::uint32_t count() const noexcept { return count_.load(std::memory_order_acquire); }  // N1

  // Bytewise order of the texts. Both numbers are known.
  bool before(NameId left, NameId right) const noexcept;

  // Numbers the registries that use these names, from 1, never twice.
  std::uint64_t next_registry_version() noexcept;

 private:
  struct Entry {
    std::uint64_t prefix;  // the first eight bytes, big-endian, zero-padded: compares bytewise
    const char* data;
    std::uint32_t size;
  };
  static constexpr unsigned first_chunk_bits = 8;  // chunk k holds 256 << k entries
  static constexpr std::size_t chunk_count = 13;   // (256 << 13) - 256 > count_max

  const Entry& entry(NameId id) const noexcept;
  Entry& make_room(NameId id);
  const char* keep(std::string_view text);

  const std::uint32_t names_max_;
  std::array<std::atomic<Entry*>, chunk_count> chunks_{};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint64_t> registry_versions_{0};

  mutable std::shared_mutex mutex_;  // guards what follows
  absl::flat_hash_map<std::string_view, NameId> ids_;
  std::vector<std::unique_ptr<Entry[]>> owned_chunks_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_left_ = 0;
  char* block_next_ = nullptr;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_NAMES_H_
