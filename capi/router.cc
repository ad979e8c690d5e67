#include "runtime/router.h"

#include "spawn.h"

using namespace actorcore;

namespace {

constexpr std::uint32_t virtual_nodes_default = 128;
constexpr std::uint32_t bound_percent_max = 10'000;
constexpr std::uint64_t timeout_default_ns = 5'000'000'000;
constexpr std::uint64_t interval_min_ns = 1'000'000;

Result<void> read_logic(const ac_router_options& given, runtime::RouterOptions& wanted) {
  if (given.logic > AC_ROUTE_SCATTER_GATHER) {
    return Error(AC_E_UNKNOWN_CONSTANT, "logic is no AC_ROUTE");
  }
  if (given.virtual_nodes > runtime::Router::virtual_nodes_max) {
    return Error(AC_E_LIMIT, "virtual_nodes is at most 1,024");
  }
  const std::uint32_t bound = given.load_bound_percent;
  if (bound != 0 && (bound < 100 || bound > bound_percent_max)) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "load_bound_percent is 0 or 100 to 10,000; 125 lets a routee have a quarter more");
  }
  wanted.logic = given.logic;
  wanted.virtual_nodes = given.virtual_nodes == 0 ? virtual_nodes_default : given.virtual_nodes;
  wanted.bound_percent = bound;
  wanted.key_offset = given.key_offset;
  wanted.key_size = given.key_size;
  wanted.key = given.key;
  if (given.logic == AC_ROUTE_SCATTER_GATHER) {
    wanted.timeout_ns = given.timeout_ns == 0 ? timeout_default_ns : given.timeout_ns;
  }
  return {};
}

Result<void> read_size(const ac_router_options& given, runtime::RouterOptions& wanted) {
  constexpr std::uint32_t most = runtime::Router::routees_max;
  wanted.size_min = given.pool_min == 0 ? 1 : given.pool_min;
  wanted.size_max = given.pool_max == 0 ? most : given.pool_max;
  wanted.size = given.pool_size == 0 ? wanted.size_min : given.pool_size;
  wanted.grow_above = given.grow_above;
  wanted.shrink_below = given.shrink_below;
  wanted.interval_ns = given.resize_interval_ns;
  if (wanted.size_max > most || wanted.size > most) {
    return Error(AC_E_LIMIT, "a pool has at most 4,096 routees");
  }
  if (wanted.size < wanted.size_min || wanted.size > wanted.size_max) {
    return Error(AC_E_INVALID_ARGUMENT, "pool_size lies between pool_min and pool_max");
  }
  if (wanted.interval_ns != 0 && wanted.interval_ns < interval_min_ns) {
    return Error(AC_E_INVALID_ARGUMENT, "resize_interval_ns is 0 or at least a millisecond");
  }
  if (wanted.shrink_below > wanted.grow_above) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "shrink_below is above grow_above; a pool would grow and shrink without end");
  }
  return {};
}

Result<void> read_pool(runtime::System& system, const ac_router_options& given,
                       runtime::RouterOptions& wanted) {
  if (given.spawn == nullptr) {
    const bool is_pool = given.make != nullptr || given.pool_size != 0 || given.pool_min != 0 ||
                         given.pool_max != 0 || given.grow_above != 0 || given.shrink_below != 0 ||
                         given.resize_interval_ns != 0;
    if (is_pool) return Error(AC_E_INVALID_ARGUMENT, "a pool has spawn options for its routees");
    return {};
  }
  constexpr std::uint64_t many = 2;  // so that nothing is taken that goes to one actor
  runtime::SpawnOptions& spawn = wanted.pool.emplace();
  if (Result<void> valid = capi::read_spawn(system, given.spawn, many, spawn); !valid.ok()) {
    return valid;
  }
  if (given.routees_count != 0) {
    return Error(AC_E_INVALID_ARGUMENT, "a router has routees or spawns its own, not both");
  }
  const bool is_ours = spawn.supervisor.bits == 0;
  if (is_ours && spawn.supervision.strategy == AC_SUPERVISE_DECIDE) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "a router decides nothing; name a supervisor in spawn, or another strategy");
  }
  if (given.make != nullptr) {
    spawn.make = given.make;
    spawn.user = given.user;
  }
  return read_size(given, wanted);
}

Result<void> create(runtime::System& system, const ac_router_options* options, ac_router* router,
                    ac_actor* address) {
  if (router == nullptr || address == nullptr) return capi::error_of(AC_E_NULL);
  ac_router_options given;
  if (const ac_status status = capi::read_optional(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  std::string_view name;
  if (const ac_status status = capi::read_text(given.name, runtime::names_bytes_max, name);
      status != AC_OK) {
    return Error(status, "name must be at most 255 bytes, with a pointer unless it is empty");
  }
  std::span<const ac_actor> routees;
  if (const ac_status status = capi::read_array(given.routees, given.routees_count,
                                                runtime::Router::routees_max, routees);
      status != AC_OK) {
    return Error(status, "routees is an array of at most 4,096 actors");
  }
  runtime::RouterOptions wanted;
  wanted.user = given.user;
  wanted.destroy = given.destroy;
  if (Result<void> valid = read_logic(given, wanted); !valid.ok()) return valid;
  if (Result<void> valid = read_pool(system, given, wanted); !valid.ok()) return valid;
  ac_actor id;
  auto made = system.routers().create(std::move(wanted), routees, name, id);
  if (!made.ok()) return std::move(made).error();
  *router = made.value()->handle;
  *address = id;
  return {};
}

}  // namespace

ac_status ac_router_create(ac_system system, const ac_router_options* options, ac_router* router,
                           ac_actor* address, ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error,
                    [&](runtime::System& s) { return create(s, options, router, address); });
}

void ac_router_release(ac_router router) noexcept { runtime::router_table().release(router.bits); }

ac_status ac_router_add(ac_router router, ac_actor routee, ac_error* error) noexcept {
  return capi::call(runtime::router_table(), router, error,
                    [&](runtime::Router& r) { return r.add({routee.bits}); });
}

ac_status ac_router_remove(ac_router router, ac_actor routee) noexcept {
  return capi::call(runtime::router_table(), router,
                    [&](runtime::Router& r) { return r.remove({routee.bits}); });
}

ac_status ac_router_resize(ac_router router, uint32_t size, ac_error* error) noexcept {
  return capi::call(runtime::router_table(), router, error,
                    [&](runtime::Router& r) { return r.resize(size); });
}

ac_status ac_router_routees(ac_router router, ac_routee* routees, uint64_t capacity,
                            uint64_t* count) noexcept {
  return capi::call(runtime::router_table(), router, [&](runtime::Router& r) -> ac_status {
    if (count == nullptr || (routees == nullptr && capacity != 0)) return AC_E_NULL;
    *count = r.routees({routees, static_cast<std::size_t>(capacity)});
    return AC_OK;
  });
}

ac_status ac_router_get_stats(ac_router router, ac_router_stats* stats) noexcept {
  return capi::call(runtime::router_table(), router, [&](runtime::Router& r) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = r.stats();
    return AC_OK;
  });
}
