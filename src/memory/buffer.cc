#include "memory/buffer.h"

#include <cstdlib>
#include <new>

namespace actorcore::memory {

BufferTable& buffers() {
  static BufferTable* const table = new BufferTable;  // never unmapped
  return *table;
}

ac_buffer Buffer::create(std::uint64_t size, ac_destroy destroy, std::uintptr_t user) noexcept {
  void* block = std::calloc(1, sizeof(Buffer) + size);
  if (block == nullptr) return {0};
  Buffer* buffer = new (block) Buffer(size, destroy, user);
  try {
    const std::uint64_t bits = buffers().insert(buffer);
    if (bits != 0) return {bits};
  } catch (const std::bad_alloc&) {
    // told by the none below
  }
  std::free(block);
  return {0};
}

void Buffer::release_handle() noexcept {
  if (destroy_ != nullptr) destroy_(user_);
  std::free(this);
}

}  // namespace actorcore::memory
