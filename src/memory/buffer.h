// Buffer: the bytes of a payload that is too long for its envelope.
//
// Threads:    any; the maker writes before the first send, everybody reads afterwards.
// Invariants: handles count the references (HandleTable); the block goes with the last one, right
//             after its destructor ran, to the pool that it is of. The bytes of a file are
//             read-only.
// Cost:       that of BufferPool, whose blocks are header and bytes together, but for mapped ones.
#ifndef ACTORCORE_MEMORY_BUFFER_H_
#define ACTORCORE_MEMORY_BUFFER_H_

#include <cstdint>
#include <span>
#include <string>

#include "actorcore/actorcore.h"
#include "base/handle_table.h"
#include "base/status.h"

namespace actorcore::memory {

class BufferPool;

class alignas(16) Buffer {
 public:
  // A zeroed buffer's handle with one reference, or none when memory or handles are exhausted.
  // `destroy` may be null.
  static ac_buffer create(std::uint64_t size, ac_destroy destroy = nullptr,
                          std::uintptr_t user = 0) noexcept;
  // A part of a file, to its end where `size` is 0; the errors are those of map_file, and
  // AC_E_NO_MEMORY.
  static Result<ac_buffer> map(const std::string& path, std::uint64_t offset, std::uint64_t size);

  std::span<std::uint8_t> bytes() noexcept { return {data_, static_cast<std::size_t>(size_)}; }
  void release_handle() noexcept;

 private:
  friend class BufferPool;

  Buffer(BufferPool& pool, std::uint32_t kind, std::uint8_t* data, std::uint64_t size)
      : data_(data), size_(size), pool_(pool), kind_(kind) {}
  // Its handle, or none; the block is the caller's then.
  ac_buffer publish() noexcept;

  std::uint8_t* data_;
  std::uint64_t size_;
  ac_destroy destroy_ = nullptr;
  std::uintptr_t user_ = 0;
  BufferPool& pool_;
  const std::uint32_t kind_;  // BufferPool::Kind
};

using BufferTable = HandleTable<Buffer, HandleKind::buffer>;
BufferTable& buffers();

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_BUFFER_H_
