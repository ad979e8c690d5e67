#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace actorcore {
namespace {

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

Error failed(const std::string& name, int reason) {
  return Error(AC_E_IO, "cannot read " + name + ": " + std::generic_category().message(reason));
}

Result<std::string> read_all(int descriptor, const std::string& name) {
  constexpr std::size_t step = 64 * 1024;
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + step);
    const ssize_t got = ::read(descriptor, text.data() + before, step);
    const int reason = errno;
    text.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got == 0) return text;
    if (got < 0 && reason != EINTR) return failed(name, reason);
    if (text.size() > file_bytes_max) {
      return Error(AC_E_LIMIT,
                   name + " has more than " + std::to_string(file_bytes_max) + " bytes; split it");
    }
  }
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  if (path.find('\0') != std::string::npos) return failed("a file", EINVAL);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return failed(path, errno);
  return read_all(file.number(), path);
}

Result<std::string> read_standard_input() { return read_all(STDIN_FILENO, "the standard input"); }

}  // namespace actorcore
