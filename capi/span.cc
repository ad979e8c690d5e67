#include "runtime/span.h"

#include <cstring>

#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_trace_parse(ac_text traceparent, ac_trace* trace) noexcept {
  return capi::guard([&]() -> ac_status {
    std::string_view text;
    const ac_status status = capi::read_text(traceparent, UINT64_MAX, text);
    if (status != AC_OK) return status;
    if (trace == nullptr) return AC_E_NULL;
    return runtime::parse_trace(text, *trace) ? AC_OK : AC_E_INVALID_ARGUMENT;
  });
}

ac_status ac_trace_print(const ac_trace* trace, char* buffer, uint64_t capacity,
                         uint64_t* size) noexcept {
  return capi::guard([&]() -> ac_status {
    if (trace == nullptr || size == nullptr || (buffer == nullptr && capacity != 0)) {
      return AC_E_NULL;
    }
    if (const ac_status status = runtime::check_trace(*trace); status != AC_OK) return status;
    *size = AC_TRACE_TEXT_BYTES;
    if (capacity < AC_TRACE_TEXT_BYTES) return AC_E_BUFFER_TOO_SMALL;
    const auto text = runtime::print_trace(*trace);
    std::memcpy(buffer, text.data(), text.size());
    return AC_OK;
  });
}

ac_status ac_span_begin(ac_system system, const ac_trace* parent, uint64_t tag,
                        ac_span* span) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (span == nullptr) return AC_E_NULL;
    const ac_status status = parent == nullptr ? AC_OK : runtime::check_trace(*parent);
    return status == AC_OK ? s.spans().begin(parent, tag, *span) : status;
  });
}

ac_status ac_span_begin_child(ac_system system, ac_span parent, uint64_t tag,
                              ac_span* span) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (span == nullptr) return AC_E_NULL;
    return s.spans().begin_child(parent, tag, *span);
  });
}

ac_status ac_span_get(ac_system system, ac_span span, ac_trace* trace) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (trace == nullptr) return AC_E_NULL;
    return s.spans().get(span, *trace);
  });
}

ac_status ac_span_end(ac_system system, ac_span span, ac_span_record* record) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    ac_span_record unread;
    return s.spans().end(span, record == nullptr ? unread : *record);
  });
}

ac_status ac_message_span(ac_system system, const ac_message* message, ac_span* span) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (message == nullptr || span == nullptr) return AC_E_NULL;
    return s.spans().of(*message, *span);
  });
}

ac_status ac_system_spans(ac_system system, ac_span_record* spans, uint64_t capacity,
                          uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (spans == nullptr && capacity != 0)) return AC_E_NULL;
    *count = s.spans().list(spans, capacity);
    return AC_OK;
  });
}

ac_status ac_span_get_stats(ac_system system, ac_span_stats* stats) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = s.spans().stats();
    return AC_OK;
  });
}
