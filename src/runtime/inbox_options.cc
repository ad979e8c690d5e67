// What mailbox options say of a message, and which are refused.
#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/inbox.h"
#include "runtime/limits.h"

namespace actorcore::runtime {
namespace {

static_assert(std::endian::native == std::endian::little, "payloads are little-endian");

// The number of the payload, or `missing` when that is too short.
std::uint64_t word_of(const Envelope& envelope, std::uint32_t from, std::uint32_t offset,
                      std::uint64_t missing) noexcept {
  const std::uint64_t size = from == AC_MAILBOX_FROM_U32 ? 4 : 8;
  if (offset + size > envelope.length) return missing;
  std::uint64_t word = 0;
  std::memcpy(&word, envelope.payload() + offset, size);
  return word;
}

Result<void> check(const ac_mailbox_options& given) {
  if (given.order > AC_MAILBOX_CUSTOM || given.overflow > AC_OVERFLOW_DEAD_LETTER ||
      (given.flags & ~static_cast<std::uint32_t>(AC_MAILBOX_FLAG_CONFLATE)) != 0 ||
      given.rank_from > AC_MAILBOX_FROM_CALLBACK || given.key_from > AC_MAILBOX_FROM_CALLBACK) {
    return Error(AC_E_UNKNOWN_CONSTANT,
                 "the mailbox's order, overflow, flags, rank_from or key_from is no constant of "
                 "this version");
  }
  if (given.types == nullptr && given.types_count != 0) {
    return Error(AC_E_NULL, "the mailbox's types are null, but not their count");
  }
  if (given.types_count > mailbox_types_max) {
    return Error(AC_E_LIMIT, "a mailbox has rules for at most 4,096 types");
  }
  if ((given.rank_from == AC_MAILBOX_FROM_CALLBACK && given.rank == nullptr) ||
      (given.key_from == AC_MAILBOX_FROM_CALLBACK && given.key == nullptr) ||
      (given.order == AC_MAILBOX_CUSTOM && (given.push == nullptr || given.pop == nullptr))) {
    return Error(AC_E_NULL, "the mailbox's options name a callback that they do not have");
  }
  if (given.order == AC_MAILBOX_CUSTOM && (given.flags & AC_MAILBOX_FLAG_CONFLATE) != 0) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "the library does not conflate in a custom mailbox; its queue may");
  }
  if (given.low != 0 && given.low >= given.high) {
    return Error(AC_E_INVALID_ARGUMENT, "the mailbox's low mark must be below its high mark");
  }
  if (given.capacity != 0 && given.high > given.capacity) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "the mailbox's high mark is above its capacity and would never be reached");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<InboxOptions>> read(const ac_mailbox_options& given) {
  if (Result<void> valid = check(given); !valid.ok()) return std::move(valid).error();
  auto options = std::make_shared<InboxOptions>();
  options->given = given;
  options->types.assign(given.types, given.types + given.types_count);
  auto& types = options->types;
  std::sort(types.begin(), types.end(),
            [](const auto& one, const auto& other) { return one.type < other.type; });
  for (std::size_t i = 0; i < types.size(); ++i) {
    if ((types[i].flags & ~(AC_MAILBOX_TYPE_CONTROL | AC_MAILBOX_TYPE_DISTINCT)) != 0) {
      return Error(AC_E_UNKNOWN_CONSTANT, "a type has a bit that is no AC_MAILBOX_TYPE flag");
    }
    if (i != 0 && types[i - 1].type == types[i].type) {
      return Error(AC_E_INVALID_ARGUMENT, "a mailbox's types have one type twice");
    }
  }
  if (given.capacity == 0) options->given.capacity = UINT64_MAX;
  if (given.high == 0) options->given.high = UINT64_MAX;
  if (given.block_ns == 0) options->given.block_ns = mailbox_block_default_ns;
  return options;
}

bool InboxOptions::is_default() const noexcept {
  return given.order == AC_MAILBOX_FIFO && given.capacity == UINT64_MAX && given.flags == 0 &&
         given.high == UINT64_MAX && given.destroy == nullptr;
}

const ac_mailbox_type* InboxOptions::type_of(const Envelope& envelope) const noexcept {
  const auto found = std::lower_bound(
      types.begin(), types.end(), envelope.type,
      [](const ac_mailbox_type& row, std::uint32_t type) { return row.type < type; });
  return found != types.end() && found->type == envelope.type ? &*found : nullptr;
}

Rank InboxOptions::rank_of(const Envelope& envelope) const noexcept {
  if (given.order == AC_MAILBOX_FIFO) return {};
  if (envelope.is_system()) return {.is_express = true};
  if (given.order == AC_MAILBOX_CONTROL_FIRST) {
    const ac_mailbox_type* type = type_of(envelope);
    return {.is_express = type != nullptr && (type->flags & AC_MAILBOX_TYPE_CONTROL) != 0};
  }
  if (given.order == AC_MAILBOX_CUSTOM) return {};
  switch (given.rank_from) {
    case AC_MAILBOX_FROM_TYPE: {
      const ac_mailbox_type* type = type_of(envelope);
      return {.number = type == nullptr ? given.rank_default : type->rank};
    }
    case AC_MAILBOX_FROM_CALLBACK:
      return {.number = given.rank(given.user, &envelope)};
    default:
      return {.number = word_of(envelope, given.rank_from, given.rank_offset, given.rank_default)};
  }
}

std::optional<InboxOptions::Key> InboxOptions::key_of(const Envelope& envelope) const noexcept {
  if ((given.flags & AC_MAILBOX_FLAG_CONFLATE) == 0 || !is_droppable(envelope)) return {};
  const ac_mailbox_type* type = type_of(envelope);
  if (type != nullptr && (type->flags & AC_MAILBOX_TYPE_DISTINCT) != 0) return {};
  switch (given.key_from) {
    case AC_MAILBOX_FROM_TYPE:
      return Key{envelope.type, 0};
    case AC_MAILBOX_FROM_CALLBACK:
      return Key{envelope.type, given.key(given.user, &envelope)};
    default:
      return Key{envelope.type, word_of(envelope, given.key_from, given.key_offset, 0)};
  }
}

}  // namespace actorcore::runtime
