// Envelope: a message on its way; the ABI's ac_message with the receiver's word in use as a link.
//
// Threads:    one owner at a time: sender, then mailbox, then the receiver's worker.
// Invariants: from acceptance on, `to` holds the generation of the receiver that was meant and the
//             next envelope of the chain: generation (22 bits), address / 64 (41 bits), 0. A slot
//             that was given to another actor in the meantime is thereby told from the one that was
//             meant.
// Cost:       none beyond the cache line.
//
// Memory order:
//   E1  set_next -> next  a linked envelope's content is visible to whoever follows the link
#ifndef ACTORCORE_RUNTIME_ENVELOPE_H_
#define ACTORCORE_RUNTIME_ENVELOPE_H_

#include <atomic>
#include <cstdint>
#include <cstring>

#include "actorcore/actorcore.h"
#include "memory/buffer.h"
#include "runtime/id.h"

namespace actorcore::runtime {

constexpr bool is_control(std::uint32_t type) noexcept {  // obeyed, never delivered
  return type == AC_TYPE_STOP || type == AC_TYPE_KILL || type == AC_TYPE_RESTART;
}
// May a program send it?
constexpr bool is_sendable(std::uint32_t type) noexcept {
  return type < AC_TYPE_STARTED || is_control(type);
}

struct Envelope : ac_message {
  // Turns the receiver's id into the link word of an envelope that nothing follows yet.
  void address(std::uint32_t generation) noexcept {
    to.bits = static_cast<std::uint64_t>(generation) << address_bits;
  }
  std::uint32_t generation() const noexcept { return generation_of(to.bits); }

  Envelope* next() noexcept {
    return following(
        std::atomic_ref<std::uint64_t>(to.bits).load(std::memory_order_acquire));  // E1
  }
  // What a link word says: of which generation its receiver was, and the envelope that follows.
  static std::uint32_t generation_of(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word >> address_bits);
  }
  static Envelope* following(std::uint64_t word) noexcept {
    return reinterpret_cast<Envelope*>((word & address_mask) << 5);
  }
  // Once, by the one pusher that follows this envelope; the generation stays.
  void set_next(Envelope* next) noexcept {
    const std::uint64_t address = reinterpret_cast<std::uintptr_t>(next) >> 5;
    std::atomic_ref<std::uint64_t>(to.bits).store(to.bits | address,
                                                  std::memory_order_release);  // E1
  }

  bool is_reply() const noexcept { return (correlation & AC_CORRELATION_REPLY) != 0; }
  bool is_system() const noexcept { return type >= AC_TYPE_STARTED; }  // of the library's own types
  bool is_engines() const noexcept {
    return type == AC_TYPE_CONTRIBUTE || type == AC_TYPE_RESOLVED;
  }
  // Does somebody want to know when it ends without having been handled?
  bool has_owner() const noexcept { return is_engines() || type == AC_TYPE_WORK; }
  bool has_buffer() const noexcept { return length > AC_INLINE_BYTES; }
  ac_buffer buffer() const noexcept {
    ac_buffer handle;
    std::memcpy(&handle, data, sizeof handle);
    return handle;
  }
  void set_buffer(ac_buffer handle, const std::uint8_t* bytes) noexcept {
    std::memcpy(data, &handle, sizeof handle);
    std::memcpy(data + sizeof handle, &bytes, sizeof bytes);
  }
  const std::uint8_t* payload() const noexcept {
    if (!has_buffer()) return data;
    const std::uint8_t* bytes;
    std::memcpy(&bytes, data + sizeof(ac_buffer), sizeof bytes);
    return bytes;
  }
  // What the library adds to a message with a buffer: behind the handle and the address.
  void set_note(std::uint64_t note) noexcept {
    std::memcpy(data + sizeof(ac_buffer) + sizeof(void*), &note, sizeof note);
  }

 private:
  static constexpr unsigned address_bits = 64 - generation_bits;
  static constexpr std::uint64_t address_mask = (std::uint64_t{1} << address_bits) - 1;
};

static_assert(sizeof(Envelope) == 64 && sizeof(void*) == 8,
              "addresses of 64-byte envelopes fit beside the generation");

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_ENVELOPE_H_
