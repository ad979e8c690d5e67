#include "snapshot/output_text.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "snapshot/reading.h"

namespace actorcore::snapshot {
namespace {

constexpr std::array<std::string_view, 6> output_keys = {"meta",    "priority", "primary",
                                                         "derived", "caps",     "context"};
constexpr std::array<std::string_view, 3> meta_keys = {"system", "stage", "version"};
constexpr std::array<std::string_view, 6> contribution_keys = {"dimension", "bucket",   "value",
                                                               "system",    "priority", "tags"};
constexpr std::array<std::string_view, 9> cap_keys = {
    "system", "dimension", "mode", "kind", "value", "priority", "scope", "realm", "tags"};
constexpr std::array<std::string_view, 3> modifier_keys = {"additive_percent", "multipliers",
                                                           "post_add"};
constexpr std::array<std::string_view, 1> outputs_keys = {"outputs"};

// In the order of the ABI's constants.
constexpr std::array<std::string_view, 4> bucket_words = {"FLAT", "MULT", "POST_ADD", "OVERRIDE"};
constexpr std::array<std::string_view, 5> mode_words = {"BASELINE", "ADDITIVE", "HARD_MAX",
                                                        "HARD_MIN", "OVERRIDE"};
constexpr std::array<std::string_view, 2> kind_words = {"max", "min"};

}  // namespace

class OutputReader {
 public:
  OutputReader(Names& names, Problems& problems) : names_(names), problems_(problems) {}

  void read(const Node& node) {
    const Fields fields(node, "an output", output_keys, problems_);
    ac_output output{};
    output.struct_size = sizeof output;
    if (const Node* const meta = fields.required("meta")) read_meta(*meta, output.system);
    read_whole(fields.optional("priority"), output.priority, problems_);
    read_contributions(fields, output);
    read_caps(fields.optional("caps"), output);
    read_modifiers(fields.optional("context"), output);
    set_.outputs_.push_back(output);
  }

  OutputSet take() { return std::move(set_); }

 private:
  void read_name(const Node* node, NameId& name) {
    if (node == nullptr || !expect(*node, NodeKind::text, "this", problems_)) return;
    intern(*node, name);
  }

  void intern(const Node& node, NameId& name) {
    Result<NameId> interned = names_.intern(node.text);
    if (!interned.ok()) return add_problem(problems_, node, interned.error().message);
    name = interned.value();
  }

  void read_meta(const Node& node, NameId& system) {
    const Fields fields(node, "meta", meta_keys, problems_);
    std::string stage;
    read_name(fields.required("system"), system);
    read_text(fields.optional("stage"), stage, problems_);
  }

  template <class Read>
  void each_in(const Node* array, std::string_view what, Read read) {
    if (array == nullptr || !expect(*array, NodeKind::array, what, problems_)) return;
    for_each_child(*array, read);
  }

  void read_contributions(const Fields& fields, ac_output& output) {
    std::vector<ac_contribution>& rows = set_.contributions_.emplace_back();
    each_in(fields.optional("primary"), "primary",
            [&](const Node& node) { rows.push_back(contribution(node, AC_LIST_PRIMARY)); });
    each_in(fields.optional("derived"), "derived",
            [&](const Node& node) { rows.push_back(contribution(node, AC_LIST_DERIVED)); });
    output.contributions = rows.data();
    output.contribution_count = rows.size();
  }

  ac_contribution contribution(const Node& node, std::uint32_t list) {
    ac_contribution row{};
    row.list = list;
    const Fields fields(node, "a contribution", contribution_keys, problems_);
    read_name(fields.required("dimension"), row.dimension);
    read_word(fields.required("bucket"), bucket_words, row.bucket, problems_);
    read_number(fields.required("value"), row.value, problems_);
    read_name(fields.required("system"), row.system);
    read_whole(fields.optional("priority"), row.priority, problems_);
    return row;
  }

  void read_caps(const Node* array, ac_output& output) {
    std::vector<ac_cap>& rows = set_.caps_.emplace_back();
    each_in(array, "caps", [&](const Node& node) { rows.push_back(cap(node)); });
    output.caps = rows.data();
    output.cap_count = rows.size();
  }

  ac_cap cap(const Node& node) {
    ac_cap row{};
    const Fields fields(node, "a cap", cap_keys, problems_);
    read_name(fields.required("system"), row.system);
    read_name(fields.required("dimension"), row.dimension);
    read_word(fields.required("mode"), mode_words, row.mode, problems_);
    read_word(fields.required("kind"), kind_words, row.kind, problems_);
    read_number(fields.required("value"), row.value, problems_);
    read_whole(fields.optional("priority"), row.priority, problems_);
    read_name(fields.optional("scope"), row.scope);
    read_name(fields.optional("realm"), row.realm);
    return row;
  }

  void read_modifiers(const Node* object, ac_output& output) {
    std::vector<ac_modifier>& rows = set_.modifiers_.emplace_back();
    if (object == nullptr || !expect(*object, NodeKind::object, "context", problems_)) return;
    for_each_member(
        *object, [&](const Node& key, const Node& value) { rows.push_back(modifier(key, value)); });
    output.modifiers = rows.data();
    output.modifier_count = rows.size();
  }

  ac_modifier modifier(const Node& key, const Node& value) {
    ac_modifier row{};
    intern(key, row.context);
    const Fields fields(value, "a modifier", modifier_keys, problems_);
    read_number(fields.optional("additive_percent"), row.additive_percent, problems_);
    read_number(fields.optional("post_add"), row.post_add, problems_);
    std::vector<double>& multipliers = set_.multipliers_.emplace_back();
    each_in(fields.optional("multipliers"), "multipliers", [&](const Node& node) {
      double multiplier = 0.0;
      if (read_number(&node, multiplier, problems_)) multipliers.push_back(multiplier);
    });
    row.multipliers = multipliers.data();
    row.multiplier_count = static_cast<std::uint32_t>(multipliers.size());
    return row;
  }

  Names& names_;
  Problems& problems_;
  OutputSet set_;
};

OutputSet read_outputs(const Node& node, Names& names, Problems& problems) {
  OutputReader reader(names, problems);
  const Node* array = &node;
  if (node.kind == NodeKind::object) {
    array = Fields(node, "a document of outputs", outputs_keys, problems).required("outputs");
  }
  if (array != nullptr && expect(*array, NodeKind::array, "outputs", problems)) {
    for_each_child(*array, [&](const Node& output) { reader.read(output); });
  }
  return reader.take();
}

Result<OutputSet> OutputSet::parse(const Source& source, Names& names) {
  Result<Document> document = Document::parse(source);
  if (!document.ok()) return std::move(document).error();
  Problems problems(source.name);
  OutputSet set = read_outputs(document.value().root(), names, problems);
  if (!problems.none()) return problems.error(AC_E_BAD_DOCUMENT);
  return set;
}

}  // namespace actorcore::snapshot
