#include "boundary.h"
#include "runtime/event_bus.h"
#include "runtime/system.h"

using namespace actorcore;

namespace {

Result<void> create(runtime::System& system, const ac_bus_options* options, ac_bus* bus) {
  if (bus == nullptr) return capi::error_of(AC_E_NULL);
  ac_bus_options given;
  if (const ac_status status = capi::read_optional(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if ((given.flags & ~static_cast<std::uint32_t>(AC_BUS_ORDERED)) != 0) {
    return Error(AC_E_UNKNOWN_CONSTANT, "flags has a bit that is no AC_BUS flag");
  }
  auto made = runtime::EventBus::create(system, (given.flags & AC_BUS_ORDERED) != 0);
  if (!made.ok()) return std::move(made).error();
  *bus = made.value()->handle;
  return {};
}

Result<void> read(runtime::System& system, const ac_subscription_options* options,
                  runtime::Subscription& wanted) {
  ac_subscription_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if ((given.flags & ~static_cast<std::uint32_t>(AC_SUBSCRIBE_ONCE)) != 0) {
    return Error(AC_E_UNKNOWN_CONSTANT, "flags has a bit that is no AC_SUBSCRIBE flag");
  }
  std::string_view pattern;
  const ac_status read = capi::read_text(given.pattern, runtime::Topics::bytes_max, pattern);
  if (read == AC_E_NULL) return capi::error_of(read);
  if (read == AC_E_LIMIT) return Error(AC_E_LIMIT, "a topic or pattern has 1 to 255 bytes");
  if (pattern.empty()) pattern = ">";
  if (Result<void> valid = runtime::Topics::check_pattern(pattern); !valid.ok()) return valid;
  if (const ac_status status = system.check(given.subscriber); status != AC_OK) {
    return Error(status, "the subscriber is no live actor of this bus's system");
  }
  const bool is_any = given.type_first == 0 && given.type_last == 0;
  if (!is_any && given.type_first > given.type_last) {
    return Error(AC_E_INVALID_ARGUMENT, "type_first is above type_last; give them the other way");
  }
  wanted.pattern = pattern;
  wanted.subscriber = {given.subscriber.bits};
  wanted.about = {given.about.bits};
  wanted.type_first = given.type_first;
  wanted.type_last = is_any ? UINT32_MAX : given.type_last;
  wanted.priority = given.priority;
  wanted.flags = given.flags;
  return {};
}

ac_status read(const ac_event_options* options, runtime::Event& event) {
  ac_event_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) return status;
  if (const ac_status status =
          capi::read_text(given.topic, runtime::Topics::bytes_max, event.topic);
      status != AC_OK) {
    return status;
  }
  if (const auto valid = runtime::Topics::check_topic(event.topic); !valid.ok()) {
    return valid.error().code;
  }
  if (given.data.data == nullptr && given.data.size != 0) return AC_E_NULL;
  if (given.data.size > AC_PAYLOAD_BYTES_MAX - sizeof(ac_event) - event.topic.size()) {
    return AC_E_LIMIT;
  }
  event.type = given.type;
  event.priority = given.priority;
  event.about = {given.about.bits};
  event.source = {given.source.bits};
  event.data = given.data;
  return AC_OK;
}

}  // namespace

ac_status ac_bus_create(ac_system system, const ac_bus_options* options, ac_bus* bus,
                        ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error,
                    [&](runtime::System& s) { return create(s, options, bus); });
}

void ac_bus_release(ac_bus bus) noexcept { runtime::buses().release(bus.bits); }

ac_status ac_bus_subscribe(ac_bus bus, const ac_subscription_options* options,
                           uint64_t* subscription, ac_error* error) noexcept {
  return capi::call(runtime::buses(), bus, error, [&](runtime::EventBus& b) -> Result<void> {
    if (subscription == nullptr) return capi::error_of(AC_E_NULL);
    runtime::Subscription wanted;
    if (Result<void> valid = read(b.system(), options, wanted); !valid.ok()) return valid;
    auto made = b.subscribe(std::move(wanted));
    if (!made.ok()) return std::move(made).error();
    *subscription = made.value();
    return {};
  });
}

ac_status ac_bus_unsubscribe(ac_bus bus, uint64_t subscription) noexcept {
  return capi::call(runtime::buses(), bus, [&](runtime::EventBus& b) {
    return b.unsubscribe(subscription) ? AC_OK : AC_E_NOT_FOUND;
  });
}

ac_status ac_bus_publish(ac_bus bus, const ac_event_options* options, uint64_t* event,
                         uint64_t* delivered) noexcept {
  return capi::call(runtime::buses(), bus, [&](runtime::EventBus& b) -> ac_status {
    runtime::Event given;
    if (const ac_status status = read(options, given); status != AC_OK) return status;
    std::uint64_t id = 0;
    std::uint64_t sent = 0;
    const ac_status status = b.publish(given, id, sent);
    if (event != nullptr) *event = id;
    if (delivered != nullptr) *delivered = sent;
    return status;
  });
}

ac_status ac_bus_get_stats(ac_bus bus, ac_bus_stats* stats) noexcept {
  return capi::call(runtime::buses(), bus, [&](runtime::EventBus& b) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = b.stats();
    return AC_OK;
  });
}
