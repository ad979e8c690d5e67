#include "snapshot/profile.h"

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "snapshot/json_text.h"
#include "snapshot/reading.h"

namespace actorcore::snapshot {
namespace {

constexpr std::array<std::string_view, 10> profile_keys = {
    "id",         "name",       "race",    "lifespan",   "age",
    "created_at", "updated_at", "version", "subsystems", "data"};

void read_version(const Node* node, std::uint64_t& version, Problems& problems) {
  std::int64_t whole = 0;
  if (!read_whole(node, whole, problems)) return;
  if (whole < 0) return add_problem(problems, *node, "a version is not negative");
  version = static_cast<std::uint64_t>(whole);
}

void read_subsystems(const Node& node, std::vector<std::string>& subsystems, Problems& problems) {
  if (!expect(node, NodeKind::array, "subsystems", problems)) return;
  subsystems.clear();
  for_each_child(node, [&](const Node& child) {
    std::string name;
    if (read_text(&child, name, problems)) subsystems.push_back(std::move(name));
  });
}

void read_data(const Node& node, std::string& data, Problems& problems) {
  if (!expect(node, NodeKind::object, "data", problems)) return;
  bool finite = true;
  for (const Node* inner = &node; inner != &node + node.size; ++inner) {
    if (inner->kind != NodeKind::number || std::isfinite(inner->number)) continue;
    add_problem(problems, *inner, "this number must be finite");
    finite = false;
  }
  if (!finite) return;
  data.clear();
  append_json(data, node);
}

// Parses a text and reads its root with `read`.
template <class Value, class Read>
Result<Value> parse_with(const Source& source, Read read) {
  Result<Document> document = Document::parse(source);
  if (!document.ok()) return std::move(document).error();
  Problems problems(source.name);
  Value value = read(document.value().root(), problems);
  if (!problems.none()) return problems.error(AC_E_BAD_DOCUMENT);
  return value;
}

}  // namespace

Profile read_profile(const Node& node, Problems& problems) {
  Profile profile;
  const Fields fields(node, "a profile", profile_keys, problems);
  if (const Node* const id = fields.required("id"); read_text(id, profile.id, problems)) {
    if (profile.id.size() > Profile::id_bytes_max) {
      add_problem(problems, *id,
                  "an id has at most " + std::to_string(Profile::id_bytes_max) + " bytes");
    }
  }
  read_text(fields.optional("name"), profile.name, problems);
  read_text(fields.optional("race"), profile.race, problems);
  read_whole(fields.optional("lifespan"), profile.lifespan, problems);
  read_whole(fields.optional("age"), profile.age, problems);
  read_whole(fields.optional("created_at"), profile.created_at, problems);
  read_whole(fields.optional("updated_at"), profile.updated_at, problems);
  read_version(fields.optional("version"), profile.version, problems);
  if (const Node* const subsystems = fields.optional("subsystems")) {
    read_subsystems(*subsystems, profile.subsystems, problems);
  }
  if (const Node* const data = fields.optional("data")) read_data(*data, profile.data, problems);
  return profile;
}

Result<Profile> Profile::parse(const Source& source) {
  return parse_with<Profile>(source, read_profile);
}

Result<void> Profile::set_subsystems(const Source& array) {
  auto read = parse_with<std::vector<std::string>>(array, [](const Node& node, Problems& problems) {
    std::vector<std::string> names;
    read_subsystems(node, names, problems);
    return names;
  });
  if (!read.ok()) return std::move(read).error();
  subsystems = std::move(read).value();
  return {};
}

Result<void> Profile::set_data(const Source& object) {
  auto read = parse_with<std::string>(object, [](const Node& node, Problems& problems) {
    std::string text;
    read_data(node, text, problems);
    return text;
  });
  if (!read.ok()) return std::move(read).error();
  data = std::move(read).value();
  return {};
}

std::string print(const Profile& profile) {
  std::string text = "{\"id\": ";
  append_quoted(text, profile.id);
  text += ", \"name\": ";
  append_quoted(text, profile.name);
  text += ", \"race\": ";
  append_quoted(text, profile.race);
  text += ", \"lifespan\": " + std::to_string(profile.lifespan);
  text += ", \"age\": " + std::to_string(profile.age);
  text += ", \"created_at\": " + std::to_string(profile.created_at);
  text += ", \"updated_at\": " + std::to_string(profile.updated_at);
  text += ", \"version\": " + std::to_string(profile.version);
  text += ", \"subsystems\": [";
  for (const std::string& name : profile.subsystems) {
    if (text.back() != '[') text += ", ";
    append_quoted(text, name);
  }
  return text + "], \"data\": " + profile.data + "}";
}

}  // namespace actorcore::snapshot
