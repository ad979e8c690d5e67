#include "snapshot/layers.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "snapshot/names.h"
#include "snapshot/reading.h"

namespace actorcore::snapshot {
namespace {

constexpr std::array<std::string_view, 2> layers_keys = {"order", "across_policy"};
constexpr std::array<std::string_view, 1> wrapper_keys = {"layers"};
constexpr std::array<std::string_view, 3> policy_words = {"INTERSECT", "UNION",
                                                          "PRIORITIZED_OVERRIDE"};

void read_order(const Node& node, std::vector<std::string>& order, Problems& problems) {
  if (!expect(node, NodeKind::array, "order", problems)) return;
  order.clear();
  for_each_child(node, [&](const Node& child) {
    std::string name;
    if (!read_text(&child, name, problems)) return;
    if (name.size() > Names::text_bytes_max) {
      add_problem(problems, child,
                  "a name has at most " + std::to_string(Names::text_bytes_max) + " bytes");
    }
    if (std::find(order.begin(), order.end(), name) != order.end()) {
      add_problem(problems, child, "layer " + quoted(name) + " is listed twice");
    }
    if (order.size() == Layers::count_max) {
      add_problem(problems, child, "more than " + std::to_string(Layers::count_max) + " layers");
    }
    if (order.size() <= Layers::count_max) order.push_back(std::move(name));
  });
}

bool is_wrapped(const Node& node) {
  bool wrapped = false;
  if (node.kind != NodeKind::object) return false;
  for_each_member(node, [&](const Node& key, const Node&) {
    wrapped = wrapped || key.text == wrapper_keys.front();
  });
  return wrapped;
}

}  // namespace

Result<Layers> Layers::parse(const Source& source) {
  Result<Document> document = Document::parse(source);
  if (!document.ok()) {
    Error error = std::move(document).error();
    error.code = AC_E_BAD_REGISTRY;
    return error;
  }
  Problems problems(source.name);
  const Node* node = &document.value().root();
  if (is_wrapped(*node)) {
    node = Fields(*node, "a document of layers", wrapper_keys, problems).optional("layers");
  }
  Layers layers = read_layers(*node, problems);
  if (!problems.none()) return problems.error(AC_E_BAD_REGISTRY);
  return layers;
}

Layers read_layers(const Node& node, Problems& problems) {
  Layers layers;
  const Fields fields(node, "layers", layers_keys, problems);
  if (const Node* const order = fields.optional("order")) {
    read_order(*order, layers.order, problems);
  }
  std::uint32_t policy = 0;
  if (read_word(fields.optional("across_policy"), policy_words, policy, problems)) {
    layers.across_policy = static_cast<AcrossPolicy>(policy);
  }
  return layers;
}

}  // namespace actorcore::snapshot
