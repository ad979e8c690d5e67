// Compares the snapshot core with reference.py on cases that a generator prints: each line is a
// case with what the reference expects of it, and must come out the same, character by character.
// Every value of every case also has a receipt that comes to it and replays to the same bits.
//
//   random_cases GENERATOR.py COUNT SEED...    one Python process a seed, COUNT cases each
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "snapshot/aggregator.h"
#include "snapshot/case_text.h"
#include "snapshot/receipt.h"
#include "snapshot/replay.h"
#include "snapshot/snapshot_text.h"

namespace actorcore::snapshot {
namespace {

constexpr std::string_view expect_key = "\"expect\": ";

// `expect` is the last member of a line.
std::string_view expected_in(std::string_view line) {
  const std::size_t at = line.rfind(expect_key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + expect_key.size());
  return rest.substr(0, rest.find_last_of('}'));
}

bool same_bits(double left, double right) {
  return std::bit_cast<std::uint64_t>(left) == std::bit_cast<std::uint64_t>(right);
}

// Takes every step without what came of it, and must find that again.
bool replays(const Receipt& receipt) {
  Replay again;
  for (const ac_receipt_step& step : receipt.steps()) {
    ac_receipt_step taken = step;
    taken.result = 0.0;
    if (step.kind != AC_STEP_TERM && step.kind != AC_STEP_ABSENT_TERM) taken.factor = 0.0;
    taken.product = 0.0;
    if (again.take(taken) != AC_OK || std::memcmp(&taken, &step, sizeof step) != 0) return false;
  }
  const Result<double> value = replay(receipt.steps());
  return again.is_done() && same_bits(again.value(), receipt.value()) && value.ok() &&
         same_bits(value.value(), receipt.value());
}

class Comparison {
 public:
  // False on the first difference, which is printed.
  bool compare(std::string_view line) {
    // Every case has a registry of its own, so names are not reused from one to the next; a few
    // thousand cases share them, as an engine's registries would.
    if (cases_++ % 4096 == 0) renew();
    const Source source{.name = "case", .text = line, .format = Format::json};
    Result<Case> parsed = Case::parse(source, *names_);
    if (!parsed.ok()) return differs(line, parsed.error().message);
    const Case& given = parsed.value();
    if (Result<void> loaded = rows_.load(given.outputs.outputs(), *names_); !loaded.ok()) {
      return differs(line, loaded.error().message);
    }
    const ResolveRequest request{.actor_id = given.profile.id,
                                 .profile_version = given.profile.version};
    Result<SnapshotRef> snapshot = aggregator_->resolve(rows_, *given.registry, request);
    if (!snapshot.ok()) return differs(line, snapshot.error().message);
    const std::string printed = print(*snapshot.value(), *names_);
    if (printed != expected_in(line)) return differs(line, printed);
    return explains(*snapshot.value(), *given.registry) || differs(line, "a receipt that differs");
  }

  std::size_t cases() const { return cases_; }
  std::size_t receipts() const { return receipts_; }

 private:
  void renew() {
    rows_ = EntityRows();
    names_ = std::make_shared<Names>();
    aggregator_ = std::make_unique<Aggregator>(*names_, pool_);
  }

  // A receipt for each value of the snapshot, and none for any other.
  bool explains(const Snapshot& snapshot, const Registry& registry) {
    for (const Dimension& dimension : registry.dimensions()) {
      for (const std::uint32_t list : {AC_LIST_PRIMARY, AC_LIST_DERIVED}) {
        const double* const value = snapshot.find(list, dimension.name);
        const auto made = Receipt::make({.list = list, .dimension = dimension.name}, rows_,
                                        registry, snapshot, names_);
        if (made.ok() != (value != nullptr)) return false;
        if (value == nullptr) continue;
        ++receipts_;
        const Receipt& receipt = *made.value();
        if (!same_bits(receipt.value(), *value) || !replays(receipt)) return false;
      }
    }
    return true;
  }

  static bool differs(std::string_view line, const std::string& printed) {
    std::fprintf(stderr, "case: %.*s\ngot: %s\n", static_cast<int>(line.size()), line.data(),
                 printed.c_str());
    return false;
  }

  SnapshotPool pool_;
  std::shared_ptr<Names> names_;
  std::unique_ptr<Aggregator> aggregator_;
  EntityRows rows_;
  std::size_t cases_ = 0;
  std::size_t receipts_ = 0;
};

// Runs the generator once and compares every line; false where one differs or lines are missing.
bool compare_seed(Comparison& comparison, const std::string& generator, const std::string& count,
                  const std::string& seed) {
  const std::string command = "python3 '" + generator + "' generate " + seed + " " + count;
  std::FILE* const lines = popen(command.c_str(), "r");
  if (lines == nullptr) return std::perror("popen"), false;
  const std::size_t before = comparison.cases();
  char* line = nullptr;
  std::size_t capacity = 0;
  bool same = true;
  for (ssize_t size; same && (size = getline(&line, &capacity, lines)) > 0;) {
    same = comparison.compare(std::string_view(line, static_cast<std::size_t>(size)));
  }
  std::free(line);
  const bool ended_well = pclose(lines) == 0;
  if (!same) return false;
  const std::size_t compared = comparison.cases() - before;
  std::printf("seed %s: %zu cases agree\n", seed.c_str(), compared);
  std::fflush(stdout);
  return ended_well && compared == std::strtoull(count.c_str(), nullptr, 10);
}

}  // namespace
}  // namespace actorcore::snapshot

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: random_cases GENERATOR.py COUNT SEED...\n");
    return 2;
  }
  actorcore::snapshot::Comparison comparison;
  for (int i = 3; i < argc; ++i) {
    if (!actorcore::snapshot::compare_seed(comparison, argv[1], argv[2], argv[i])) return 1;
  }
  std::printf("%zu cases agree with %s, bit for bit, and %zu receipts replay\n", comparison.cases(),
              argv[1], comparison.receipts());
  return 0;
}
