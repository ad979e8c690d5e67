// Spans: the trace contexts that messages carry, and what becomes of them.
//
// Threads:    any.
// Invariants: a span's bits are the correlation of messages that carry it: 4 (4 bits), generation
//             (28, never 0), 1, system tag (10), slot (21). With the 4 it is no ask's and no
//             timer's correlation, with AC_CORRELATION_REPLY still set apart; with the 1 it is no
//             handle of a system, which the 4 alone would be. A record is free, or linked from
//             oldest_ to newest_ while its span is open.
// Cost:       a mutex for the length of a copy; 72 bytes an open span.
#ifndef ACTORCORE_RUNTIME_SPAN_H_
#define ACTORCORE_RUNTIME_SPAN_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/handle_table.h"

namespace actorcore::runtime {

class System;

// What is wrong with a context that a caller gives, or AC_OK.
ac_status check_trace(const ac_trace& trace) noexcept;
// A `traceparent`; false when it is malformed.
bool parse_trace(std::string_view text, ac_trace& trace) noexcept;
// Of a context that is right.
std::array<char, AC_TRACE_TEXT_BYTES> print_trace(const ac_trace& trace) noexcept;

class Spans {
 public:
  explicit Spans(System& system) : system_(system) {}
  Spans(const Spans&) = delete;
  Spans& operator=(const Spans&) = delete;

  // Whatever else a correlation says, does it name a span?
  static bool is_span(std::uint64_t correlation) noexcept {
    return correlation >> handle_kind_shift == AC_CORRELATION_SPAN >> handle_kind_shift &&
           (correlation & mark) != 0;
  }

  // A child of the context, or a trace of its own when that is null. May throw bad_alloc.
  ac_status begin(const ac_trace* parent, std::uint64_t tag, ac_span& span);
  ac_status begin_child(ac_span parent, std::uint64_t tag, ac_span& span);
  ac_status get(ac_span span, ac_trace& trace) noexcept;
  ac_status end(ac_span span, ac_span_record& record) noexcept;
  // Is it open?
  ac_status check(ac_span span) noexcept;
  // The open one that a message carries, or that its ask was made with.
  ac_status of(const ac_message& message, ac_span& span) noexcept;
  // Of those that are open, the oldest; how many they are.
  std::uint64_t list(ac_span_record* out, std::uint64_t capacity) noexcept;
  ac_span_stats stats() noexcept;

 private:
  struct Record {
    ac_trace trace;
    std::uint64_t tag;
    std::uint64_t begun_ns;
    std::uint32_t generation = 1;
    std::uint32_t next = 0;      // younger, or of the free ones: slot + 1
    std::uint32_t previous = 0;  // older
    bool is_open = false;
  };

  static constexpr unsigned slot_bits = 21;
  static constexpr unsigned generation_bits = 28;
  static constexpr std::uint64_t mark = std::uint64_t{1} << 31;
  static constexpr std::uint32_t chunk_records = 1024;
  static constexpr std::uint32_t chunks_max = 1024;  // 1,048,576 records
  static_assert(std::uint64_t{chunk_records} * chunks_max <= std::uint64_t{1} << slot_bits);

  static std::uint32_t slot_of(std::uint64_t bits) noexcept {
    return static_cast<std::uint32_t>(bits) & ((1u << slot_bits) - 1);
  }
  Record& at(std::uint32_t slot) const noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return chunks_[slot / chunk_records][slot % chunk_records];
  }
  std::uint64_t bits_of(std::uint32_t slot) const noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Null when the bits name no open span.
  Record* find(std::uint64_t bits) const noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ac_status why_none(std::uint64_t bits) const noexcept;
  ac_span_record record_of(std::uint32_t slot, std::uint64_t ended_ns) const noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A record for one more; false when there is none.
  bool take(std::uint32_t& slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void give(std::uint32_t slot) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void link(std::uint32_t slot) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void unlink(std::uint32_t slot) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Random, and not all zero.
  template <std::size_t size>
  void identify(std::uint8_t (&id)[size]) noexcept;

  System& system_;
  absl::Mutex mutex_;
  std::array<std::unique_ptr<Record[]>, chunks_max> chunks_ ABSL_GUARDED_BY(mutex_);
  std::uint32_t records_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint32_t spare_ ABSL_GUARDED_BY(mutex_) = 0;  // slot + 1, as the following
  std::uint32_t oldest_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint32_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
  ac_span_stats stats_ ABSL_GUARDED_BY(mutex_){};
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_SPAN_H_
