// The routers of a system.
#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "runtime/system.h"

namespace actorcore::runtime {

Router* Routers::take() {
  absl::MutexLock lock(&mutex_);
  if (free_.empty()) {
    free_.reserve(all_.size() + 1);  // so that release() never allocates
    all_.push_back(std::make_unique<Router>(system_));
    free_.push_back(all_.back().get());
  }
  Router* const router = free_.back();
  free_.pop_back();
  router->uses_ = 1;
  return router;
}

void Routers::release(Router& router) noexcept {
  absl::MutexLock lock(&mutex_);
  if (--router.uses_ == 0) free_.push_back(&router);
}

Router* Routers::find(Id address) noexcept {
  absl::MutexLock lock(&mutex_);
  const auto at = by_address_.find(address.bits);
  if (at == by_address_.end()) return nullptr;
  ++at->second->uses_;
  return at->second;
}

// From here on the actor's end comes by; until then it has one of the uses.
void Routers::bind(Id address, Router& router) {
  absl::MutexLock lock(&mutex_);
  by_address_.emplace(address.bits, &router);
  ++router.uses_;
}

void Routers::add(Id routee, Router& router) {
  absl::MutexLock lock(&mutex_);
  by_routee_[routee.bits].push_back(&router);
}

void Routers::remove(Id routee, const Router& router) noexcept {
  absl::MutexLock lock(&mutex_);
  const auto at = by_routee_.find(routee.bits);
  if (at == by_routee_.end()) return;
  const auto one = std::find(at->second.begin(), at->second.end(), &router);
  if (one != at->second.end()) at->second.erase(one);
  if (at->second.empty()) by_routee_.erase(at);
}

Result<Router*> Routers::create(RouterOptions options, std::span<const ac_actor> routees,
                                std::string_view name, ac_actor& address) {
  if (system_.is_closed())
    return Error(AC_E_STOPPED, "the system is stopping; make routers before");
  // Without a behavior, for it never has anything to handle.
  SpawnOptions spawn{.dispatcher = &system_.default_dispatcher(), .name = name};
  const bool is_supervisor = options.pool && options.pool->supervisor.bits == 0;
  if (is_supervisor) spawn.children.strategy = AC_SUPERVISE_RESTART;
  Router* const router = spawn.router = take();
  router->open(std::move(options));
  // What is undone when anything fails before the actor is there; then its end does the same.
  absl::Cleanup give_back = [&] {
    router->disown();
    router->close();
    release(*router);
  };
  for (const ac_actor routee : routees) {
    if (Result<void> added = router->add({routee.bits}); !added.ok())
      return std::move(added).error();
  }
  const std::uint64_t bits = router_table().insert(router);
  if (bits == 0) return Error(AC_E_LIMIT, "the process has as many routers as it can");
  router->handle.bits = bits;
  system_.retain();
  std::move(give_back).Cancel();
  absl::Cleanup give_up = [&] {
    router->disown();
    if (address.bits == 0) router->close();  // or its actor will
    router_table().release(bits);
  };
  address = {0};
  if (Result<void> made = Spawn(system_, spawn, nullptr).run(nullptr, 1, &address); !made.ok()) {
    return std::move(made).error();
  }
  if (Result<void> filled = router->fill(nullptr); !filled.ok()) return std::move(filled).error();
  router->start();
  std::move(give_up).Cancel();
  return router;
}

void Routers::ended(Id id, bool failed) noexcept {
  for (;;) {
    Router* router = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      const auto at = by_routee_.find(id.bits);
      if (at == by_routee_.end()) break;
      router = at->second.back();
      at->second.pop_back();
      if (at->second.empty()) by_routee_.erase(at);
      ++router->uses_;
    }
    router->drop(id, failed);
    release(*router);
  }
  Router* its = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    const auto at = by_address_.find(id.bits);
    if (at == by_address_.end()) return;
    its = at->second;
    by_address_.erase(at);
  }
  its->close();
  release(*its);
}

void Routers::on_refill(void* context, std::uint64_t address) noexcept {
  auto& routers = *static_cast<Routers*>(context);
  Router* const router = routers.find({address});
  if (router == nullptr) return;
  router->refill();
  routers.release(*router);
}

void Routers::on_rescale(void* context, std::uint64_t address) noexcept {
  auto& routers = *static_cast<Routers*>(context);
  Router* const router = routers.find({address});
  if (router == nullptr) return;
  router->rescale();
  routers.release(*router);
}

}  // namespace actorcore::runtime
