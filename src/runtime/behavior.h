// Behavior: a registered table of callbacks.
//
// Threads:    immutable.
// Invariants: lives as long as its system.
// Cost:       one indirect call a turn.
#ifndef ACTORCORE_RUNTIME_BEHAVIOR_H_
#define ACTORCORE_RUNTIME_BEHAVIOR_H_

#include <string>

#include "actorcore/actorcore.h"
#include "base/handle_table.h"

namespace actorcore::runtime {

class System;

class Behavior {
 public:
  Behavior(System& owner, ac_on_turn on_turn, ac_destroy on_destroy, std::string what)
      : system_(owner), on_turn_(on_turn), destroy_(on_destroy), name_(std::move(what)) {}

  System& system() const noexcept { return system_; }
  const std::string& name() const noexcept { return name_; }
  ac_status run(std::uintptr_t user, ac_turn& turn, ac_activation& activation) const noexcept {
    return on_turn_(user, &turn, &activation);
  }
  void destroy(std::uintptr_t user) const noexcept {
    if (destroy_ != nullptr) destroy_(user);
  }

  void release_handle() noexcept {}  // ends with its system
  ac_behavior handle{0};

 private:
  System& system_;
  const ac_on_turn on_turn_;
  const ac_destroy destroy_;
  const std::string name_;
};

using BehaviorTable = HandleTable<Behavior, HandleKind::behavior>;
BehaviorTable& behaviors();

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_BEHAVIOR_H_
