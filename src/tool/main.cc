// The `actorcore` program: command lines to commands.
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#define CXXOPTS_VECTOR_DELIMITER '\0'  // a comma may be part of a file's name
#include <cxxopts.hpp>

#include "tool/commands.h"
#include "tool/input.h"

namespace actorcore::tool {
namespace {

constexpr const char* overview = R"(actorcore: actors and stat snapshots

usage: actorcore COMMAND [ARGUMENT...]

  resolve   resolves a snapshot from files, or many from a file of cases
  explain   says step by step how a dimension comes to its value
  check     says what is wrong with registries, layers, outputs, profiles and cases
  bench     runs the runtime's workloads
  version   says which version this is, and how it was built

actorcore COMMAND --help tells more. A file called - is the standard input.
Exit codes: 0 done, 1 failed, 2 not understood.
)";

constexpr const char* resolve_usage = R"(--registry FILE --outputs FILE... [OPTION...]
  actorcore resolve --cases FILE.jsonl [--strict])";
constexpr const char* resolve_notes = R"(
FILE is JSON or YAML; FILE#MEMBER takes one member of a larger document. All outputs go together.
With --cases each line is a whole case, {registry, layers, profile, outputs}, and gives one line;
a line that is wrong is told on the standard error, the rest still resolve, and the exit code is 1.
)";
constexpr const char* explain_notes = R"(
FILE is JSON or YAML; FILE#MEMBER takes one member of a larger document. One FILE is a registry, the
others are lists of outputs, layers instead of the registry's and a profile, in any order; or one
FILE is a whole case. DIMENSION is told in each list in which it has a value, as a tree or as a line
of JSON. An output of a FILE came by put_all.
)";
constexpr const char* check_notes = R"(
Finds out by itself what each FILE is; FILE.jsonl has a case a line. Every error is told as
FILE:LINE:COLUMN: reason, and the exit code is 1 where there is any.
)";

// What one command is asked: its options, and whether its help.
class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& usage, const char* summary,
              const char* notes)
      : options_("actorcore " + name, summary), notes_(notes) {
    options_.custom_help("").positional_help(usage);
    options_.add_options()("h,help", "this text");
  }

  cxxopts::OptionAdder add() { return options_.add_options(); }
  cxxopts::Options& options() { return options_; }

  cxxopts::ParseResult parse(int argc, char** argv) { return options_.parse(argc, argv); }
  int help() const {
    std::fputs((options_.help() + notes_).c_str(), stdout);
    return flush_output(exit_ok);
  }

 private:
  cxxopts::Options options_;
  const char* notes_;
};

int misused(const std::string& command, const std::string& reason) {
  std::fprintf(stderr, "actorcore %s: %s; see actorcore %s --help\n", command.c_str(),
               reason.c_str(), command.c_str());
  return exit_usage;
}

int run_resolve(int argc, char** argv) {
  ResolveArguments arguments;
  std::string cases;
  std::string format;
  CommandLine line("resolve", resolve_usage, "Resolves a snapshot and prints it.", resolve_notes);
  const auto text = [](std::string& target) { return cxxopts::value<std::string>(target); };
  line.add()("registry", "dimensions, formulas and perhaps layers", text(arguments.registry),
             "FILE")("layers", "order and policy of the caps' layers, instead of the registry's",
                     text(arguments.layers),
                     "FILE")("profile", "who the entity is", text(arguments.profile), "FILE")(
      "outputs", "what the subsystems contribute",
      cxxopts::value<std::vector<std::string>>(arguments.outputs),
      "FILE...")("cases", "resolve a file of cases instead", text(cases), "FILE.jsonl")(
      "strict", "fail where the snapshot would list an error")(
      "format", "json or table", text(format)->default_value("json"), "FORMAT");
  line.options().parse_positional({"outputs"});
  line.options().show_positional_help();
  const cxxopts::ParseResult given = line.parse(argc, argv);
  if (given.count("help") != 0) return line.help();
  arguments.is_strict = given.count("strict") != 0;
  arguments.is_table = format == "table";
  if (format != "json" && format != "table") {
    return misused("resolve", "--format is json or table, not " + format);
  }
  if (!cases.empty()) {
    const bool alone = arguments.registry.empty() && arguments.layers.empty() &&
                       arguments.profile.empty() && arguments.outputs.empty() &&
                       !arguments.is_table;
    if (!alone) return misused("resolve", "--cases goes with --strict only");
    return resolve_cases(cases, arguments.is_strict);
  }
  if (arguments.registry.empty()) return misused("resolve", "--registry is missing");
  if (arguments.outputs.empty()) return misused("resolve", "--outputs is missing");
  return resolve(arguments);
}

int run_explain(int argc, char** argv) {
  ExplainArguments arguments;
  std::string format;
  CommandLine line("explain", "FILE... DIMENSION", "Says how a dimension comes to its value.",
                   explain_notes);
  line.add()("files", "what to resolve, and of what to tell",
             cxxopts::value<std::vector<std::string>>(arguments.files), "FILE... DIMENSION")(
      "list", "primary or derived, instead of both", cxxopts::value<std::string>(arguments.list),
      "LIST")("terms", "tell of the formula's terms too, and of theirs")(
      "format", "tree or json", cxxopts::value<std::string>(format)->default_value("tree"),
      "FORMAT");
  line.options().parse_positional({"files"});
  const cxxopts::ParseResult given = line.parse(argc, argv);
  if (given.count("help") != 0) return line.help();
  arguments.is_json = format == "json";
  arguments.with_terms = given.count("terms") != 0;
  if (format != "json" && format != "tree") {
    return misused("explain", "--format is tree or json, not " + format);
  }
  if (given.count("list") != 0 && arguments.list != "primary" && arguments.list != "derived") {
    return misused("explain", "--list is primary or derived, not " + arguments.list);
  }
  if (arguments.files.size() < 2) {
    return misused("explain", "it takes at least one file, and then the dimension");
  }
  arguments.dimension = std::move(arguments.files.back());
  arguments.files.pop_back();
  return explain(arguments);
}

int run_check(int argc, char** argv) {
  std::vector<std::string> files;
  CommandLine line("check", "FILE...", "Says everything that is wrong with files.", check_notes);
  line.add()("files", "what to check", cxxopts::value<std::vector<std::string>>(files), "FILE...");
  line.options().parse_positional({"files"});
  const cxxopts::ParseResult given = line.parse(argc, argv);
  if (given.count("help") != 0) return line.help();
  if (files.empty()) return misused("check", "no file is given");
  return check(files);
}

int run_bench(int argc, char** argv) {
  std::vector<std::string> words;
  std::string notes = "\nWithout a WORKLOAD all run. Workloads:";
  for (const std::string_view workload : workloads) notes += " " + std::string(workload);
  notes += ".\nEach prints one line of JSON. PEER_THREADS sets the threads (2).\n";
  CommandLine line("bench", "[WORKLOAD [SIZE...]]", "Runs workloads of the actor runtime.",
                   notes.c_str());
  line.add()("workload", "what to run, and its sizes",
             cxxopts::value<std::vector<std::string>>(words), "WORD...");
  line.options().parse_positional({"workload"});
  const cxxopts::ParseResult given = line.parse(argc, argv);
  if (given.count("help") != 0) return line.help();
  return bench(words);
}

int run_version(int argc, char** argv) {
  CommandLine line("version", "", "Says which version this is, and how it was built.", "");
  const cxxopts::ParseResult given = line.parse(argc, argv);
  if (given.count("help") != 0) return line.help();
  if (!given.unmatched().empty()) return misused("version", "it takes no argument");
  return version();
}

int print_overview(FILE* where, int code) {
  std::fputs(overview, where);
  return where == stdout ? flush_output(code) : code;
}

int run(int argc, char** argv) {
  if (argc < 2) return print_overview(stderr, exit_usage);
  const std::string command = argv[1];
  if (command == "--help" || command == "-h" || command == "help") {
    return print_overview(stdout, exit_ok);
  }
  try {
    if (command == "resolve") return run_resolve(argc - 1, argv + 1);
    if (command == "explain") return run_explain(argc - 1, argv + 1);
    if (command == "check") return run_check(argc - 1, argv + 1);
    if (command == "bench") return run_bench(argc - 1, argv + 1);
    if (command == "version" || command == "--version") return run_version(argc - 1, argv + 1);
  } catch (const cxxopts::exceptions::exception& error) {
    return misused(command, error.what());
  }
  std::fprintf(stderr, "actorcore: there is no command %s; see actorcore --help\n",
               command.c_str());
  return exit_usage;
}

}  // namespace
}  // namespace actorcore::tool

int main(int argc, char** argv) {
  try {
    return actorcore::tool::run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("actorcore: memory is exhausted\n", stderr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "actorcore: %s\n", error.what());
  }
  return actorcore::tool::exit_failed;
}
