// File: reads a whole file, or the standard input.
//
// Threads:    any.
// Invariants: what is read is at most `file_bytes_max`; a directory, a missing or a larger file is
//             an error that names it and says why.
// Cost:       blocks on the disk; one allocation that grows.
#ifndef ACTORCORE_BASE_FILE_H_
#define ACTORCORE_BASE_FILE_H_

#include <cstddef>
#include <string>

#include "base/status.h"

namespace actorcore {

inline constexpr std::size_t file_bytes_max = std::size_t{256} << 20;

// AC_E_IO or AC_E_LIMIT. `-` is no special name here.
Result<std::string> read_file(const std::string& path);
Result<std::string> read_standard_input();

}  // namespace actorcore

#endif  // ACTORCORE_BASE_FILE_H_
