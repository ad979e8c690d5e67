#include "tool/kind.h"

#include <string_view>

#include "snapshot/problems.h"

namespace actorcore::tool {
namespace {

using snapshot::Node;
using snapshot::NodeKind;

bool has(const Node& object, std::string_view member) {
  bool found = false;
  snapshot::for_each_member(object,
                            [&](const Node& key, const Node&) { found |= key.text == member; });
  return found;
}

bool has_lists_only(const Node& object) {
  bool all = true;
  snapshot::for_each_member(
      object, [&](const Node&, const Node& value) { all = all && value.kind == NodeKind::array; });
  return all;
}

}  // namespace

Kind kind_of(const Node& root) {
  if (root.kind == NodeKind::array) return Kind::outputs;
  if (root.kind != NodeKind::object) return Kind::none;
  if (has(root, "registry")) return Kind::whole_case;
  if (has(root, "dimensions")) return Kind::registry;
  if (has(root, "outputs")) return Kind::outputs;
  if (has(root, "order") || has(root, "across_policy") || has(root, "layers")) return Kind::layers;
  if (has(root, "id")) return Kind::profile;
  return root.size > 1 && has_lists_only(root) ? Kind::named_outputs : Kind::none;
}

Error no_kind(const snapshot::Source& source, const Node& root) {
  snapshot::Problems problems(source.name);
  problems.add(
      root.line, root.column,
      "neither a registry (`dimensions`), layers (`order`), a list of outputs, an object of "
      "such lists, a profile (`id`) nor a case (`registry`)");
  return problems.error(AC_E_BAD_DOCUMENT);
}

}  // namespace actorcore::tool
