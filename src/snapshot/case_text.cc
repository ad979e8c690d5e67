#include "snapshot/case_text.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "snapshot/reading.h"
#include "snapshot/registry_text.h"

namespace actorcore::snapshot {
namespace {

constexpr std::array<std::string_view, 6> case_keys = {"name",    "registry", "layers",
                                                       "profile", "outputs",  "expect"};

}  // namespace

Result<Case> Case::parse(const Source& source, Names& names) {
  Result<Document> document = Document::parse(source);
  if (!document.ok()) return std::move(document).error();
  Problems problems(source.name);
  const Fields fields(document.value().root(), "a case", case_keys, problems);
  Case made;
  RegistryDraft draft;
  if (const Node* const node = fields.required("registry")) draft = read_registry(*node, problems);
  if (const Node* const node = fields.optional("layers")) {
    draft.layers = read_layers(*node, problems);
  }
  const std::int32_t code = problems.none() ? AC_E_BAD_DOCUMENT : AC_E_BAD_REGISTRY;
  read_text(fields.optional("name"), made.name, problems);
  if (const Node* const node = fields.required("profile")) {
    made.profile = read_profile(*node, problems);
  }
  if (const Node* const node = fields.required("outputs")) {
    made.outputs = read_outputs(*node, names, problems);
  }
  if (!problems.none()) return problems.error(code);
  Result<std::shared_ptr<const Registry>> registry = Registry::make(draft, names, {});
  if (!registry.ok()) return std::move(registry).error();
  made.registry = std::move(registry).value();
  return made;
}

}  // namespace actorcore::snapshot
