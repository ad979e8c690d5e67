#include "runtime/worker.h"

#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

namespace {

// Runs the body on a worker that no other call drives meanwhile.
template <class Body>
ac_status drive(ac_worker worker, Body&& body) noexcept {
  return capi::guard([&]() -> ac_status {
    bool busy;
    const auto pin = runtime::workers().pin_exclusive(worker.bits, busy);
    if (pin) return body(*pin);
    return busy ? AC_E_BUSY : capi::no_object(worker);
  });
}

}  // namespace

ac_status ac_worker_attach(ac_dispatcher dispatcher, uint32_t flags, ac_worker* worker,
                           ac_error* error) noexcept {
  return capi::call(
      runtime::dispatchers(), dispatcher, error, [&](runtime::Dispatcher& d) -> Result<void> {
        if (worker == nullptr) return capi::error_of(AC_E_NULL);
        if ((flags & ~static_cast<std::uint32_t>(AC_ATTACH_PINNED)) != 0) {
          return Error(AC_E_UNKNOWN_CONSTANT, "flags has a bit that is no AC_ATTACH flag");
        }
        if (d.mode() == AC_DISPATCHER_INLINE) {
          return Error(
              AC_E_WRONG_MODE,
              "an INLINE dispatcher has the library's threads; make an ATTACHED or CALLER one");
        }
        Result<runtime::Worker*> made = d.system().attach(d, (flags & AC_ATTACH_PINNED) != 0);
        if (!made.ok()) return std::move(made).error();
        *worker = made.value()->handle;
        return {};
      });
}

ac_status ac_worker_turn(ac_worker worker, uint64_t timeout_ns, ac_turn** turn) noexcept {
  return drive(worker, [&](runtime::Worker& w) -> ac_status {
    if (turn == nullptr) return AC_E_NULL;
    if (w.dispatcher()->mode() != AC_DISPATCHER_ATTACHED) return AC_E_WRONG_MODE;
    return w.turn(timeout_ns, turn);
  });
}

ac_status ac_worker_run(ac_worker worker, uint64_t timeout_ns, uint64_t activations,
                        uint64_t* ran) noexcept {
  return drive(worker, [&](runtime::Worker& w) -> ac_status {
    if (w.dispatcher()->mode() != AC_DISPATCHER_CALLER) return AC_E_WRONG_MODE;
    if (runtime::in_handler()) return AC_E_WOULD_DEADLOCK;
    std::uint64_t count = 0;
    const ac_status status = w.run_some(timeout_ns, activations, count);
    if (ran != nullptr) *ran = count;
    return status;
  });
}

ac_status ac_worker_alloc(ac_worker worker, uint64_t size, uint8_t** data) noexcept {
  return capi::call(runtime::workers(), worker, [&](runtime::Worker& w) -> ac_status {
    if (data == nullptr) return AC_E_NULL;
    if (!w.is_in_turn()) return AC_E_INVALID_ARGUMENT;
    if (size == 0 || size > AC_PAYLOAD_BYTES_MAX) return AC_E_LIMIT;
    void* const taken = w.alloc(size);
    if (taken == nullptr) return AC_E_NO_MEMORY;
    *data = static_cast<uint8_t*>(taken);
    return AC_OK;
  });
}

ac_status ac_worker_flush(ac_worker worker) noexcept {
  return capi::call(runtime::workers(), worker, [](runtime::Worker& w) -> ac_status {
    return w.is_in_turn() ? w.flush() : AC_OK;
  });
}

ac_status ac_worker_fail(ac_worker worker, uint32_t activation, uint32_t message, ac_status status,
                         ac_text text) noexcept {
  return capi::call(runtime::workers(), worker, [&](runtime::Worker& w) -> ac_status {
    std::string_view told;
    if (const ac_status read = capi::read_text(text, UINT64_MAX, told); read != AC_OK) return read;
    return w.fail(activation, message, status, told);
  });
}

ac_status ac_worker_wake(ac_worker worker) noexcept {
  return capi::call(runtime::workers(), worker, [](runtime::Worker& w) {
    w.wake();
    return AC_OK;
  });
}

void ac_worker_release(ac_worker worker) noexcept {
  {
    const auto pin = runtime::workers().pin(worker.bits);
    if (!pin || pin->is_own()) return;
  }
  runtime::workers().release(worker.bits);
}

ac_status ac_worker_stash(ac_worker worker, uint32_t activation, uint32_t message) noexcept {
  return capi::call(runtime::workers(), worker,
                    [&](runtime::Worker& w) { return w.stash(activation, message); });
}

ac_status ac_worker_unstash(ac_worker worker, uint32_t activation, uint64_t most) noexcept {
  return capi::call(runtime::workers(), worker,
                    [&](runtime::Worker& w) { return w.ask_unstash(activation, most); });
}

ac_status ac_worker_become(ac_worker worker, uint32_t activation, ac_behavior behavior,
                           uint32_t flags) noexcept {
  return capi::call(runtime::workers(), worker, [&](runtime::Worker& w) -> ac_status {
    if ((flags & ~static_cast<std::uint32_t>(AC_BECOME_REPLACE)) != 0) return AC_E_UNKNOWN_CONSTANT;
    const auto pin = runtime::behaviors().pin(behavior.bits);
    if (!pin) return capi::no_object(behavior);
    if (&pin->system() != &w.dispatcher()->system()) return AC_E_WRONG_SYSTEM;
    return w.become(activation, *pin, (flags & AC_BECOME_REPLACE) != 0);
  });
}

ac_status ac_worker_unbecome(ac_worker worker, uint32_t activation) noexcept {
  return capi::call(runtime::workers(), worker,
                    [&](runtime::Worker& w) { return w.unbecome(activation); });
}
