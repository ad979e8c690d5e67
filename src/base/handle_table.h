// HandleTable: turns objects into handles that a caller may keep, copy, release twice or make up.
//
// Threads:    every operation from any thread.
// Invariants: a slot is never unmapped; its word is generation (28 bits), the callers' references
//             (20), pins of calls under way (an exclusive one and 15 bits). A handle names an
//             object exactly while its generation is the slot's and the callers hold references;
//             releasing one too many kills the handle but never the object under a pin. A slot
//             whose generations are used up is not used again. The table owns one reference of the
//             object's own and gives it back by T::release_handle() at the very end.
// Cost:       pin and unpin are one read-modify-write each; insert and the end are lock-free, but
//             for an insert that makes the table grow, which takes a mutex.
//
// Memory orders:
//   H1  insert -> pin     whoever sees the new generation sees the object
//   H2  unpin -> recycle  the last one out sees what every other user did to the object
#ifndef ACTORCORE_BASE_HANDLE_TABLE_H_
#define ACTORCORE_BASE_HANDLE_TABLE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/check.h"
#include "base/free_stack.h"

namespace actorcore {

// In every handle, so that one kind passed as another is refused: in its top four bits, which are
// all set from `bus` on, and then in bits 26 to 31. A span's, which are correlations too, are
// apart: see runtime/span.h.
enum class HandleKind : std::uint64_t {
  actor = 1,
  error,
  buffer,
  system,
  dispatcher,
  behavior,
  worker,
  engine,
  outputs,
  entity,
  snapshot,
  query,
  timer,
  router,
  bus,
  queue,
  limiter,
  breaker,
  batcher,
  receipt,
};

inline constexpr unsigned handle_kind_shift = 60;
inline constexpr unsigned handle_index_bits = 26;
inline constexpr std::uint64_t handle_kind_mask =
    std::uint64_t{0xf} << handle_kind_shift | std::uint64_t{0x3f} << handle_index_bits;

constexpr std::uint64_t handle_mark(HandleKind kind) {
  const auto number = static_cast<std::uint64_t>(kind);
  return number < 15 ? number << handle_kind_shift
                     : std::uint64_t{15} << handle_kind_shift | (number - 15) << handle_index_bits;
}

template <class T, HandleKind kind>
class HandleTable {
 public:
  // A use of the object for the length of a call.
  class Pin {
   public:
    Pin() = default;
    Pin(HandleTable* table, std::uint32_t slot, T* object, std::uint64_t weight)
        : table_(table), slot_(slot), object_(object), weight_(weight) {}
    Pin(Pin&& other) noexcept { *this = std::move(other); }
    Pin& operator=(Pin&& other) noexcept {
      std::swap(table_, other.table_);
      std::swap(slot_, other.slot_);
      std::swap(object_, other.object_);
      std::swap(weight_, other.weight_);
      return *this;
    }
    ~Pin() {
      if (object_ != nullptr) table_->unpin(slot_, weight_);
    }
    explicit operator bool() const { return object_ != nullptr; }
    T* operator->() const { return object_; }
    T& operator*() const { return *object_; }
    T* get() const { return object_; }

   private:
    HandleTable* table_ = nullptr;
    std::uint32_t slot_ = 0;
    T* object_ = nullptr;
    std::uint64_t weight_ = 0;
  };

  HandleTable() = default;
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  // The object's new handle with one reference, or 0 when the table is full. May throw bad_alloc.
  std::uint64_t insert(T* object) {
    const std::uint64_t free = free_.pop(links());
    const std::uint32_t index = free != 0 ? static_cast<std::uint32_t>(free - 1) : fresh();
    if (index == none) return 0;
    Slot& slot = at(index);
    const std::uint64_t generation = slot.word.load(std::memory_order_relaxed) >> 36;  // ours alone
    slot.object = object;
    slot.word.store(generation << 36 | one_reference, std::memory_order_release);  // H1
    return handle_mark(kind) | generation << 32 | index;
  }

  Pin pin(std::uint64_t bits) {
    Slot* slot = find(bits);
    if (slot == nullptr || !add(*slot, generation_of(bits), one_pin)) return {};
    return Pin(this, index_of(bits), slot->object, one_pin);
  }

  // A pin that no other exclusive one goes with; `busy` when there is one. For handles of one
  // caller at a time.
  Pin pin_exclusive(std::uint64_t bits, bool& busy) {
    busy = false;
    Slot* slot = find(bits);
    if (slot == nullptr) return {};
    std::uint64_t word = slot->word.load(std::memory_order_acquire);  // H1
    do {
      if (word >> 36 != generation_of(bits) || !is_alive(word)) return {};
      busy = (word & exclusive_pin) != 0;
      if (busy) return {};
    } while (!slot->word.compare_exchange_weak(word, word + exclusive_pin,
                                               std::memory_order_acquire));  // H1
    return Pin(this, index_of(bits), slot->object, exclusive_pin);
  }

  // One more reference that outlives the call; false for a handle that names nothing.
  bool retain(std::uint64_t bits) {
    Slot* slot = find(bits);
    return slot != nullptr && add(*slot, generation_of(bits), one_reference);
  }

  // The object of a handle that the caller holds a reference of.
  T& retained(std::uint64_t bits) { return *find(bits)->object; }

  // Gives a reference back; false for a handle that names nothing.
  bool release(std::uint64_t bits) {
    Slot* slot = find(bits);
    if (slot == nullptr) return false;
    std::uint64_t word =
        slot->word.load(std::memory_order_relaxed);  // the exchange below orders, H2
    do {
      if (word >> 36 != generation_of(bits) || !is_alive(word)) return false;
    } while (!slot->word.compare_exchange_weak(word, word - one_reference,
                                               std::memory_order_acq_rel));  // H2
    if (is_unused(word - one_reference)) destroy(*slot, index_of(bits));
    return true;
  }

  // A handle of this kind, dead or alive?
  static bool is_kind(std::uint64_t bits) { return (bits & handle_kind_mask) == handle_mark(kind); }

 private:
  static constexpr std::uint32_t chunk_slots = 4096;
  static constexpr std::uint32_t chunks_max = 16384;
  static constexpr std::uint64_t generation_max = (1u << 28) - 1;
  static constexpr std::uint32_t none = UINT32_MAX;

  using Free = FreeStack<32>;  // by index, plus 1

  struct Slot {
    std::atomic<std::uint64_t> word{0};
    T* object = nullptr;
    Free::Link next_free{0};
  };

  static_assert(std::uint64_t{chunk_slots} * chunks_max == std::uint64_t{1} << handle_index_bits);

  static std::uint64_t generation_of(std::uint64_t bits) { return bits >> 32 & generation_max; }
  static std::uint32_t index_of(std::uint64_t bits) {
    return static_cast<std::uint32_t>(bits) & ((std::uint32_t{1} << handle_index_bits) - 1);
  }

  Slot& at(std::uint32_t index) {
    return chunks_[index / chunk_slots].load(std::memory_order_acquire)[index % chunk_slots];  // H1
  }

  Slot* find(std::uint64_t bits) {
    if (!is_kind(bits)) return nullptr;
    const std::uint32_t index = index_of(bits);
    Slot* chunk = chunks_[index / chunk_slots].load(std::memory_order_acquire);  // H1
    return chunk == nullptr ? nullptr : &chunk[index % chunk_slots];
  }

  static constexpr std::uint64_t one_pin = 1;
  static constexpr std::uint64_t exclusive_pin = 1 << 15;
  static constexpr std::uint64_t one_reference = 1 << 16;
  static constexpr std::uint64_t pins_mask = one_reference - 1;
  static constexpr std::uint64_t references_mask = ((std::uint64_t{1} << 36) - 1) ^ pins_mask;

  static bool is_alive(std::uint64_t word) { return (word & references_mask) != 0; }
  static bool is_unused(std::uint64_t word) { return (word & (references_mask | pins_mask)) == 0; }

  static bool add(Slot& slot, std::uint64_t generation, std::uint64_t what) {
    const std::uint64_t full = what == one_pin ? exclusive_pin - 1 : references_mask;
    std::uint64_t word = slot.word.load(std::memory_order_acquire);  // H1
    do {
      if (word >> 36 != generation || !is_alive(word) || (word & full) == full) return false;
    } while (!slot.word.compare_exchange_weak(word, word + what, std::memory_order_acquire));  // H1
    return true;
  }

  void unpin(std::uint32_t index, std::uint64_t weight) {
    Slot& slot = at(index);
    const std::uint64_t before = slot.word.fetch_sub(weight, std::memory_order_acq_rel);  // H2
    if (is_unused(before - weight)) destroy(slot, index);
  }

  // Without references no one can pin, so exactly one caller gets here for each life of a slot.
  void destroy(Slot& slot, std::uint32_t index) {
    T* object = std::exchange(slot.object, nullptr);
    recycle(slot, index, (slot.word.load(std::memory_order_relaxed) >> 36) + 1);  // ours alone, H2
    object->release_handle();
  }

  void recycle(Slot& slot, std::uint32_t index, std::uint64_t generation) {
    if (generation > generation_max) return;  // used up: a handle must never come to life again
    slot.word.store(generation << 36,
                    std::memory_order_relaxed);  // published by the next insert, H1
    free_.push(index + 1, links());
  }

  // A slot that no object has had, or none.
  std::uint32_t fresh() {
    absl::MutexLock lock(&mutex_);
    if (used_ == chunks_max * chunk_slots) return none;
    if (used_ % chunk_slots == 0) {
      auto chunk = std::make_unique<Slot[]>(chunk_slots);
      chunks_[used_ / chunk_slots].store(chunk.release(), std::memory_order_release);  // H1
    }
    return used_++;
  }

  // The stack's links, by number.
  auto links() {
    return [this](std::uint64_t number) -> Free::Link& {
      return at(static_cast<std::uint32_t>(number - 1)).next_free;
    };
  }

  Free free_;
  absl::Mutex mutex_;
  std::uint32_t used_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<Slot*> chunks_[chunks_max] = {};
};

}  // namespace actorcore

#endif  // ACTORCORE_BASE_HANDLE_TABLE_H_
