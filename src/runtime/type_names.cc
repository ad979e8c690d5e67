#include "runtime/type_names.h"

namespace actorcore::runtime {

ac_status TypeNames::add(std::uint32_t type, std::string_view name) {
  absl::MutexLock lock(&mutex_);
  const auto known = names_.find(type);
  if (known != names_.end()) return known->second == name ? AC_OK : AC_E_EXISTS;
  if (types_.contains(name)) return AC_E_EXISTS;
  types_.reserve(types_.size() + 1);
  const auto added = names_.try_emplace(type, name).first;
  types_.emplace(added->second, type);
  return AC_OK;
}

std::string_view TypeNames::find(std::uint32_t type) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto known = names_.find(type);
  return known == names_.end() ? std::string_view() : std::string_view(known->second);
}

}  // namespace actorcore::runtime
