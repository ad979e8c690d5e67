// Mapping: whole pages from the kernel: anonymous ones, huge where it can be, or those of a file.
//
// Threads:    any.
// Invariants: what is mapped here is zero, or the file's and read-only. Nothing is resident before
//             it is touched.
// Cost:       system calls, and a page fault for each page, of 2 MiB where huge pages are to be
//             had. They are asked for by madvise, never reserved: refused, pages are small and it
//             is no error.
#ifndef ACTORCORE_MEMORY_MAPPING_H_
#define ACTORCORE_MEMORY_MAPPING_H_

#include <cstdint>
#include <string>

#include "base/status.h"

namespace actorcore::memory {

inline constexpr std::uint64_t huge_page_bytes = 2 * 1024 * 1024;

// Aligned to huge_page_bytes; null when memory is exhausted.
std::uint8_t* map_pages(std::uint64_t bytes) noexcept;

// A part of a file, to its end where `bytes` is 0, of which the result is `bytes_max` at most.
// AC_E_NOT_FOUND, AC_E_IO, AC_E_INVALID_ARGUMENT (nothing there), AC_E_LIMIT.
struct MappedFile {
  std::uint8_t* data;
  std::uint64_t bytes;
};
Result<MappedFile> map_file(const std::string& path, std::uint64_t offset, std::uint64_t bytes,
                            std::uint64_t bytes_max);

// Either, by where its bytes are.
void unmap(std::uint8_t* data, std::uint64_t bytes) noexcept;

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_MAPPING_H_
