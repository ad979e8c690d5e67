// Resolve: the four ways to have snapshots made, and receipts, by what their engine needs: the
// stored outputs, or answers too.
//
// Threads:    any. Those that wait are refused inside handlers and callbacks, but only where they
//             would wait.
// Invariants: every accepted entity of an asynchronous resolve gets its message, whatever becomes
//             of it.
// Cost:       without subsystems to ask, that of Entity::resolve().
#ifndef ACTORCORE_ENGINE_RESOLVE_H_
#define ACTORCORE_ENGINE_RESOLVE_H_

#include <cstdint>
#include <span>

#include "actorcore/actorcore.h"
#include "base/status.h"
#include "engine/engine.h"
#include "engine/entity.h"

namespace actorcore::engine {

inline constexpr std::uint64_t timeout_default_ns = 1'000'000'000;

Result<ac_snapshot> resolve(Entity& entity, std::uint32_t flags);
// Neither served from the cache nor kept in it. A timeout of 0 is one second.
Result<ac_snapshot> resolve_with_context(Entity& entity, std::uint32_t flags,
                                         std::span<const std::uint8_t> context,
                                         std::uint64_t timeout_ns);
// One snapshot and one status an entity.
ac_status resolve_batch(std::span<const ac_entity> entities, std::uint32_t flags,
                        ac_snapshot* snapshots, ac_status* statuses, std::uint64_t* resolved);

struct AsyncRequest {
  std::uint32_t flags = 0;
  std::span<const ac_entity> entities;
  std::span<const std::uint8_t> context;
  std::uint64_t timeout_ns = 0;
  ac_actor reply_to{0};
  std::uint64_t correlation = 0;
};

Result<void> resolve_async(Engine& engine, const AsyncRequest& request);

// How a resolve comes to one value; `flags` are AC_EXPLAIN_*.
Result<ac_receipt> explain(Entity& entity, const snapshot::ReceiptRequest& request,
                           std::uint32_t flags);

// What the runtime asks of messages of the engine's types; see System::set_hooks.
const runtime::Hooks& hooks() noexcept;

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_RESOLVE_H_
