// Buffer: the bytes of a payload that is too long for its envelope.
//
// Threads:    any; the maker writes before the first send, everybody reads afterwards.
// Invariants: handles count the references (HandleTable); the block goes with the last one, right
//             after its destructor ran.
// Cost:       one allocation of header and bytes together, or none from a BufferPool; large ones
//             come from the system zeroed and mapped.
#ifndef ACTORCORE_MEMORY_BUFFER_H_
#define ACTORCORE_MEMORY_BUFFER_H_

#include <cstdint>
#include <span>

#include "actorcore/actorcore.h"
#include "base/handle_table.h"

namespace actorcore::memory {

class BufferPool;

class alignas(16) Buffer {
 public:
  // A zeroed buffer's handle with one reference, or none when memory or handles are exhausted.
  // `destroy` may be null.
  static ac_buffer create(std::uint64_t size, ac_destroy destroy = nullptr,
                          std::uintptr_t user = 0) noexcept;

  std::span<std::uint8_t> bytes() noexcept {
    return {reinterpret_cast<std::uint8_t*>(this + 1), static_cast<std::size_t>(size_)};
  }
  void release_handle() noexcept;

 private:
  friend class BufferPool;

  Buffer(std::uint64_t size, ac_destroy destroy, std::uintptr_t user, BufferPool* pool = nullptr)
      : size_(size), destroy_(destroy), user_(user), pool_(pool) {}
  // Its handle, or none; the block is the caller's then.
  ac_buffer publish() noexcept;

  std::uint64_t size_;
  ac_destroy destroy_;
  std::uintptr_t user_;  // the pool's where there is one
  BufferPool* pool_;     // where the block goes, or null
};

using BufferTable = HandleTable<Buffer, HandleKind::buffer>;
BufferTable& buffers();

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_BUFFER_H_
