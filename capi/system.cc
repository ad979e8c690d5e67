#include "runtime/system.h"

#include "boundary.h"
#include "placement.h"

using namespace actorcore;

namespace {

Result<void> read_cpu(const ac_system_options& given, runtime::CpuOptions& options) {
  if (given.cpu_share_permille > 1'000) {
    return Error(AC_E_INVALID_ARGUMENT, "cpu_share_permille is 1 to 1,000; 0 is all");
  }
  if (given.cpu_share_permille != 0) options.share_permille = given.cpu_share_permille;
  options.is_isolated = (given.flags & AC_SYSTEM_ISOLATED) != 0;
  Result<void> read = capi::read_cpus(given.critical_cpus, "critical_cpus", options.critical);
  if (!read.ok()) return read;
  return capi::read_cpus(given.background_cpus, "background_cpus", options.background);
}

Result<void> read(const ac_system_options& given, runtime::SystemOptions& options) {
  const auto build = static_cast<std::uint32_t>(ac_version());
  if (given.api_version >> 16 > build >> 16 || given.api_version > build) {
    return Error(AC_E_UNSUPPORTED,
                 "the caller was written for a newer version of the library; install that");
  }
  if ((given.flags & ~static_cast<std::uint64_t>(AC_SYSTEM_SEEDED | AC_SYSTEM_ISOLATED)) != 0) {
    return Error(AC_E_UNKNOWN_CONSTANT, "flags has a bit that is no AC_SYSTEM flag");
  }
  std::string_view name;
  if (const ac_status status = capi::read_text(given.name, runtime::names_bytes_max, name);
      status != AC_OK) {
    return Error(status, "name must be at most 255 bytes, with a pointer unless it is empty");
  }
  options.is_seeded = (given.flags & AC_SYSTEM_SEEDED) != 0;
  options.seed = given.seed;
  options.message_bytes_max = given.message_bytes_max;
  if (given.message_bytes_max != 0 && given.message_bytes_max < runtime::message_bytes_min) {
    return Error(AC_E_INVALID_ARGUMENT, "message_bytes_max must be at least 1 MiB, or 0 for none");
  }
  runtime::DispatcherOptions& dispatcher = options.dispatcher;
  dispatcher.workers = given.workers;
  dispatcher.throughput = given.throughput == 0 ? runtime::throughput_default : given.throughput;
  dispatcher.spin_ns = given.spin_ns == 0 ? runtime::spin_default_ns : given.spin_ns;
  dispatcher.name = name;
  Result<void> placed = capi::read_placement(given, given.dispatcher_flags, dispatcher);
  if (placed.ok()) placed = read_cpu(given, options.cpu);
  if (!placed.ok()) return placed;
  return runtime::check(dispatcher);
}

}  // namespace

ac_status ac_system_create(const ac_system_options* options, ac_system* system,
                           ac_error* error) noexcept {
  return capi::guard(error, [&]() -> Result<void> {
    if (system == nullptr) return capi::error_of(AC_E_NULL);
    ac_system_options given;
    if (const ac_status status = capi::read_optional(options, given); status != AC_OK) {
      return capi::error_of(status);
    }
    runtime::SystemOptions wanted;
    if (Result<void> valid = read(given, wanted); !valid.ok()) return valid;
    Result<runtime::System*> made = runtime::System::create(wanted);
    if (!made.ok()) return std::move(made).error();
    *system = made.value()->handle;
    return {};
  });
}

ac_status ac_system_stop(ac_system system, uint64_t timeout_ns, ac_stop_report* report,
                         ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error,
                    [&](runtime::System& s) { return s.stop(timeout_ns, report); });
}

void ac_system_release(ac_system system) noexcept { runtime::systems().release(system.bits); }

ac_status ac_system_settle(ac_system system, uint64_t timeout_ns) noexcept {
  return capi::call(runtime::systems(), system,
                    [&](runtime::System& s) { return s.settle(timeout_ns); });
}

ac_status ac_system_now(ac_system system, uint64_t* now_ns) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (now_ns == nullptr) return AC_E_NULL;
    *now_ns = s.clock().now();
    return AC_OK;
  });
}

ac_status ac_system_random(ac_system system, uint64_t* random) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (random == nullptr) return AC_E_NULL;
    *random = s.random();
    return AC_OK;
  });
}

ac_status ac_system_trace_hash(ac_system system, uint64_t* hash) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (hash == nullptr) return AC_E_NULL;
    if (s.schedule() == nullptr) return AC_E_WRONG_MODE;
    *hash = s.schedule()->hash();
    return AC_OK;
  });
}

ac_status ac_system_get_stats(ac_system system, ac_system_stats* stats) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = s.stats();
    return AC_OK;
  });
}

ac_status ac_system_failures(ac_system system, uint64_t after, ac_failure* failures,
                             uint64_t capacity, uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (failures == nullptr && capacity != 0)) return AC_E_NULL;
    *count = s.failures().copy(after, failures, capacity);
    return AC_OK;
  });
}

ac_status ac_system_find(ac_system system, ac_text name, ac_actor* actor) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    if (actor == nullptr) return AC_E_NULL;
    if (const ac_status status = capi::read_text(name, UINT64_MAX, text); status != AC_OK)
      return status;
    if (text.size() > runtime::names_bytes_max) return AC_E_NOT_FOUND;
    const runtime::Id found = s.names().find(text);
    if (found.bits == 0) return AC_E_NOT_FOUND;
    *actor = found.handle();
    return AC_OK;
  });
}

ac_status ac_system_advance(ac_system system, uint64_t duration_ns) noexcept {
  return capi::call(runtime::systems(), system,
                    [&](runtime::System& s) { return s.advance(duration_ns); });
}

ac_status ac_system_usage(ac_system system, ac_usage* usage) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (usage == nullptr) return AC_E_NULL;
    *usage = s.usage();
    return AC_OK;
  });
}

ac_status ac_system_workers(ac_system system, ac_worker_stats* workers, uint64_t capacity,
                            uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (workers == nullptr && capacity != 0)) return AC_E_NULL;
    *count = s.worker_stats(workers, capacity);
    return AC_OK;
  });
}
