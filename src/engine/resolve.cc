#include "engine/resolve.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "base/clock.h"
#include "engine/question.h"
#include "engine/tables.h"
#include "memory/buffer_pool.h"

namespace actorcore::engine {
namespace {

// Resolves that ask are begun and waited for in groups, so that a large batch has no more questions
// open.
constexpr std::size_t group_size = 256;

bool may_wait() noexcept { return !runtime::in_handler() && !Subsystem::is_calling(); }

Error would_deadlock() {
  return Error(AC_E_WOULD_DEADLOCK,
               "this resolve waits for subsystems; inside a handler use ac_resolve_async");
}

// A context's bytes in a buffer, for as long as this lives; none without bytes.
class Context {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    if (buffer_.bits != 0) memory::buffers().release(buffer_.bits);
  }

  Result<void> set(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return {};
    if (bytes.size() > AC_PAYLOAD_BYTES_MAX) {
      return Error(AC_E_LIMIT, "a context has at most 1 GiB");
    }
    std::uint8_t* place;
    buffer_ = memory::BufferPool::shared().take(bytes.size(), &place);
    if (buffer_.bits == 0) return Error(AC_E_NO_MEMORY, "no memory for the context");
    std::memcpy(place, bytes.data(), bytes.size());
    return {};
  }
  ac_buffer buffer() const { return buffer_; }

 private:
  ac_buffer buffer_{0};
};

std::uint64_t deadline_of(const Engine& engine, std::uint64_t timeout_ns) {
  return deadline_after(engine.now(), timeout_ns == 0 ? timeout_default_ns : timeout_ns);
}

Result<ac_snapshot> ask_and_wait(const Entity& entity, const ResolveRequest& request) {
  if (!may_wait()) return would_deadlock();
  return Resolution::begin(entity, request)->wait();
}

bool any_asks(std::span<const ac_entity> handles) {
  return std::ranges::any_of(handles, [](ac_entity handle) {
    const auto entity = entities().pin(handle.bits);
    return entity && entity->engine().subsystems().any();
  });
}

// One group of a batch.
std::uint64_t resolve_group(std::span<const ac_entity> handles, std::uint32_t flags,
                            ac_snapshot* snapshots, ac_status* statuses) {
  std::array<std::shared_ptr<Resolution>, group_size> asked;
  std::uint64_t succeeded = 0;
  const auto note = [&](std::size_t i, const Result<ac_snapshot>& result) {
    if (result.ok()) ++succeeded;
    snapshots[i] = result.ok() ? result.value() : ac_snapshot{0};
    if (statuses != nullptr) statuses[i] = result.ok() ? AC_OK : result.error().code;
  };
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const auto entity = entities().pin(handles[i].bits);
    if (!entity) {
      note(i, Error(handles[i].bits == 0 ? AC_E_NO_HANDLE : AC_E_STALE, {}));
    } else if (!entity->engine().subsystems().any()) {
      note(i, entity->resolve(flags));
    } else {
      asked[i] = Resolution::begin(
          *entity, {.flags = flags, .deadline_ns = deadline_of(entity->engine(), 0)});
    }
  }
  for (std::size_t i = 0; i < handles.size(); ++i) {
    if (asked[i] != nullptr) note(i, asked[i]->wait());
  }
  return succeeded;
}

Result<void> check(const Engine& engine, const AsyncRequest& request) {
  runtime::System* const system = engine.system();
  if (system == nullptr) {
    return Error(AC_E_WRONG_MODE, "the engine has no system to answer in; use ac_resolve_batch");
  }
  if (system->is_closed() && !runtime::in_handler()) {
    return Error(AC_E_STOPPED, "the engine's system is stopping");
  }
  if ((request.correlation & AC_CORRELATION_REPLY) != 0) {
    return Error(AC_E_INVALID_ARGUMENT, "a correlation is below AC_CORRELATION_REPLY");
  }
  if (const ac_status status = system->check(request.reply_to); status != AC_OK) {
    return Error(status, "`reply_to` is not alive in the engine's system");
  }
  for (const ac_entity handle : request.entities) {
    const auto entity = entities().pin(handle.bits);
    if (!entity) {
      return Error(handle.bits == 0 ? AC_E_NO_HANDLE : AC_E_STALE, "an entity was released");
    }
    if (&entity->engine() != &engine) {
      return Error(AC_E_WRONG_SYSTEM, "an entity belongs to another engine");
    }
  }
  return {};
}

// Messages of the engine's types that no handler took.
void ended(const ac_message& message, bool failed_in_hand) noexcept {
  if (message.type == AC_TYPE_CONTRIBUTE) {
    ac_contribute contribute;
    std::memcpy(&contribute, message.data, sizeof contribute);
    Question::lost(contribute.query);
  } else if (message.type == AC_TYPE_RESOLVED && !failed_in_hand) {  // in hand it was the handler's
    ac_resolved resolved;
    std::memcpy(&resolved, message.data, sizeof resolved);
    snapshots().release(resolved.snapshot.bits);
  }
}

std::uint64_t digest(const ac_message& message) noexcept {
  if (message.type == AC_TYPE_CONTRIBUTE) {
    ac_contribute contribute;
    std::memcpy(&contribute, message.data, sizeof contribute);
    return contribute.system;
  }
  ac_resolved resolved;
  std::memcpy(&resolved, message.data, sizeof resolved);
  return static_cast<std::uint32_t>(resolved.status);
}

}  // namespace

Result<ac_snapshot> resolve(Entity& entity, std::uint32_t flags) {
  if (!entity.engine().subsystems().any()) return entity.resolve(flags);
  return ask_and_wait(entity, {.flags = flags, .deadline_ns = deadline_of(entity.engine(), 0)});
}

Result<ac_snapshot> resolve_with_context(Entity& entity, std::uint32_t flags,
                                         std::span<const std::uint8_t> bytes,
                                         std::uint64_t timeout_ns) {
  if (!entity.engine().subsystems().any()) return entity.resolve_apart(flags);
  Context context;
  if (Result<void> set = context.set(bytes); !set.ok()) return std::move(set).error();
  return ask_and_wait(entity, {.flags = flags,
                               .deadline_ns = deadline_of(entity.engine(), timeout_ns),
                               .context = context.buffer()});
}

Result<ac_receipt> explain(Entity& entity, const snapshot::ReceiptRequest& request,
                           std::uint32_t flags) {
  const bool asks = (flags & AC_EXPLAIN_STORED) == 0 && entity.engine().subsystems().any();
  if (!asks) return entity.explain(request);
  if (!may_wait()) {
    return Error(AC_E_WOULD_DEADLOCK,
                 "this receipt waits for subsystems; inside a handler take AC_EXPLAIN_STORED");
  }
  return Resolution::begin(entity, {.deadline_ns = deadline_of(entity.engine(), 0)})->wait(request);
}

ac_status resolve_batch(std::span<const ac_entity> handles, std::uint32_t flags,
                        ac_snapshot* snapshots, ac_status* statuses, std::uint64_t* resolved) {
  if (!may_wait() && any_asks(handles)) return AC_E_WOULD_DEADLOCK;
  std::uint64_t succeeded = 0;
  for (std::size_t from = 0; from < handles.size(); from += group_size) {
    const std::size_t count = std::min(group_size, handles.size() - from);
    succeeded += resolve_group(handles.subspan(from, count), flags, snapshots + from,
                               statuses == nullptr ? nullptr : statuses + from);
  }
  if (resolved != nullptr) *resolved = succeeded;
  return AC_OK;
}

Result<void> resolve_async(Engine& engine, const AsyncRequest& request) {
  if (Result<void> checked = check(engine, request); !checked.ok()) return checked;
  Context context;
  if (Result<void> set = context.set(request.context); !set.ok()) return set;
  const std::uint64_t deadline = deadline_of(engine, request.timeout_ns);
  for (const ac_entity handle : request.entities) {
    const auto tell = [&](const Result<ac_snapshot>& outcome) {
      reply(*engine.system(), request.reply_to, request.correlation, handle, outcome);
    };
    const auto entity = entities().pin(handle.bits);
    if (!entity) {
      tell(Error(AC_E_STALE, {}));  // released since it was checked
    } else if (engine.subsystems().any()) {
      Resolution::begin(*entity, {.flags = request.flags,
                                  .deadline_ns = deadline,
                                  .context = context.buffer(),
                                  .reply_to = request.reply_to,
                                  .correlation = request.correlation});
    } else {
      tell(request.context.empty() ? entity->resolve(request.flags)
                                   : entity->resolve_apart(request.flags));
    }
  }
  return {};
}

const runtime::Hooks& hooks() noexcept {
  static constexpr runtime::Hooks all{&ended, &digest};
  return all;
}

}  // namespace actorcore::engine
