// Profile: what is known of an actor beside its numbers.
//
// Threads:    a plain value.
// Invariants: texts are UTF-8. `data` is one JSON object, as text.
// Cost:       parse() is one pass over the text.
#ifndef ACTORCORE_SNAPSHOT_PROFILE_H_
#define ACTORCORE_SNAPSHOT_PROFILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "snapshot/document.h"
#include "snapshot/reading.h"

namespace actorcore::snapshot {

struct Profile {
  static constexpr std::size_t id_bytes_max = 4096;

  std::string id;
  std::string name;
  std::string race;
  double lifespan = 0.0;
  double age = 0.0;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::int64_t version = 1;
  std::vector<std::string> subsystems;
  std::string data = "{}";

  // AC_E_BAD_DOCUMENT with every reason and its place.
  static Result<Profile> parse(const Source& source);
};

// Reads the profile that a larger document holds.
Profile read_profile(const Node& node, Problems& problems);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_PROFILE_H_
