// The context of a trace, its text, and the spans that a system keeps.
#include <string.h>

#include "spans.h"

static int is_zero(const uint8_t* bytes, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) return 0;
  }
  return 1;
}

// -- the context --------------------------------------------------------------------------------

static const char example[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(a_traceparent_that_was_read_is_written_as_it_was) {
  ac_trace trace;
  char text[AC_TRACE_TEXT_BYTES];
  uint64_t size;
  CHECK_OK(ac_trace_parse(ac_text_of(example), &trace));
  CHECK_EQ(0x4b, trace.trace_id[0]);
  CHECK_EQ(0x36, trace.trace_id[15]);
  CHECK_EQ(0x00, trace.span_id[0]);
  CHECK_EQ(0xb7, trace.span_id[7]);
  CHECK(is_zero(trace.parent_id, sizeof trace.parent_id));
  CHECK_EQ(AC_TRACE_SAMPLED, trace.flags);
  CHECK_STATUS(AC_E_BUFFER_TOO_SMALL, ac_trace_print(&trace, NULL, 0, &size));
  CHECK_EQ(sizeof text, size);
  CHECK_STATUS(AC_E_BUFFER_TOO_SMALL, ac_trace_print(&trace, text, sizeof text - 1, &size));
  CHECK_OK(ac_trace_print(&trace, text, sizeof text, &size));
  CHECK(memcmp(example, text, sizeof text) == 0);
}

TEST(a_traceparent_of_a_later_version_is_read_as_far_as_it_is_known) {
  ac_trace trace;
  CHECK_OK(ac_trace_parse(
      ac_text_of("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe-what-else"), &trace));
  CHECK_EQ(0, trace.flags);
  CHECK_OK(ac_trace_parse(ac_text_of("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03"),
                          &trace));
  CHECK_EQ(AC_TRACE_SAMPLED, trace.flags);
}

TEST(a_traceparent_that_is_malformed_is_refused) {
  static const char* const malformed[] = {
      "",
      "00",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
      "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
      "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
  };
  const ac_trace untouched = {.flags = 7};
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; ++i) {
    ac_trace trace = untouched;
    CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_trace_parse(ac_text_of(malformed[i]), &trace));
    check_same(&untouched, &trace);
  }
  // Every byte of it counts.
  for (size_t at = 0; at < AC_TRACE_TEXT_BYTES; ++at) {
    char text[AC_TRACE_TEXT_BYTES];
    memcpy(text, example, sizeof text);
    text[at] = '\0';
    ac_trace trace;
    CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_trace_parse((ac_text){text, sizeof text}, &trace));
  }
}

TEST(a_context_that_is_none_is_neither_written_nor_begun_with) {
  struct host host;
  ac_trace good, trace;
  ac_span span;
  char text[AC_TRACE_TEXT_BYTES];
  uint64_t size;
  CHECK_OK(ac_trace_parse(ac_text_of(example), &good));
  host_open(&host, (struct host_options){.seed = 1});
  const struct {
    size_t at, size;
    int value;
    ac_status status;
  } wrong[] = {
      {offsetof(ac_trace, trace_id), 16, 0, AC_E_INVALID_ARGUMENT},
      {offsetof(ac_trace, span_id), 8, 0, AC_E_INVALID_ARGUMENT},
      {offsetof(ac_trace, flags), 1, 2, AC_E_UNKNOWN_CONSTANT},
      {offsetof(ac_trace, reserved), 4, 1, AC_E_INVALID_ARGUMENT},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    trace = good;
    memset((char*)&trace + wrong[i].at, wrong[i].value, wrong[i].size);
    CHECK_STATUS(wrong[i].status, ac_trace_print(&trace, text, sizeof text, &size));
    CHECK_STATUS(wrong[i].status, ac_span_begin(host.system, &trace, 0, &span));
  }
  CHECK_EQ(0, stats_of(&host).begun);
  host_close(&host);
}

// -- spans --------------------------------------------------------------------------------------

TEST(a_span_belongs_to_the_trace_of_its_parent_or_to_one_of_its_own) {
  struct host host;
  ac_trace remote;
  ac_span child;
  host_open(&host, (struct host_options){.seed = 0});
  CHECK_OK(ac_trace_parse(ac_text_of(example), &remote));
  const ac_span span = begin(&host, &remote), own = begin(&host, NULL);
  const ac_trace trace = trace_of(&host, span), other = trace_of(&host, own);
  CHECK(memcmp(trace.trace_id, remote.trace_id, sizeof trace.trace_id) == 0);
  CHECK(memcmp(trace.parent_id, remote.span_id, sizeof trace.parent_id) == 0);
  CHECK(memcmp(trace.span_id, remote.span_id, sizeof trace.span_id) != 0);
  CHECK_EQ(AC_TRACE_SAMPLED, trace.flags);
  CHECK(!is_zero(other.trace_id, 16) && !is_zero(other.span_id, 8) && is_zero(other.parent_id, 8));
  CHECK(memcmp(other.trace_id, trace.trace_id, 16) != 0);
  CHECK_EQ(AC_TRACE_SAMPLED, other.flags);
  CHECK_OK(ac_span_begin_child(host.system, span, 7, &child));
  const ac_trace third = trace_of(&host, child);
  CHECK(memcmp(third.trace_id, trace.trace_id, 16) == 0);
  CHECK(memcmp(third.parent_id, trace.span_id, 8) == 0);
  CHECK_EQ(AC_CORRELATION_SPAN >> 60, child.bits >> 60);
  host_close(&host);
}

static void begin_some(uint64_t seed, ac_trace* traces, unsigned count) {
  struct host host;
  host_open(&host, (struct host_options){.seed = seed});
  for (unsigned i = 0; i < count; ++i) traces[i] = trace_of(&host, begin(&host, NULL));
  host_close(&host);
}

TEST(a_seed_gives_the_same_identifiers_again) {
  ac_trace first[8], again[8], other[8];
  begin_some(5, first, 8);
  begin_some(5, again, 8);
  begin_some(6, other, 8);
  CHECK(memcmp(first, again, sizeof first) == 0);
  CHECK(memcmp(first, other, sizeof first) != 0);
}

TEST(a_span_ends_once_and_names_nothing_from_then_on) {
  struct host host;
  ac_span_record record;
  ac_trace trace;
  ac_span child, span;
  uint64_t now;
  host_open(&host, (struct host_options){.seed = 3});
  CHECK_OK(ac_span_begin(host.system, NULL, 42, &span));
  const ac_trace begun = trace_of(&host, span);
  CHECK_OK(ac_system_now(host.system, &now));
  CHECK_OK(ac_system_advance(host.system, 1000));
  CHECK_OK(ac_span_end(host.system, span, &record));
  check_same(&begun, &record.trace);
  CHECK(record.span.bits == span.bits);
  CHECK_EQ(42, record.tag);
  CHECK_EQ(now, record.begun_ns);
  CHECK_EQ(now + 1000, record.ended_ns);
  const ac_span next = begin(&host, NULL);  // in its place
  CHECK(next.bits != span.bits);
  CHECK_STATUS(AC_E_STALE, ac_span_end(host.system, span, NULL));
  CHECK_STATUS(AC_E_STALE, ac_span_get(host.system, span, &trace));
  CHECK_STATUS(AC_E_STALE, ac_span_begin_child(host.system, span, 0, &child));
  const ac_message message = {.correlation = span.bits | AC_CORRELATION_REPLY};
  CHECK_STATUS(AC_E_STALE, ac_message_span(host.system, &message, &child));
  CHECK_EQ(2, stats_of(&host).begun);
  CHECK_EQ(1, stats_of(&host).ended);
  host_close(&host);
}

TEST(a_span_of_another_system_is_told_apart) {
  struct host here, there;
  ac_trace trace;
  ac_span child;
  host_open(&here, (struct host_options){.seed = 1});
  host_open(&there, (struct host_options){.seed = 1});
  const ac_span span = begin(&there, NULL);
  const ac_message message = {.correlation = span.bits};
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_span_get(here.system, span, &trace));
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_span_end(here.system, span, NULL));
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_span_begin_child(here.system, span, 0, &child));
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_message_span(here.system, &message, &child));
  CHECK_STATUS(AC_E_NO_HANDLE, ac_span_get(here.system, (ac_span){0}, &trace));
  host_close(&there);
  host_close(&here);
}

TEST(as_many_as_may_be_are_open_at_once_and_one_that_ends_makes_room) {
  enum { most = 1048576 };
  struct host host;
  ac_span span, last = {0};
  host_open(&host, (struct host_options){.seed = 1});
  for (unsigned i = 0; i < most; ++i) last = begin(&host, NULL);
  CHECK_STATUS(AC_E_LIMIT, ac_span_begin(host.system, NULL, 0, &span));
  CHECK_STATUS(AC_E_LIMIT, ac_span_begin_child(host.system, last, 0, &span));
  CHECK_EQ(2, stats_of(&host).refused);
  end(&host, last);
  begin(&host, NULL);
  CHECK_EQ(most + 1, stats_of(&host).begun);
  host_close(&host);
}

TEST(what_nobody_has_ended_is_named_oldest_first_after_the_stop_too) {
  struct host host;
  ac_span spans[5];
  ac_span_record open[8];
  uint64_t count;
  host_open(&host, (struct host_options){.seed = 1});
  for (uint64_t i = 0; i < 5; ++i) CHECK_OK(ac_span_begin(host.system, NULL, i, &spans[i]));
  end(&host, spans[0]);
  end(&host, spans[2]);
  CHECK_OK(ac_span_begin(host.system, NULL, 5, &spans[0]));
  end(&host, spans[4]);
  CHECK_OK(ac_system_stop(host.system, patience, NULL, NULL));
  CHECK_OK(ac_system_spans(host.system, open, 8, &count));
  CHECK_EQ(3, count);
  CHECK_EQ(1, open[0].tag);
  CHECK_EQ(3, open[1].tag);
  CHECK_EQ(5, open[2].tag);
  CHECK(open[1].span.bits == spans[3].bits);
  CHECK_EQ(0, open[1].ended_ns);
  CHECK_OK(ac_system_spans(host.system, open, 2, &count));
  CHECK_EQ(2, count);
  CHECK_OK(ac_system_spans(host.system, NULL, 0, &count));
  CHECK_EQ(0, count);
  end(&host, spans[1]);
  host_close(&host);
}
