#include "memory/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "absl/cleanup/cleanup.h"
#include "memory/poison.h"

namespace actorcore::memory {
namespace {

std::uintptr_t page_mask() noexcept {
  static const auto mask = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE)) - 1;
  return mask;
}

std::uint64_t whole_pages(std::uint64_t bytes) noexcept {
  return (bytes + page_mask()) & ~page_mask();
}

Error io_error(const std::string& path, int code) {
  return Error(code == ENOENT ? AC_E_NOT_FOUND : AC_E_IO, path + ": " + std::strerror(code));
}

}  // namespace

std::uint8_t* map_pages(std::uint64_t bytes) noexcept {
  const std::uint64_t whole = whole_pages(bytes);
  void* place = mmap(nullptr, whole + huge_page_bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<std::uint8_t*>(place);
  const std::uintptr_t past = reinterpret_cast<std::uintptr_t>(begin) % huge_page_bytes;
  std::uint8_t* const data = past == 0 ? begin : begin + (huge_page_bytes - past);
  const auto before = static_cast<std::uint64_t>(data - begin);
  if (before != 0) munmap(begin, before);
  munmap(data + whole, huge_page_bytes - before);
  madvise(data, whole, MADV_HUGEPAGE);  // only advice: refused, it is slower and no error
  return data;
}

Result<MappedFile> map_file(const std::string& path, std::uint64_t offset, std::uint64_t bytes,
                            std::uint64_t bytes_max) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return io_error(path, errno);
  const absl::Cleanup close_file = [file] { close(file); };
  struct stat known;
  if (fstat(file, &known) != 0) return io_error(path, errno);
  if (!S_ISREG(known.st_mode)) return Error(AC_E_IO, path + ": no regular file");
  const auto size = static_cast<std::uint64_t>(known.st_size);
  if (offset >= size || bytes > size - offset) {
    return Error(AC_E_INVALID_ARGUMENT, path + " has " + std::to_string(size) +
                                            " bytes; ask for some of them, or with size 0 for "
                                            "all from the offset on");
  }
  if (bytes == 0) bytes = size - offset;
  if (bytes > bytes_max) return Error(AC_E_LIMIT, path + ": a buffer has at most 1 GiB");
  const std::uint64_t skipped = offset & page_mask();
  void* place = mmap(nullptr, skipped + bytes, PROT_READ, MAP_PRIVATE, file,
                     static_cast<off_t>(offset - skipped));
  if (place == MAP_FAILED && errno == ENOMEM) throw std::bad_alloc();
  if (place == MAP_FAILED) return io_error(path, errno);
  return MappedFile{static_cast<std::uint8_t*>(place) + skipped, bytes};
}

void unmap(std::uint8_t* data, std::uint64_t bytes) noexcept {
  const std::uint64_t skipped = reinterpret_cast<std::uintptr_t>(data) & page_mask();
  unpoison(data - skipped, whole_pages(skipped + bytes));
  munmap(data - skipped, whole_pages(skipped + bytes));
}

}  // namespace actorcore::memory
