// hello: one actor, four messages to it, and the ledger that accounts for them.
#include <actorcore/actorcore.hpp>

#include <cstdio>
#include <cstdlib>

namespace ac = actorcore;

enum : std::uint32_t { greet = 1, finish };

struct Greeter {
  unsigned greeted = 0;

  static ac_status on_turn(std::uintptr_t user, ac_turn*, ac_activation* activation) {
    auto& self = *reinterpret_cast<Greeter*>(user);
    for (const ac_message* message : std::span(activation->messages, activation->count)) {
      if (message->type == greet) {
        const auto* name = reinterpret_cast<const char*>(ac_message_payload(message));
        std::printf("hello, %.*s\n", static_cast<int>(message->length), name);
        ++self.greeted;
      } else {
        std::printf("greeted %u\n", self.greeted);
        activation->flags |= AC_ACTIVATION_STOP;
      }
    }
    return AC_OK;
  }
  static void destroy(std::uintptr_t user) { delete reinterpret_cast<Greeter*>(user); }
};

// The value, or the end of the program with the error's own words.
template <class T>
T must(ac::Result<T> result) {
  if (result) return std::move(*result);
  const std::string_view name = ac::status_name(result.status());
  const std::string_view why = result.error().message();
  std::fprintf(stderr, "hello: %.*s: %.*s\n", static_cast<int>(name.size()), name.data(),
               static_cast<int>(why.size()), why.data());
  std::exit(1);
}

int main() {
  const ac::System system = must(ac::System::create());
  const ac_behavior behavior = must(system.behavior(
      {.on_turn = Greeter::on_turn, .destroy = Greeter::destroy, .name = ac::text("c++ Greeter")}));
  const ac_actor greeter =
      must(system.spawn({.behavior = behavior,
                         .user = reinterpret_cast<std::uintptr_t>(new Greeter),
                         .name = ac::text("greeter")}));
  for (const std::string_view name : {"Ada", "Grace", "Katherine"}) {
    ac_tell(system.get(), greeter, greet,
            {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
  }
  ac_tell(system.get(), greeter, finish, {});
  must(system.stop(5'000'000'000));
  const auto ledger = must(ac::fetch<ac_ledger>(ac_system_ledger, system.get()));
  std::printf("accepted %llu, handled %llu\n", static_cast<unsigned long long>(ledger.accepted),
              static_cast<unsigned long long>(ledger.handled));
}
