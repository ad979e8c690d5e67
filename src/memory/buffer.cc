#include "memory/buffer.h"

#include <cstdlib>
#include <new>

namespace actorcore::memory {

BufferTable& buffers() {
  static BufferTable* const table = new BufferTable;  // never unmapped
  return *table;
}

ac_buffer Buffer::create(std::uint64_t size) noexcept {
  void* block = std::calloc(1, sizeof(Buffer) + size);
  if (block == nullptr) return {0};
  Buffer* buffer = new (block) Buffer(size);
  try {
    const std::uint64_t bits = buffers().insert(buffer);
    if (bits != 0) return {bits};
  } catch (const std::bad_alloc&) {
    // told by the none below
  }
  std::free(block);
  return {0};
}

void Buffer::release_handle() noexcept { std::free(this); }

}  // namespace actorcore::memory
