// C++20 owners for the handles of actorcore.h, results without exceptions, typed sends; no more.
//
// Threads:    as the C function behind each member.
// Invariants: an owner is move-only and releases its handle once; a moved-from one is empty. Views
//             live as long as what they were read from. Nothing here throws, but std::string may.
// Cost:       one call of the C function; no allocation but that of a string returned.
#ifndef ACTORCORE_ACTORCORE_HPP_
#define ACTORCORE_ACTORCORE_HPP_

#include <actorcore/actorcore.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace actorcore {

inline ac_text text(std::string_view view) noexcept { return {view.data(), view.size()}; }
inline std::string_view view(ac_text text) noexcept { return {text.data, text.size}; }

// What travels as the bytes of a payload.
template <class T>
concept Payload = std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>;

template <Payload T>
ac_bytes bytes(const T& value) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

// The payload as a T, or nothing when it has another length.
template <Payload T>
std::optional<T> read(const ac_message& message) noexcept {
  if (message.length != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, ac_message_payload(&message), sizeof value);
  return value;
}

template <Payload T>
[[nodiscard]] ac_status send(ac_turn* turn, const ac_activation* from, ac_actor to,
                             std::uint32_t type, const T& value) noexcept {
  return ac_turn_send(turn, from, to, type, &value, sizeof value);
}

template <Payload T>
[[nodiscard]] ac_status reply(ac_turn* turn, const ac_activation* from, const ac_message& request,
                              std::uint32_t type, const T& value) noexcept {
  return ac_turn_reply(turn, from, &request, type, &value, sizeof value);
}

template <class H, auto release_handle>
class Owner {
 public:
  using Handle = H;

  Owner() = default;
  explicit Owner(Handle handle) noexcept : handle_(handle) {}
  Owner(Owner&& other) noexcept : handle_(other.take()) {}
  Owner& operator=(Owner&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owner() { reset(); }

  explicit operator bool() const noexcept { return handle_.bits != 0; }
  Handle get() const noexcept { return handle_; }
  Handle take() noexcept { return std::exchange(handle_, Handle{}); }
  void reset() noexcept {
    if (handle_.bits != 0) release_handle(take());
  }

 private:
  Handle handle_{};
};

inline std::string_view status_name(ac_status status) noexcept {
  ac_text name{};
  return ac_status_text(status, &name, nullptr) == AC_OK ? view(name) : "unknown status";
}

class Error : public Owner<ac_error, &ac_error_release> {
 public:
  using Owner::Owner;

  std::string_view message() const noexcept {
    ac_text message{};
    return ac_error_message(get(), &message) == AC_OK ? view(message) : std::string_view();
  }
  // The detail's key and value, or nothing past the last.
  std::optional<std::pair<std::string_view, std::string_view>> detail(
      std::uint64_t index) const noexcept {
    ac_text key{}, value{};
    if (ac_error_detail(get(), index, &key, &value) != AC_OK) return std::nullopt;
    return std::pair(view(key), view(value));
  }
};

// A value, or a status and, from calls that give one, the error behind it.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) noexcept : value_(std::move(value)) {}
  Result(ac_status status, Error error = {}) noexcept : status_(status), error_(std::move(error)) {}

  explicit operator bool() const noexcept { return value_.has_value(); }
  T& operator*() noexcept { return *value_; }
  T* operator->() noexcept { return &*value_; }
  ac_status status() const noexcept { return status_; }
  const Error& error() const noexcept { return error_; }

 private:
  std::optional<T> value_;
  ac_status status_ = AC_OK;
  Error error_;
};

struct Done {};

// A call whose last parameter is what it gives: fetch<ac_actor>(ac_system_find, system.get(),
// text("totals")).
template <class T, class Call, class... Args>
Result<T> fetch(Call call, Args... args) noexcept {
  T value{};
  if (const ac_status status = call(args..., &value); status != AC_OK) return status;
  return value;
}

// The same with an error after it, for calls that make something or explain themselves; `T` is an
// owner or a value.
template <class T, class Call, class... Args>
Result<T> control(Call call, Args... args) noexcept {
  ac_error error{};
  ac_status status;
  if constexpr (requires { typename T::Handle; }) {
    typename T::Handle handle{};
    if ((status = call(args..., &handle, &error)) == AC_OK) return T(handle);
  } else if constexpr (std::is_same_v<T, Done>) {
    if ((status = call(args..., &error)) == AC_OK) return Done{};
  } else {
    T value{};
    if ((status = call(args..., &value, &error)) == AC_OK) return value;
  }
  return {status, Error(error)};
}

// Option structs may arrive without their size.
template <class Options>
const Options* sized(Options& options) noexcept {
  options.struct_size = sizeof options;
  return &options;
}

class Buffer : public Owner<ac_buffer, &ac_buffer_release> {
 public:
  using Owner::Owner;

  // `data` is where to write, before the buffer is sent.
  static Result<Buffer> create(std::uint64_t size, std::uint8_t** data) noexcept {
    ac_buffer buffer{};
    const ac_status status = ac_buffer_create(size, &buffer, data);
    if (status != AC_OK) return status;
    return Buffer(buffer);
  }
  // One more owner of a buffer that is owned or borrowed already.
  static Result<Buffer> retain(ac_buffer buffer) noexcept {
    const ac_status status = ac_buffer_retain(buffer);
    if (status != AC_OK) return status;
    return Buffer(buffer);
  }
  std::span<const std::uint8_t> bytes() const noexcept {
    ac_bytes view{};
    if (ac_buffer_view(get(), &view) != AC_OK) return {};
    return {view.data, static_cast<std::size_t>(view.size)};
  }
};

// The reply to an ask from outside, and its buffer if it has one.
struct Reply {
  explicit Reply(const ac_message& reply) noexcept : message(reply) {
    if (reply.length <= AC_INLINE_BYTES) return;
    ac_buffer handle;
    std::memcpy(&handle, reply.data, sizeof handle);
    buffer = Buffer(handle);
  }
  ac_message message;
  Buffer buffer;
};

class System : public Owner<ac_system, &ac_system_release> {
 public:
  using Owner::Owner;

  static Result<System> create(ac_system_options options = {}) noexcept {
    return control<System>(ac_system_create, sized(options));
  }
  Result<ac_stop_report> stop(std::uint64_t timeout_ns) const noexcept {
    return control<ac_stop_report>(ac_system_stop, get(), timeout_ns);
  }
  Result<ac_dispatcher> dispatcher(ac_dispatcher_options options) const noexcept {
    return control<ac_dispatcher>(ac_dispatcher_create, get(), sized(options));
  }
  Result<ac_behavior> behavior(ac_behavior_options options) const noexcept {
    return control<ac_behavior>(ac_behavior_create, get(), sized(options));
  }
  Result<ac_actor> spawn(ac_spawn_options options) const noexcept {
    return control<ac_actor>(ac_spawn, get(), sized(options));
  }
  template <Payload T>
  [[nodiscard]] ac_status tell(ac_actor to, std::uint32_t type, const T& value) const noexcept {
    return ac_tell(get(), to, type, bytes(value));
  }
  template <Payload T>
  Result<Reply> ask(ac_actor to, std::uint32_t type, const T& value,
                    std::uint64_t timeout_ns) const noexcept {
    ac_message reply;
    const ac_status status = ac_ask(get(), to, type, bytes(value), timeout_ns, &reply);
    if (status != AC_OK) return status;
    return Reply(reply);
  }
};

class Worker : public Owner<ac_worker, &ac_worker_release> {
 public:
  using Owner::Owner;

  static Result<Worker> attach(ac_dispatcher dispatcher, std::uint32_t flags = 0) noexcept {
    return control<Worker>(ac_worker_attach, dispatcher, flags);
  }
  Result<ac_turn*> turn(std::uint64_t timeout_ns) const noexcept {
    return fetch<ac_turn*>(ac_worker_turn, get(), timeout_ns);
  }
};

class Snapshot : public Owner<ac_snapshot, &ac_snapshot_release> {
 public:
  using Owner::Owner;

  ac_snapshot_view view() const noexcept {
    ac_snapshot_view view{};
    view.struct_size = sizeof view;
    if (ac_snapshot_get(get(), &view) != AC_OK) return {};
    return view;
  }
  std::string json() const {
    std::uint64_t size = 0;
    ac_snapshot_json(get(), nullptr, 0, &size);
    std::string json(size, '\0');
    if (ac_snapshot_json(get(), json.data(), size, &size) != AC_OK) return {};
    return json;
  }
};

class Outputs : public Owner<ac_outputs, &ac_outputs_release> {
 public:
  using Owner::Owner;
};

class Entity : public Owner<ac_entity, &ac_entity_release> {
 public:
  using Owner::Owner;

  Result<Snapshot> resolve(std::uint32_t flags = 0) const noexcept {
    return control<Snapshot>(ac_resolve, get(), flags);
  }
};

class Engine : public Owner<ac_engine, &ac_engine_release> {
 public:
  using Owner::Owner;

  static Result<Engine> create(const System& system = {}, ac_engine_options options = {}) noexcept {
    return control<Engine>(ac_engine_create, system.get(), sized(options));
  }
  Result<Done> load(ac_source registry) const noexcept {
    return control<Done>(ac_engine_load, get(), sized(registry));
  }
  Result<Done> load_file(std::string_view path) const noexcept {
    return control<Done>(ac_engine_load_file, get(), text(path));
  }
  Result<Outputs> outputs(ac_source document) const noexcept {
    return control<Outputs>(ac_outputs_load, get(), sized(document));
  }
  Result<Entity> entity(ac_profile profile) const noexcept {
    return control<Entity>(ac_entity_create, get(), sized(profile));
  }
};

}  // namespace actorcore

#endif  // ACTORCORE_ACTORCORE_HPP_
