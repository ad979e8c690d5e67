#include "runtime/batcher.h"

#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

namespace {

using Part = runtime::BatcherPart;

static_assert(resilience::batch_size_max == AC_BATCH_SIZE_MAX);

Result<void> create(runtime::System& system, const ac_batcher_options* options,
                    ac_batcher* batcher) {
  if (batcher == nullptr) return capi::error_of(AC_E_NULL);
  ac_batcher_options given;
  if (const ac_status status = capi::read_optional(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if (system.is_closed()) return Error(AC_E_STOPPED, "the system is stopping");
  if (given.type >= AC_TYPE_STARTED && given.type != AC_TYPE_BATCH) {
    return Error(AC_E_INVALID_ARGUMENT, "type is the program's own, below 0x80000000, or 0");
  }
  if (given.to.bits != 0) {
    if (const ac_status status = system.check(given.to); status != AC_OK) {
      return Error(status, "`to` is no living actor of this system");
    }
  }
  runtime::BatcherOptions wanted;
  resilience::BatchOptions& batch = wanted.batch;
  if (given.size != 0) batch.size = given.size;
  if (given.capacity != 0) batch.capacity = given.capacity;
  if (given.timeout_ns != 0) batch.timeout_ns = given.timeout_ns;
  if (given.budget_ns != 0) batch.budget_ns = given.budget_ns;
  if (given.type != 0) wanted.type = given.type;
  wanted.to = given.to;
  wanted.user = given.user;
  const auto made = runtime::Batcher::create(system, wanted);
  if (!made.ok()) return made.error();
  *batcher = made.value();
  return {};
}

}  // namespace

ac_status ac_batcher_create(ac_system system, const ac_batcher_options* options,
                            ac_batcher* batcher, ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error,
                    [&](runtime::System& s) { return create(s, options, batcher); });
}

void ac_batcher_release(ac_batcher batcher) noexcept { runtime::Batcher::release(batcher); }

ac_status ac_batcher_put(ac_batcher batcher, const ac_batch_item* item, uint64_t* ticket) noexcept {
  return capi::call(Part::table(), batcher, [&](Part& b) -> ac_status {
    if (item == nullptr) return AC_E_NULL;
    std::uint64_t number = 0;
    const ac_status status = b->put(*item, number);
    if (status == AC_OK && ticket != nullptr) *ticket = number;
    return status;
  });
}

ac_status ac_batcher_take(ac_batcher batcher, ac_batch_item* items, uint64_t capacity,
                          uint64_t timeout_ns, uint64_t* count, uint64_t* batch) noexcept {
  return capi::call(Part::table(), batcher, [&](Part& b) -> ac_status {
    if (items == nullptr || count == nullptr || batch == nullptr) return AC_E_NULL;
    return b->take(items, capacity, timeout_ns, *count, *batch);
  });
}

ac_status ac_batcher_done(ac_batcher batcher, uint64_t batch, ac_status status,
                          const ac_batch_result* results, uint64_t count) noexcept {
  return capi::call(Part::table(), batcher,
                    [&](Part& b) { return b->done(batch, status, results, count); });
}

ac_status ac_batcher_wait(ac_batcher batcher, uint64_t ticket, uint64_t timeout_ns,
                          ac_batch_result* result) noexcept {
  return capi::call(Part::table(), batcher, [&](Part& b) -> ac_status {
    return result == nullptr ? AC_E_NULL : b->wait(ticket, timeout_ns, *result);
  });
}

ac_status ac_batcher_get_stats(ac_batcher batcher, ac_batcher_stats* stats) noexcept {
  return capi::call(Part::table(), batcher, [&](Part& b) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = b->stats();
    return AC_OK;
  });
}
