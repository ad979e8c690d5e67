#include "memory/buffer.h"

#include <cstdlib>
#include <new>

#include "memory/buffer_pool.h"

namespace actorcore::memory {

BufferTable& buffers() {
  static BufferTable* const table = new BufferTable;  // never unmapped
  return *table;
}

ac_buffer Buffer::publish() noexcept {
  try {
    return {buffers().insert(this)};
  } catch (const std::bad_alloc&) {
    return {0};
  }
}

ac_buffer Buffer::create(std::uint64_t size, ac_destroy destroy, std::uintptr_t user) noexcept {
  void* block = std::calloc(1, sizeof(Buffer) + size);
  if (block == nullptr) return {0};
  const ac_buffer made = (new (block) Buffer(size, destroy, user))->publish();
  if (made.bits == 0) std::free(block);
  return made;
}

void Buffer::release_handle() noexcept {
  if (destroy_ != nullptr) destroy_(user_);
  if (pool_ != nullptr) {
    pool_->give(*this);
  } else {
    std::free(this);
  }
}

}  // namespace actorcore::memory
