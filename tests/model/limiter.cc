// What a token bucket promises, in every schedule that Relacy explores.
#include "resilience/limiter.h"

#include "model/sync.h"

namespace actorcore::resilience {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 50'000;
constexpr std::uint64_t cost = 16;
constexpr unsigned burst = 3;

// Two take more than there is, and a third changes the rate meanwhile.
template <unsigned flaws>
struct Taking : rl::test_suite<Taking<flaws>, 3> {
  void thread(unsigned me) {
    if (me == 2) {
      bucket.rescale(0, cost, cost);  // to the same, so that what is given stays known
      return;
    }
    for (unsigned i = 0; i < burst; ++i) {
      if (bucket.take(0, cost, burst * cost) == 0) given[me] += 1;
    }
  }
  void after() {
    RL_ASSERT(given[0] + given[1] == burst);
    RL_ASSERT(bucket.take(cost - 1, cost, burst * cost) == 1);  // one tick too early
    RL_ASSERT(bucket.take(cost, cost, burst * cost) == 0);
  }

  TokenBucket<ModelSync<flaws>> bucket;
  unsigned given[2] = {};
};

TEST(TokenBucketModel, GivesExactlyItsBurst) { expect_correct<Taking<model::none>>(schedules); }

TEST(TokenBucketModel, FindsATakeInTwoSteps) {
  expect_found<Taking<model::torn_compare>>(schedules);
}

}  // namespace
}  // namespace actorcore::resilience
