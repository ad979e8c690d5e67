#include "snapshot/receipt.h"

#include "boundary.h"
#include "engine/resolve.h"
#include "engine/tables.h"
#include "snapshot/receipt_text.h"
#include "snapshot/replay.h"
#include "source.h"

using namespace actorcore;

namespace {

constexpr std::uint64_t steps_max = std::uint64_t{1} << 24;

ac_receipt_view view_of(const snapshot::Receipt& receipt) {
  const std::string_view id = receipt.actor_id();
  ac_receipt_view view{};
  view.dimension = receipt.dimension();
  view.list = receipt.list();
  view.bound = receipt.bound();
  view.actor_id = {id.data(), id.size()};
  view.version = receipt.version();
  view.value = receipt.value();
  view.steps = receipt.steps().data();
  view.step_count = receipt.steps().size();
  return view;
}

}  // namespace

ac_status ac_entity_explain(ac_entity entity, uint32_t list, uint32_t dimension, uint32_t flags,
                            ac_receipt* receipt, ac_error* error) noexcept {
  return capi::call(engine::entities(), entity, error, [&](engine::Entity& e) -> Result<void> {
    if (receipt == nullptr) return capi::error_of(AC_E_NULL);
    if (list > AC_LIST_DERIVED) {
      return Error(AC_E_UNKNOWN_CONSTANT, "`list` is no AC_LIST");
    }
    if ((flags & ~std::uint32_t{AC_EXPLAIN_STORED}) != 0) {
      return Error(AC_E_UNKNOWN_CONSTANT, "`flags` has a bit that is no AC_EXPLAIN flag");
    }
    Result<ac_receipt> made = engine::explain(e, {.list = list, .dimension = dimension}, flags);
    if (!made.ok()) return std::move(made).error();
    *receipt = made.value();
    return {};
  });
}

ac_status ac_receipt_get(ac_receipt receipt, ac_receipt_view* view) noexcept {
  return capi::call(engine::receipts(), receipt, [&](const auto& held) -> ac_status {
    if (view == nullptr) return AC_E_NULL;
    capi::write_view(view, view_of(held));
    return AC_OK;
  });
}

ac_status ac_receipt_replay(const ac_receipt_step* steps, uint64_t count, double* value) noexcept {
  return capi::guard([&]() -> ac_status {
    if (value == nullptr) return AC_E_NULL;
    std::span<const ac_receipt_step> given;
    const ac_status status = capi::read_array(steps, count, steps_max, given);
    if (status != AC_OK) return status;
    const Result<double> replayed = snapshot::replay(given);
    if (!replayed.ok()) return replayed.error().code;
    *value = replayed.value();
    return AC_OK;
  });
}

ac_status ac_receipt_json(ac_receipt receipt, char* buffer, uint64_t capacity,
                          uint64_t* size) noexcept {
  return capi::call(engine::receipts(), receipt, [&](const auto& held) {
    return capi::copy_out(print(held), buffer, capacity, size);
  });
}

ac_status ac_receipt_retain(ac_receipt receipt) noexcept {
  if (engine::receipts().retain(receipt.bits)) return AC_OK;
  return capi::no_object(receipt);
}

void ac_receipt_release(ac_receipt receipt) noexcept { engine::receipts().release(receipt.bits); }
