#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "tool/commands.h"

extern char** environ;

namespace actorcore::tool {
namespace {

namespace fs = std::filesystem;

// The program that has the workloads: where it is installed, or where a build in the tree puts it.
fs::path macro_program() {
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& candidate : {own / "macro-c", own / ".." / "bench" / "macro-c"}) {
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

int run(const fs::path& program, const std::vector<std::string>& arguments) {
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid_t child;
  const int failed =
      ::posix_spawn(&child, program.c_str(), nullptr, nullptr, words.data(), environ);
  if (failed != 0) {
    std::fprintf(stderr, "actorcore bench: cannot run %s: %s\n", program.c_str(),
                 std::generic_category().message(failed).c_str());
    return exit_failed;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : exit_failed;
}

}  // namespace

int bench(const std::vector<std::string>& arguments) {
  const fs::path program = macro_program();
  if (program.empty()) {
    std::fprintf(stderr,
                 "actorcore bench: macro-c is not beside this program; build it in bench/macro\n");
    return exit_failed;
  }
  if (!arguments.empty()) return run(program, arguments);
  int code = exit_ok;
  for (const std::string_view workload : workloads) {
    const int ended = run(program, {std::string(workload)});
    if (ended != exit_ok) code = exit_failed;
  }
  return code;
}

}  // namespace actorcore::tool
