#include "memory/buffer.h"

#include <string>
#include <string_view>

#include "boundary.h"

using namespace actorcore;

namespace {

ac_status create(uint64_t size, ac_destroy destroy, uintptr_t user, ac_buffer* buffer,
                 uint8_t** data) {
  if (buffer == nullptr || data == nullptr) return AC_E_NULL;
  if (size == 0 || size > AC_PAYLOAD_BYTES_MAX) return AC_E_LIMIT;
  const ac_buffer made = memory::Buffer::create(size, destroy, user);
  if (made.bits == 0) return AC_E_NO_MEMORY;
  *data = memory::buffers().pin(made.bits)->bytes().data();
  *buffer = made;
  return AC_OK;
}

}  // namespace

ac_status ac_buffer_create(uint64_t size, ac_buffer* buffer, uint8_t** data) noexcept {
  return capi::guard([&] { return create(size, nullptr, 0, buffer, data); });
}

ac_status ac_buffer_create_with(uint64_t size, ac_destroy destroy, uintptr_t user,
                                ac_buffer* buffer, uint8_t** data) noexcept {
  return capi::guard(
      [&] { return destroy == nullptr ? AC_E_NULL : create(size, destroy, user, buffer, data); });
}

ac_status ac_buffer_map(ac_text path, uint64_t offset, uint64_t size, ac_buffer* buffer,
                        ac_bytes* view, ac_error* error) noexcept {
  return capi::guard(error, [&]() -> Result<void> {
    if (buffer == nullptr || view == nullptr) return capi::error_of(AC_E_NULL);
    const Result<std::string> file = capi::read_path(path);
    if (!file.ok()) return file.error();
    Result<ac_buffer> made = memory::Buffer::map(file.value(), offset, size);
    if (!made.ok()) return std::move(made).error();
    const auto bytes = memory::buffers().retained(made.value().bits).bytes();
    *view = {bytes.data(), bytes.size()};
    *buffer = made.value();
    return {};
  });
}

ac_status ac_buffer_view(ac_buffer buffer, ac_bytes* view) noexcept {
  return capi::call(memory::buffers(), buffer, [&](memory::Buffer& b) -> ac_status {
    if (view == nullptr) return AC_E_NULL;
    *view = {b.bytes().data(), b.bytes().size()};
    return AC_OK;
  });
}

ac_status ac_buffer_retain(ac_buffer buffer) noexcept {
  return capi::guard(
      [&] { return memory::buffers().retain(buffer.bits) ? AC_OK : capi::no_object(buffer); });
}

void ac_buffer_release(ac_buffer buffer) noexcept { memory::buffers().release(buffer.bits); }
