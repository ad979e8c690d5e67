#include "snapshot/names.h"

#include <bit>
#include <mutex>
#include <string>

#include "snapshot/utf8.h"

namespace actorcore::snapshot {
namespace {

constexpr std::size_t block_bytes = 16384;

std::uint64_t prefix_of(std::string_view text) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint64_t byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    prefix = prefix << 8 | byte;
  }
  return prefix;
}

// Chunk k holds the 256 << k numbers that follow those of the chunks before it.
struct Place {
  unsigned chunk;
  std::uint32_t offset;
};

Place place_of(std::uint32_t index, unsigned first_chunk_bits) {
  const std::uint32_t biased = index + (1u << first_chunk_bits);
  const unsigned top = std::bit_width(biased) - 1;
  return {top - first_chunk_bits, biased - (1u << top)};
}

}  // namespace

Names::Names(std::uint32_t names_max) : names_max_(names_max) {
  AC_CHECK(names_max >= realm_layer && names_max <= count_max);
  AC_CHECK(intern("TOTAL").value() == total_layer);
  AC_CHECK(intern("REALM").value() == realm_layer);
}

const Names::Entry& Names::entry(NameId id) const noexcept {
  const Place place = place_of(id - 1, first_chunk_bits);
  return chunks_[place.chunk].load(std::memory_order_acquire)[place.offset];  // N1
}

std::string_view Names::text(NameId id) const noexcept {
  if (!known(id)) return {};
  const Entry& found = entry(id);
  return {found.data, found.size};
}

bool Names::before(NameId left, NameId right) const noexcept {
  if (left == right) return false;
  const Entry& a = entry(left);
  const Entry& b = entry(right);
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  return std::string_view(a.data, a.size) < std::string_view(b.data, b.size);
}

NameId Names::find(std::string_view text) const {
  const std::shared_lock lock(mutex_);
  const auto found = ids_.find(text);
  return found == ids_.end() ? no_name : found->second;
}

Result<NameId> Names::intern(std::string_view text) {
  if (const NameId known_id = find(text); known_id != no_name) return known_id;
  if (text.size() > text_bytes_max) {
    return Error(AC_E_LIMIT, "a name has " + std::to_string(text.size()) + " bytes; at most " +
                                 std::to_string(text_bytes_max) + " are allowed");
  }
  if (!is_utf8(text)) return Error(AC_E_INVALID_ARGUMENT, "a name is not UTF-8");
  const std::unique_lock lock(mutex_);
  if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
  const std::uint32_t next = count_.load(std::memory_order_relaxed) + 1;  // we hold the lock
  if (next > names_max_) {
    return Error(AC_E_LIMIT, "all " + std::to_string(names_max_) +
                                 " names are taken; reuse names instead of making new ones");
  }
  Entry& room = make_room(next);
  const char* const kept = keep(text);
  room = {prefix_of(text), kept, static_cast<std::uint32_t>(text.size())};
  ids_.emplace(std::string_view(kept, text.size()), next);
  count_.store(next, std::memory_order_release);  // N1
  return next;
}

Names::Entry& Names::make_room(NameId id) {
  const Place place = place_of(id - 1, first_chunk_bits);
  std::atomic<Entry*>& chunk = chunks_[place.chunk];
  if (chunk.load(std::memory_order_relaxed) == nullptr) {  // we hold the lock
    owned_chunks_.reserve(chunk_count);
    owned_chunks_.push_back(std::make_unique<Entry[]>(1u << (first_chunk_bits + place.chunk)));
    chunk.store(owned_chunks_.back().get(), std::memory_order_release);  // N1
  }
  return chunk.load(std::memory_order_relaxed)[place.offset];
}

const char* Names::keep(std::string_view text) {
  if (text.size() > block_left_) {
    blocks_.push_back(std::make_unique<char[]>(block_bytes));
    block_next_ = blocks_.back().get();
    block_left_ = block_bytes;
  }
  char* const kept = block_next_;
  text.copy(kept, text.size());
  block_next_ += text.size();
  block_left_ -= text.size();
  return kept;
}

std::uint64_t Names::next_registry_version() noexcept {
  // Relaxed: only the number matters; the registry itself is published by whoever shares it.
  return registry_versions_.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace actorcore::snapshot
