#include "snapshot/snapshot_pool.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/free_stack.h"

namespace actorcore::snapshot {
namespace {

constexpr std::size_t least_block_bits = 8;  // 256 bytes
constexpr std::size_t largest_block_bits = 23;
constexpr std::size_t class_count = (largest_block_bits - least_block_bits) * 2 + 1;
constexpr std::size_t first_chunk_bytes = 16384;
constexpr std::size_t chunk_count = 24;
static_assert(SnapshotPool::block_bytes_max == std::size_t{1} << largest_block_bits);

// Two classes to each power of two: 256, 384, 512, 768, 1024, ...
constexpr std::size_t class_bytes(std::size_t size_class) {
  const std::size_t power = std::size_t{1} << (least_block_bits + size_class / 2);
  return size_class % 2 == 0 ? power : power + power / 2;
}

std::size_t class_for(std::size_t bytes) {
  if (bytes <= class_bytes(0)) return 0;
  const std::size_t power = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;  // below bytes
  const std::size_t even = (power - least_block_bits) * 2;
  return bytes <= class_bytes(even + 1) ? even + 1 : even + 2;
}

// The first chunk of a class fills about a page run; each next one holds twice the blocks.
std::uint32_t first_chunk_blocks(std::size_t size_class) {
  return static_cast<std::uint32_t>(
      std::bit_floor(std::max<std::size_t>(1, first_chunk_bytes / class_bytes(size_class))));
}

}  // namespace

struct SnapshotPool::Core {
  using Free = FreeStack<32>;  // by index, plus 1

  struct alignas(16) Block {
    Core* core;
    std::uint32_t size_class;
    std::uint32_t index;
    Free::Link next;  // while free: of the one below it in the stack
  };

  struct alignas(64) SizeClass {
    Free free;
    std::array<std::atomic<std::byte*>, chunk_count> chunks{};
    std::mutex growing;      // guards what follows
    std::uint32_t used = 0;  // blocks that were ever handed out
    std::uint32_t capacity = 0;
    std::uint32_t chunks_made = 0;
  };

  ~Core();
  Block* block_at(std::size_t size_class, std::uint32_t index) noexcept;
  auto links(std::size_t size_class) noexcept {
    return [this, size_class](std::uint64_t number) -> Free::Link& {
      return block_at(size_class, static_cast<std::uint32_t>(number - 1))->next;
    };
  }
  Block* pop(std::size_t size_class) noexcept;
  void push(Block* block) noexcept;
  Block* make(std::size_t size_class) noexcept;
  bool grow(std::size_t size_class) noexcept;
  void leave() noexcept;

  std::shared_ptr<const Names> names;
  std::atomic<std::uint64_t> users{1};
  std::atomic<std::uint64_t> taken{0}, grown{0}, blocks{0};  // statistics; beside `users`
  std::atomic<std::size_t> reserved{0};
  std::array<SizeClass, class_count> classes;
};

namespace {

constexpr std::size_t stride(std::size_t size_class, std::size_t header) {
  return class_bytes(size_class) + header;
}

}  // namespace

SnapshotPool::Core::~Core() {
  for (SizeClass& size_class : classes) {
    for (std::atomic<std::byte*>& chunk : size_class.chunks) {
      // Relaxed: the last user out has synchronised with all others (B3).
      ::operator delete(chunk.load(std::memory_order_relaxed), std::align_val_t{64});
    }
  }
}

SnapshotPool::Core::Block* SnapshotPool::Core::block_at(std::size_t size_class,
                                                        std::uint32_t index) noexcept {
  const std::uint32_t first = first_chunk_blocks(size_class);
  const std::uint32_t biased = index + first;
  const auto chunk = static_cast<std::size_t>(std::bit_width(biased / first)) - 1;
  const std::size_t offset = biased - (first << chunk);
  std::byte* const base = classes[size_class].chunks[chunk].load(std::memory_order_acquire);  // B2
  return reinterpret_cast<Block*>(base + offset * stride(size_class, sizeof(Block)));
}

SnapshotPool::Core::Block* SnapshotPool::Core::pop(std::size_t size_class) noexcept {
  const std::uint64_t number = classes[size_class].free.pop(links(size_class));  // B1
  return number == 0 ? nullptr : block_at(size_class, static_cast<std::uint32_t>(number - 1));
}

void SnapshotPool::Core::push(Block* block) noexcept {
  classes[block->size_class].free.push(block->index + 1, links(block->size_class));  // B1
}

bool SnapshotPool::Core::grow(std::size_t size_class) noexcept {
  SizeClass& of_size = classes[size_class];
  if (of_size.chunks_made == chunk_count) return false;
  const std::uint32_t added = first_chunk_blocks(size_class) << of_size.chunks_made;
  const std::size_t bytes = added * stride(size_class, sizeof(Block));
  void* const chunk = ::operator new(bytes, std::align_val_t{64}, std::nothrow);
  if (chunk == nullptr) return false;
  reserved.fetch_add(bytes, std::memory_order_relaxed);  // a statistic
  of_size.chunks[of_size.chunks_made].store(static_cast<std::byte*>(chunk),
                                            std::memory_order_release);  // B2
  of_size.chunks_made += 1;
  of_size.capacity += added;
  grown.fetch_add(1, std::memory_order_relaxed);  // statistics, these
  blocks.fetch_add(added, std::memory_order_relaxed);
  return true;
}

SnapshotPool::Core::Block* SnapshotPool::Core::make(std::size_t size_class) noexcept {
  SizeClass& of_size = classes[size_class];
  const std::lock_guard lock(of_size.growing);
  if (Block* const block = pop(size_class)) return block;
  if (of_size.used == of_size.capacity && !grow(size_class)) return nullptr;
  const std::uint32_t index = of_size.used++;
  Block* const block = block_at(size_class, index);
  return new (block) Block{this, static_cast<std::uint32_t>(size_class), index, {0}};
}

void SnapshotPool::Core::leave() noexcept {
  if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // B3
}

SnapshotPool::SnapshotPool(std::shared_ptr<const Names> names) : core_(new Core) {
  core_->names = std::move(names);
}
SnapshotPool::~SnapshotPool() { core_->leave(); }

void* SnapshotPool::take(std::size_t bytes) noexcept {
  AC_CHECK(bytes <= block_bytes_max);
  const std::size_t size_class = class_for(bytes);
  Core::Block* block = core_->pop(size_class);
  if (block == nullptr) block = core_->make(size_class);
  if (block == nullptr) return nullptr;
  core_->users.fetch_add(1, std::memory_order_relaxed);  // the caller's pool is one already
  core_->taken.fetch_add(1, std::memory_order_relaxed);  // a statistic
  return block + 1;
}

void SnapshotPool::give(void* taken) noexcept {
  Core::Block* const block = static_cast<Core::Block*>(taken) - 1;
  Core* const core = block->core;
  core->push(block);
  core->leave();
}

const Names& SnapshotPool::names_of(const void* taken) noexcept {
  const Core* const core = (static_cast<const Core::Block*>(taken) - 1)->core;
  AC_DCHECK(core->names != nullptr);
  return *core->names;
}

std::uint64_t SnapshotPool::blocks_in_use() const noexcept {
  return core_->users.load(std::memory_order_relaxed) - 1;  // a statistic; the owner counts too
}

std::size_t SnapshotPool::reserved_bytes() const noexcept {
  return core_->reserved.load(std::memory_order_relaxed);  // a statistic
}

memory::PoolStats SnapshotPool::stats() const noexcept {
  memory::PoolStats stats;
  const std::uint64_t in_use = blocks_in_use();
  stats.gets = std::max(core_->taken.load(std::memory_order_relaxed), in_use);
  stats.puts = stats.gets - in_use;
  stats.misses = std::min(stats.gets, core_->grown.load(std::memory_order_relaxed));
  stats.hits = stats.gets - stats.misses;
  const std::uint64_t blocks = core_->blocks.load(std::memory_order_relaxed);
  stats.free = blocks - std::min(blocks, in_use);
  stats.bytes = reserved_bytes();
  return stats;
}

}  // namespace actorcore::snapshot
