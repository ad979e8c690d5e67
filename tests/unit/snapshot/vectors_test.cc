// The spec's own cases.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

constexpr const char* vectors_path = "tests/reference/vectors.jsonl";

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> vectors() {
  std::ifstream file(vectors_path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string expected_in(const std::string& line) {
  const std::size_t at = line.rfind("\"expect\": ") + 10;
  return line.substr(at, line.rfind('}') - at);
}

struct Resolved {
  Names names;
  SnapshotPool pool;
  Aggregator aggregator{names, pool};
  EntityRows rows;

  std::string print_of(const Case& given) {
    Result<SnapshotRef> snapshot = aggregator.resolve(
        rows, *given.registry,
        {.actor_id = given.profile.id, .profile_version = given.profile.version});
    return snapshot.ok() ? print(*snapshot.value(), names) : snapshot.error().message;
  }
};

TEST(Vectors, AllOfThemComeOutCharacterByCharacter) {
  const std::vector<std::string> lines = vectors();
  ASSERT_EQ(lines.size(), 400u) << "run from the source tree";
  for (const std::string& line : lines) {
    Resolved all;
    Result<Case> given = Case::parse({.name = vectors_path, .text = line}, all.names);
    ASSERT_TRUE(given.ok()) << given.error().message;
    ASSERT_TRUE(all.rows.load(given.value().outputs.outputs(), all.names).ok());
    EXPECT_EQ(all.print_of(given.value()), expected_in(line)) << given.value().name;
  }
}

// JSON is YAML but for a few corners, none of which is in the vectors.
TEST(Vectors, ReadAsYamlTheyComeOutTheSame) {
  const std::vector<std::string> lines = vectors();
  for (std::size_t i = 0; i < lines.size(); i += 8) {
    Resolved all;
    Result<Case> given =
        Case::parse({.name = "yaml", .text = lines[i], .format = Format::yaml}, all.names);
    ASSERT_TRUE(given.ok()) << given.error().message;
    ASSERT_TRUE(all.rows.load(given.value().outputs.outputs(), all.names).ok());
    EXPECT_EQ(all.print_of(given.value()), expected_in(lines[i])) << given.value().name;
  }
}

void shuffle_rows(ac_output& output, std::vector<ac_contribution>& contributions,
                  std::vector<ac_cap>& caps, std::mt19937& random) {
  contributions.assign(output.contributions, output.contributions + output.contribution_count);
  caps.assign(output.caps, output.caps + output.cap_count);
  std::shuffle(contributions.begin(), contributions.end(), random);
  std::shuffle(caps.begin(), caps.end(), random);
  output.contributions = contributions.data();
  output.caps = caps.data();
}

bool has_duplicates(const std::vector<ac_output>& outputs) {
  for (const ac_output& a : outputs) {
    for (const ac_output& b : outputs) {
      if (&a != &b && a.system == b.system) return true;
    }
  }
  return false;
}

// Puts each output twice, first in a wrong form, so that replacing is tested too.
void put_all(Resolved& all, const std::vector<ac_output>& outputs) {
  for (const ac_output& output : outputs) {
    ac_output early = output;
    early.contribution_count /= 2;
    early.cap_count /= 2;
    early.priority += 7;
    ASSERT_TRUE(all.rows.put(early, all.names).ok());
  }
  for (const ac_output& output : outputs) ASSERT_TRUE(all.rows.put(output, all.names).ok());
}

TEST(Vectors, ArrivalOrderOfOutputsAndRowsMakesNoDifference) {
  std::mt19937 random(20);
  for (const std::string& line : vectors()) {
    Resolved all;
    Result<Case> given = Case::parse({.name = vectors_path, .text = line}, all.names);
    ASSERT_TRUE(given.ok()) << given.error().message;
    const auto original = given.value().outputs.outputs();
    for (int round = 0; round < 5; ++round) {
      std::vector<ac_output> outputs(original.begin(), original.end());
      std::vector<std::vector<ac_contribution>> contributions(outputs.size());
      std::vector<std::vector<ac_cap>> caps(outputs.size());
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        shuffle_rows(outputs[i], contributions[i], caps[i], random);
      }
      std::shuffle(outputs.begin(), outputs.end(), random);
      if (round % 2 == 0 || has_duplicates(outputs)) {
        ASSERT_TRUE(all.rows.load(outputs, all.names).ok());
      } else {
        all.rows.clear();
        put_all(all, outputs);
      }
      ASSERT_EQ(all.print_of(given.value()), expected_in(line)) << given.value().name;
    }
  }
}

TEST(Vectors, TheCopiesAreTheSpecsOwn) {
  const std::filesystem::path spec = "../shared/spec";
  if (!std::filesystem::exists(spec)) GTEST_SKIP() << "the spec is not beside the clone";
  for (const char* file : {"reference.py", "vectors.jsonl"}) {
    const std::filesystem::path copy = std::filesystem::path("tests/reference") / file;
    EXPECT_TRUE(contents(spec / file) == contents(copy)) << file << " differs";
  }
}

}  // namespace
}  // namespace actorcore::snapshot
