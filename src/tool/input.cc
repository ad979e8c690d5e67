#include "tool/input.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "snapshot/problems.h"
#include "tool/commands.h"

namespace actorcore::tool {

Result<Input> Input::read(const std::string& argument) {
  Input input;
  input.name_ = argument;
  std::error_code ignored;
  const std::size_t mark = argument.rfind('#');
  if (mark != std::string::npos && !std::filesystem::exists(argument, ignored)) {
    input.name_ = argument.substr(0, mark);
    input.member_ = argument.substr(mark + 1);
  }
  Result<std::string> text = input.name_ == "-" ? read_standard_input() : read_file(input.name_);
  if (!text.ok()) return std::move(text).error();
  if (input.name_ == "-") input.name_ = "standard input";
  input.text_ = std::move(text).value();
  return input;
}

void print_error(const Error& error) {
  const bool has_places = error.code == AC_E_BAD_REGISTRY || error.code == AC_E_BAD_DOCUMENT;
  if (!has_places || error.details.empty()) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return;
  }
  for (const auto& [place, reason] : error.details) {
    std::fprintf(stderr, "%s: %s\n", place.c_str(), reason.c_str());
  }
  if (error.details.size() == snapshot::Problems::kept_max) {
    std::fprintf(stderr, "only the first %zu errors of this document are shown\n",
                 error.details.size());
  }
}

int flush_output(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  std::fprintf(stderr, "actorcore: the output could not be written: %s\n",
               std::generic_category().message(errno).c_str());
  return exit_failed;
}

}  // namespace actorcore::tool
