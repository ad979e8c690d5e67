// OutputList: outputs that were read once, ready to be put into entities.
//
// Threads:    immutable; any.
// Invariants: the handle owns it; its rows name things by the numbers of its engine.
// Cost:       none beyond the rows.
#ifndef ACTORCORE_ENGINE_OUTPUT_LIST_H_
#define ACTORCORE_ENGINE_OUTPUT_LIST_H_

#include <memory>
#include <span>
#include <utility>

#include "actorcore/actorcore.h"
#include "base/status.h"
#include "engine/engine.h"
#include "engine/tables.h"
#include "snapshot/output_text.h"

namespace actorcore::engine {

class OutputList {
 public:
  OutputList(std::shared_ptr<Engine> engine, snapshot::OutputSet set)
      : engine_(std::move(engine)), set_(std::move(set)) {}
  void release_handle() noexcept { delete this; }

  // Reads a document; the new list's handle.
  static Result<ac_outputs> load(Engine& engine, const snapshot::Source& source) {
    auto set = snapshot::OutputSet::parse(source, engine.names());
    if (!set.ok()) return std::move(set).error();
    auto list = std::make_unique<OutputList>(engine.shared_from_this(), std::move(set).value());
    const std::uint64_t bits = output_lists().insert(list.get());
    if (bits == 0) return no_handle_left();
    static_cast<void>(list.release());  // the handle's now
    return ac_outputs{bits};
  }

  const Engine& engine() const { return *engine_; }
  std::span<const ac_output> outputs() const { return set_.outputs(); }

 private:
  const std::shared_ptr<Engine> engine_;
  const snapshot::OutputSet set_;
};

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_OUTPUT_LIST_H_
