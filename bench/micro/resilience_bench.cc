// What a limiter, a breaker and a batcher add to a call, uncontended. The look at the real clock is
// part of it, and most of it; its own row says how much.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "resilience/batcher.h"
#include "resilience/breaker.h"
#include "resilience/limiter.h"

namespace actorcore::resilience {
namespace {

void look_at_the_clock(benchmark::State& state) {
  const Clock clock(false);
  for (auto _ : state) benchmark::DoNotOptimize(clock.now());
}
BENCHMARK(look_at_the_clock);

constexpr std::uint64_t plenty = 100'000'000;  // tokens a second: never refused

void take_a_token(benchmark::State& state) {
  const Clock clock(state.range(0) == 0);
  Limiter limiter(clock, Limiter::rate_of(plenty, 1'000'000'000, std::uint64_t{1} << 50).value(),
                  0);
  std::uint64_t wait_ns;
  for (auto _ : state) benchmark::DoNotOptimize(limiter.take(0, 1, wait_ns));
}
BENCHMARK(take_a_token)->ArgName("real_clock")->Arg(0)->Arg(1);

void take_a_token_of_a_key(benchmark::State& state) {
  const Clock clock(false);
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  Limiter limiter(clock, Limiter::rate_of(plenty, 1'000'000'000, plenty).value(),
                  static_cast<std::uint32_t>(keys));
  std::uint64_t key = 1, wait_ns;
  for (auto _ : state) {
    benchmark::DoNotOptimize(limiter.take(key, 1, wait_ns));
    key = key % (2 * keys) + 1;  // every other one is new
  }
}
BENCHMARK(take_a_token_of_a_key)->Arg(100)->Arg(100'000);

// With and without a quantile to be kept.
void enter_and_leave(benchmark::State& state) {
  const Clock clock(state.range(0) == 0);
  ac_breaker_options options{};
  options.quantile = state.range(1) == 0 ? 0 : 0.99;
  Breaker breaker(clock, Breaker::complete(options).value(), 1);
  ac_permit permit;
  for (auto _ : state) {
    benchmark::DoNotOptimize(breaker.enter(permit));
    benchmark::DoNotOptimize(breaker.leave(permit, AC_OUTCOME_SUCCESS));
  }
}
BENCHMARK(enter_and_leave)->ArgNames({"real_clock", "quantile"})->ArgsProduct({{0, 1}, {0, 1}});

// Items, and what taking and ending them a batch at a time adds to each.
void put_and_take_batches(benchmark::State& state) {
  const Clock clock(false);
  Batcher batcher({.size = 64, .capacity = 1'024});
  std::array<ac_batch_item, batch_size_max> items;
  const ac_batch_item item{};
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < batch_size_max; ++i) {
      bool looks = false;
      benchmark::DoNotOptimize(batcher.put(item, clock.now(), looks));
      if (!looks) continue;
      Step step;
      batcher.look(clock.now(), false, step);
    }
    std::uint64_t count, batch;
    Step taken, ended;
    benchmark::DoNotOptimize(
        batcher.take(clock.now(), items.data(), items.size(), count, batch, taken));
    batcher.done(clock.now(), batch, AC_OK, nullptr, 0, ended);
  }
  state.SetItemsProcessed(state.iterations() * batch_size_max);
}
BENCHMARK(put_and_take_batches);

}  // namespace
}  // namespace actorcore::resilience
