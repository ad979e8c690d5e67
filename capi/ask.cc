#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

namespace {

struct Asked {
  std::span<const ac_actor> of;
  ac_ask_options what;
};

ac_status read(const ac_actor* actors, std::uint64_t count, const ac_ask_options* options,
               Asked& asked) {
  const ac_status status = capi::read_array(actors, count, runtime::asked_max, asked.of);
  return status == AC_OK ? capi::read_options(options, asked.what) : status;
}

}  // namespace

ac_status ac_ask(ac_system system, ac_actor to, uint32_t type, ac_bytes payload,
                 uint64_t timeout_ns, ac_message* reply) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (reply == nullptr) return AC_E_NULL;
    return s.ask(to, type, payload, timeout_ns, *reply);
  });
}

ac_status ac_worker_ask(ac_worker worker, ac_actor asker, ac_actor to, uint32_t type,
                        ac_bytes payload, uint64_t timeout_ns, uint64_t* correlation) noexcept {
  return capi::call(runtime::workers(), worker, [&](runtime::Worker& w) -> ac_status {
    if (correlation == nullptr) return AC_E_NULL;
    const ac_ask_options asked{.type = type, .payload = payload, .timeout_ns = timeout_ns};
    return w.dispatcher()->system().ask_inside(w, asker, {&to, 1}, asked, correlation);
  });
}

ac_status ac_worker_ask_many(ac_worker worker, ac_actor asker, const ac_actor* actors,
                             uint64_t count, const ac_ask_options* options,
                             uint64_t* correlations) noexcept {
  return capi::call(runtime::workers(), worker, [&](runtime::Worker& w) -> ac_status {
    Asked asked;
    if (const ac_status status = read(actors, count, options, asked); status != AC_OK) {
      return status;
    }
    if (count != 0 && correlations == nullptr) return AC_E_NULL;
    return w.dispatcher()->system().ask_inside(w, asker, asked.of, asked.what, correlations);
  });
}

ac_status ac_ask_many(ac_system system, const ac_actor* actors, uint64_t count, uint32_t type,
                      ac_bytes payload, uint64_t timeout_ns, ac_message* replies,
                      ac_status* statuses, uint64_t* answered) noexcept {
  const ac_ask_options options{
      .struct_size = sizeof options, .type = type, .payload = payload, .timeout_ns = timeout_ns};
  return ac_ask_with(system, actors, count, &options, replies, statuses, answered);
}

ac_status ac_ask_with(ac_system system, const ac_actor* actors, uint64_t count,
                      const ac_ask_options* options, ac_message* replies, ac_status* statuses,
                      uint64_t* answered) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    Asked asked;
    if (const ac_status status = read(actors, count, options, asked); status != AC_OK) {
      return status;
    }
    if (count != 0 && (replies == nullptr || statuses == nullptr)) return AC_E_NULL;
    std::uint64_t replied = 0;
    const ac_status status = s.ask_many(asked.of, asked.what, replies, statuses, replied);
    if (answered != nullptr) *answered = replied;
    return status;
  });
}

ac_status ac_ask_cancel(ac_system system, uint64_t correlation) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    return s.asks().cancel(correlation) ? AC_OK : AC_E_NOT_FOUND;
  });
}

ac_status ac_ask_is_pending(ac_system system, uint64_t correlation) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    return s.asks().is_pending(correlation) ? AC_OK : AC_E_NOT_FOUND;
  });
}
