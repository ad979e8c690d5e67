#include "runtime/span.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

using Bytes = std::span<std::uint8_t>;
using ConstBytes = std::span<const std::uint8_t>;

constexpr std::uint32_t flags_known = AC_TRACE_SAMPLED;

bool is_zero(ConstBytes id) noexcept {
  return std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; });
}

// The digit's value, or -1. Capitals are malformed.
int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Takes the bytes off the front of the text.
bool read_hex(std::string_view& text, Bytes out) noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  text.remove_prefix(2 * out.size());
  return true;
}

bool read_dash(std::string_view& text) noexcept {
  if (text.front() != '-') return false;
  text.remove_prefix(1);
  return true;
}

char* write_hex(ConstBytes bytes, char* out) noexcept {
  static constexpr char digits[] = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 0xf];
  }
  return out;
}

}  // namespace

// -- the context --------------------------------------------------------------------------------

ac_status check_trace(const ac_trace& trace) noexcept {
  if (is_zero(trace.trace_id) || is_zero(trace.span_id)) return AC_E_INVALID_ARGUMENT;
  if (trace.reserved != 0) return AC_E_INVALID_ARGUMENT;
  return (trace.flags & ~flags_known) == 0 ? AC_OK : AC_E_UNKNOWN_CONSTANT;
}

bool parse_trace(std::string_view text, ac_trace& trace) noexcept {
  if (text.size() < AC_TRACE_TEXT_BYTES) return false;
  std::uint8_t version[1];
  std::uint8_t flags[1];
  ac_trace read{};
  const bool is_whole = read_hex(text, version) && read_dash(text) &&
                        read_hex(text, read.trace_id) && read_dash(text) &&
                        read_hex(text, read.span_id) && read_dash(text) && read_hex(text, flags);
  if (!is_whole || version[0] == 0xff) return false;
  // A later version may say more, behind another dash.
  if (!text.empty() && (version[0] == 0 || text.front() != '-')) return false;
  if (is_zero(read.trace_id) || is_zero(read.span_id)) return false;
  read.flags = flags[0] & flags_known;  // the others are not to be passed on
  trace = read;
  return true;
}

std::array<char, AC_TRACE_TEXT_BYTES> print_trace(const ac_trace& trace) noexcept {
  const std::uint8_t version[1] = {0};
  const std::uint8_t flags[1] = {static_cast<std::uint8_t>(trace.flags)};
  std::array<char, AC_TRACE_TEXT_BYTES> text;
  char* out = write_hex(version, text.data());
  for (const ConstBytes part :
       {ConstBytes(trace.trace_id), ConstBytes(trace.span_id), ConstBytes(flags)}) {
    *out++ = '-';
    out = write_hex(part, out);
  }
  return text;
}

// -- records ------------------------------------------------------------------------------------

std::uint64_t Spans::bits_of(std::uint32_t slot) const noexcept {
  return AC_CORRELATION_SPAN | std::uint64_t{at(slot).generation} << 32 | mark |
         std::uint64_t{system_.directory().tag()} << slot_bits | slot;
}

Spans::Record* Spans::find(std::uint64_t bits) const noexcept {
  const std::uint32_t slot = slot_of(bits);
  if (slot >= records_) return nullptr;
  return at(slot).is_open && bits_of(slot) == bits ? &at(slot) : nullptr;
}

ac_status Spans::why_none(std::uint64_t bits) const noexcept {
  if (bits == 0) return AC_E_NO_HANDLE;
  const auto tag = static_cast<std::uint32_t>(bits >> slot_bits) & (tags_max - 1);
  return is_span(bits) && tag != system_.directory().tag() ? AC_E_WRONG_SYSTEM : AC_E_STALE;
}

ac_span_record Spans::record_of(std::uint32_t slot, std::uint64_t ended_ns) const noexcept {
  const Record& record = at(slot);
  return {record.trace, {bits_of(slot)}, record.tag, record.begun_ns, ended_ns};
}

bool Spans::take(std::uint32_t& slot) {
  if (spare_ == 0) {
    if (records_ == chunk_records * chunks_max) return false;
    chunks_[records_ / chunk_records] = std::make_unique<Record[]>(chunk_records);
    records_ += chunk_records;
    for (std::uint32_t i = 1; i <= chunk_records; ++i) {
      at(records_ - i).next = std::exchange(spare_, records_ - i + 1);
    }
  }
  slot = spare_ - 1;
  spare_ = at(slot).next;
  return true;
}

void Spans::give(std::uint32_t slot) noexcept {
  Record& record = at(slot);
  if (++record.generation == 1u << generation_bits) return;  // bits must never come to life again
  record.next = std::exchange(spare_, slot + 1);
}

void Spans::link(std::uint32_t slot) noexcept {
  Record& record = at(slot);
  record.is_open = true;
  record.next = 0;
  record.previous = std::exchange(newest_, slot + 1);
  (record.previous == 0 ? oldest_ : at(record.previous - 1).next) = slot + 1;
}

void Spans::unlink(std::uint32_t slot) noexcept {
  Record& record = at(slot);
  record.is_open = false;
  (record.previous == 0 ? oldest_ : at(record.previous - 1).next) = record.next;
  (record.next == 0 ? newest_ : at(record.next - 1).previous) = record.previous;
}

template <std::size_t size>
void Spans::identify(std::uint8_t (&id)[size]) noexcept {
  do {
    for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
      const std::uint64_t word = system_.random();
      std::memcpy(id + i, &word, sizeof word);
    }
  } while (is_zero(id));
}

// -- what callers do ----------------------------------------------------------------------------

ac_status Spans::begin(const ac_trace* parent, std::uint64_t tag, ac_span& span) {
  ac_trace trace{};
  if (parent != nullptr) {
    trace = *parent;
    std::ranges::copy(parent->span_id, trace.parent_id);
  } else {
    trace.flags = AC_TRACE_SAMPLED;
    identify(trace.trace_id);
  }
  identify(trace.span_id);
  const std::uint64_t now_ns = system_.clock().now();
  absl::MutexLock lock(&mutex_);
  std::uint32_t slot;
  if (!take(slot)) {
    ++stats_.refused;
    return AC_E_LIMIT;
  }
  Record& record = at(slot);
  record.trace = trace;
  record.tag = tag;
  record.begun_ns = now_ns;
  link(slot);
  ++stats_.begun;
  span.bits = bits_of(slot);
  return AC_OK;
}

ac_status Spans::begin_child(ac_span parent, std::uint64_t tag, ac_span& span) {
  ac_trace trace;
  const ac_status status = get(parent, trace);
  return status == AC_OK ? begin(&trace, tag, span) : status;
}

ac_status Spans::get(ac_span span, ac_trace& trace) noexcept {
  absl::MutexLock lock(&mutex_);
  const Record* const record = find(span.bits);
  if (record == nullptr) return why_none(span.bits);
  trace = record->trace;
  return AC_OK;
}

ac_status Spans::end(ac_span span, ac_span_record& record) noexcept {
  const std::uint64_t now_ns = system_.clock().now();
  absl::MutexLock lock(&mutex_);
  if (find(span.bits) == nullptr) return why_none(span.bits);
  const std::uint32_t slot = slot_of(span.bits);
  record = record_of(slot, now_ns);
  unlink(slot);
  give(slot);
  ++stats_.ended;
  return AC_OK;
}

ac_status Spans::check(ac_span span) noexcept {
  absl::MutexLock lock(&mutex_);
  return find(span.bits) != nullptr ? AC_OK : why_none(span.bits);
}

ac_status Spans::of(const ac_message& message, ac_span& span) noexcept {
  const std::uint64_t correlation = message.correlation;
  const std::uint64_t carried = correlation & ~AC_CORRELATION_REPLY;
  // The tag of an item of work may look like anything.
  if (message.type == AC_TYPE_WORK) return AC_E_NOT_FOUND;
  ac_span found{carried};
  if (!is_span(carried)) {
    if (carried != correlation) return AC_E_NOT_FOUND;  // the answer to an ask, or a timer's
    const ac_status status = system_.asks().span_of(correlation, found.bits);
    if (status != AC_OK) return status;
    if (found.bits == 0) return AC_E_NOT_FOUND;
  }
  const ac_status status = check(found);
  if (status == AC_OK) span = found;
  return status;
}

std::uint64_t Spans::list(ac_span_record* out, std::uint64_t capacity) noexcept {
  absl::MutexLock lock(&mutex_);
  std::uint64_t count = 0;
  for (std::uint32_t next = oldest_; next != 0 && count < capacity; next = at(next - 1).next) {
    out[count++] = record_of(next - 1, 0);
  }
  return count;
}

ac_span_stats Spans::stats() noexcept {
  absl::MutexLock lock(&mutex_);
  return stats_;
}

}  // namespace actorcore::runtime
