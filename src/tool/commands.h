// Commands: what the `actorcore` program does, each with its arguments already parsed.
//
// Threads:    one.
// Invariants: results go to the standard output, what is wrong to the standard error; nothing
//             throws but std::bad_alloc.
// Cost:       files are read whole; cases one after the other.
#ifndef ACTORCORE_TOOL_COMMANDS_H_
#define ACTORCORE_TOOL_COMMANDS_H_

#include <string>
#include <string_view>
#include <vector>

namespace actorcore::tool {

// Exit codes of the program.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

inline constexpr std::string_view workloads[] = {"pingpong", "fanin",  "fanout",  "ring", "skynet",
                                                 "big",      "bigmix", "ask",     "idle", "churn",
                                                 "crash",    "alarms", "contend", "load", "rest"};

// Files: `-` is the standard input, `FILE#MEMBER` one member of a larger document.
struct ResolveArguments {
  std::string registry;
  std::string layers;   // empty: the registry's own, or the default
  std::string profile;  // empty: an entity without a name
  std::vector<std::string> outputs;
  bool is_strict = false;
  bool is_table = false;
};

int resolve(const ResolveArguments& arguments);
// A case a line; those that are wrong are told, and the rest still resolve.
int resolve_cases(const std::string& file, bool is_strict);
// Files hold a registry, or a case, and what a resolve of it takes; their kinds are found out.
struct ExplainArguments {
  std::vector<std::string> files;
  std::string dimension;
  std::string list;  // empty: each in which it has a value
  bool is_json = false;
  bool with_terms = false;  // and the terms of its formula, theirs, and so on, each once
};

int explain(const ExplainArguments& arguments);
int check(const std::vector<std::string>& files);
// Runs macro-c, which is installed beside this program; without arguments, every workload.
int bench(const std::vector<std::string>& arguments);
int version();

}  // namespace actorcore::tool

#endif  // ACTORCORE_TOOL_COMMANDS_H_
