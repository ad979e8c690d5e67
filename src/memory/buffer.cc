#include "memory/buffer.h"

#include <cstring>
#include <new>

#include "memory/buffer_pool.h"
#include "memory/mapping.h"

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
  std::uint8_t* bytes;
  bool is_zero;
  const ac_buffer made = BufferPool::shared().take(size, &bytes, &is_zero);
  if (made.bits == 0) return made;
  if (!is_zero) std::memset(bytes, 0, size);
  Buffer& buffer = buffers().retained(made.bits);
  buffer.destroy_ = destroy;
  buffer.user_ = user;
  return made;
}

Result<ac_buffer> Buffer::map(const std::string& path, std::uint64_t offset, std::uint64_t size) {
  Result<MappedFile> file = map_file(path, offset, size, AC_PAYLOAD_BYTES_MAX);
  if (!file.ok()) return std::move(file).error();
  const ac_buffer made = BufferPool::shared().adopt(file.value().data, file.value().bytes);
  if (made.bits == 0) return Error(AC_E_NO_MEMORY, "no memory or no handle for the buffer");
  return made;
}

void Buffer::release_handle() noexcept {
  if (destroy_ != nullptr) destroy_(user_);
  pool_.give(*this);
}

}  // namespace actorcore::memory
