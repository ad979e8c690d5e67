#include "boundary.h"
#include "runtime/limits.h"
#include "runtime/system.h"
#include "runtime/work_queue.h"

using namespace actorcore;

namespace {

Result<void> read(const ac_queue_options* options, runtime::QueueOptions& wanted) {
  ac_queue_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  std::string_view name;
  const ac_status status = capi::read_text(given.name, runtime::names_bytes_max, name);
  if (status == AC_E_NULL) return capi::error_of(status);
  if (status != AC_OK || name.empty()) {
    return Error(AC_E_INVALID_ARGUMENT, "a queue has a name of 1 to 255 bytes");
  }
  if (given.capacity > runtime::WorkQueue::capacity_max) {
    return Error(AC_E_LIMIT, "capacity is at most 1,047,551; put the rest into another queue");
  }
  wanted.name = name;
  if (given.capacity != 0) wanted.capacity = given.capacity;
  if (given.deliveries_max != 0) wanted.deliveries_max = given.deliveries_max;
  if (given.lease_ns != 0) wanted.lease_ns = given.lease_ns;
  wanted.retry_delay_ns = given.retry_delay_ns;
  return {};
}

static_assert(runtime::WorkQueue::capacity_max == 1'047'551);

}  // namespace

ac_status ac_queue_create(ac_system system, const ac_queue_options* options, ac_queue* queue,
                          ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error, [&](runtime::System& s) -> Result<void> {
    if (queue == nullptr) return capi::error_of(AC_E_NULL);
    runtime::QueueOptions wanted;
    if (Result<void> valid = read(options, wanted); !valid.ok()) return valid;
    auto made = s.queues().create(std::move(wanted));
    if (!made.ok()) return std::move(made).error();
    *queue = made.value()->handle;
    return {};
  });
}

ac_status ac_queue_find(ac_system system, ac_text name, ac_queue* queue) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (queue == nullptr) return AC_E_NULL;
    std::string_view view;
    const ac_status status = capi::read_text(name, runtime::names_bytes_max, view);
    if (status != AC_OK) return status == AC_E_LIMIT ? AC_E_NOT_FOUND : status;
    const ac_queue found = s.queues().find(view);
    if (found.bits == 0) return AC_E_NOT_FOUND;
    *queue = found;
    return AC_OK;
  });
}

void ac_queue_release(ac_queue queue) noexcept { runtime::work_queues().release(queue.bits); }

ac_status ac_queue_put(ac_queue queue, ac_actor source, uint32_t type, ac_bytes data,
                       uint64_t* number) noexcept {
  return capi::call(runtime::work_queues(), queue, [&](runtime::WorkQueue& q) -> ac_status {
    if (data.data == nullptr && data.size != 0) return AC_E_NULL;
    if (data.size > AC_PAYLOAD_BYTES_MAX - sizeof(ac_work)) return AC_E_LIMIT;
    std::uint64_t given = 0;
    const ac_status status = q.put({source.bits}, type, data, given);
    if (status == AC_OK && number != nullptr) *number = given;
    return status;
  });
}

ac_status ac_queue_join(ac_queue queue, ac_actor consumer, uint32_t credit) noexcept {
  return capi::call(runtime::work_queues(), queue, [&](runtime::WorkQueue& q) -> ac_status {
    if (credit > runtime::WorkQueue::credit_max) return AC_E_LIMIT;
    const ac_status status = q.system().check(consumer);
    return status == AC_OK ? q.join({consumer.bits}, credit == 0 ? 1 : credit) : status;
  });
}

ac_status ac_queue_leave(ac_queue queue, ac_actor consumer) noexcept {
  return capi::call(runtime::work_queues(), queue,
                    [&](runtime::WorkQueue& q) { return q.leave({consumer.bits}); });
}

ac_status ac_queue_ack(ac_queue queue, uint64_t tag) noexcept {
  return capi::call(runtime::work_queues(), queue,
                    [&](runtime::WorkQueue& q) { return q.ack({tag}); });
}

ac_status ac_queue_nack(ac_queue queue, uint64_t tag, uint64_t delay_ns) noexcept {
  return capi::call(runtime::work_queues(), queue,
                    [&](runtime::WorkQueue& q) { return q.nack({tag}, delay_ns); });
}

ac_status ac_queue_dead(ac_queue queue, ac_dead_work* items, uint64_t capacity,
                        uint64_t* count) noexcept {
  return capi::call(runtime::work_queues(), queue, [&](runtime::WorkQueue& q) -> ac_status {
    if (count == nullptr || (items == nullptr && capacity != 0)) return AC_E_NULL;
    *count = q.dead({items, static_cast<std::size_t>(capacity)});
    return AC_OK;
  });
}

ac_status ac_queue_dead_data(ac_queue queue, uint64_t number, uint8_t* data, uint64_t capacity,
                             uint64_t* size) noexcept {
  return capi::call(runtime::work_queues(), queue, [&](runtime::WorkQueue& q) -> ac_status {
    if (size == nullptr || (data == nullptr && capacity != 0)) return AC_E_NULL;
    return q.dead_data(number, {data, static_cast<std::size_t>(capacity)}, *size);
  });
}

ac_status ac_queue_redrive(ac_queue queue, uint64_t number, uint64_t* count) noexcept {
  return capi::call(runtime::work_queues(), queue, [&](runtime::WorkQueue& q) {
    std::uint64_t revived = 0;
    const ac_status status = q.redrive(number, revived);
    if (count != nullptr) *count = revived;
    return status;
  });
}

ac_status ac_queue_get_stats(ac_queue queue, ac_queue_stats* stats) noexcept {
  return capi::call(runtime::work_queues(), queue, [&](runtime::WorkQueue& q) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = q.stats();
    return AC_OK;
  });
}
