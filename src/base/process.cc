#include "base/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/file.h"

namespace actorcore {
namespace {

std::uint64_t ns_of(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_usec) * 1'000;
}

}  // namespace

std::uint64_t field_of_stat(std::string_view stat, unsigned number) {
  const std::size_t name_end = stat.rfind(") ");  // the name may have blanks and brackets
  if (name_end == std::string_view::npos) return 0;
  stat.remove_prefix(name_end + 2);
  for (unsigned field = 3; field < number; ++field) {
    const std::size_t blank = stat.find(' ');
    if (blank == std::string_view::npos) return 0;
    stat.remove_prefix(blank + 1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(stat.data(), stat.data() + stat.size(), value);
  return error == std::errc() ? value : 0;
}

ProcessUsage process_usage() {
  ProcessUsage usage;
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  usage.user_ns = ns_of(used.ru_utime);
  usage.system_ns = ns_of(used.ru_stime);
  usage.peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1'024;
  const Result<std::string> stat = read_file("/proc/self/stat");
  if (!stat.ok()) return usage;
  usage.threads = static_cast<std::uint32_t>(field_of_stat(stat.value(), 20));
  usage.resident_bytes =
      field_of_stat(stat.value(), 24) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  // The kernel counts the two apart, and the peak a little later.
  usage.peak_bytes = std::max(usage.peak_bytes, usage.resident_bytes);
  return usage;
}

}  // namespace actorcore
