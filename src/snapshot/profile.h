// Profile: what is known of an actor beside its numbers.
//
// Threads:    a plain value.
// Invariants: texts are UTF-8; `data` is one JSON object, as text.
// Cost:       one pass over the text, either way.
#ifndef ACTORCORE_SNAPSHOT_PROFILE_H_
#define ACTORCORE_SNAPSHOT_PROFILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "snapshot/document.h"
#include "snapshot/problems.h"

namespace actorcore::snapshot {

struct Profile {
  static constexpr std::size_t id_bytes_max = 4096;

  std::string id;
  std::string name;
  std::string race;
  std::int64_t lifespan = 0;
  std::int64_t age = 0;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::uint64_t version = 1;
  std::vector<std::string> subsystems;
  std::string data = "{}";

  // Each gives AC_E_BAD_DOCUMENT with every reason and its place.
  static Result<Profile> parse(const Source& source);
  Result<void> set_subsystems(const Source& array);
  Result<void> set_data(const Source& object);
};

// Reads the profile that a larger document holds.
Profile read_profile(const Node& node, Problems& problems);

// One line of JSON, all fields, named as in the rules.
std::string print(const Profile& profile);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_PROFILE_H_
