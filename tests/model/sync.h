// ModelSync: the atomics through which Relacy explores the shipping templates, and ways to break
// them on purpose.
//
// Threads:    Relacy's fibres: one runs at a time, switched by its scheduler at every operation.
// Invariants: without a flaw this is exactly what the code asks for. A flaw weakens or tears one
//             kind of operation, and a test that explores it must find a failure: so the
//             exploration is known to be able to fail.
// Cost:       a second a test; loads may return any value that C++'s memory model lets them.
#ifndef ACTORCORE_MODEL_SYNC_H_
#define ACTORCORE_MODEL_SYNC_H_

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>

// Last, for its macros.
#include <relacy/relacy.hpp>
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst

namespace actorcore::model {

// Flaws are added up.
enum Flaw : unsigned {
  none = 0,
  relaxed_load = 1,
  relaxed_store = 2,
  relaxed_exchange = 4,  // and fetch_add
  relaxed_compare = 8,
  torn_exchange = 16,  // a load, then a store
  torn_compare = 32,
  no_fence = 64,
  torn_add = 128,  // fetch_add and fetch_sub
};

template <unsigned flaws = none>
struct ModelSync {
  template <class T>
  class Atomic {
   public:
    Atomic() { value_.store(T(), rl::mo_relaxed, $); }
    Atomic(T value) { value_.store(value, rl::mo_relaxed, $); }

    T load(std::memory_order order) const { return value_.load(weak(relaxed_load, order), $); }
    void store(T value, std::memory_order order) {
      value_.store(value, weak(relaxed_store, order), $);
    }
    T exchange(T value, std::memory_order order) {
      if constexpr ((flaws & torn_exchange) != 0) {
        const T before = value_.load(rl::mo_seq_cst, $);
        value_.store(value, rl::mo_seq_cst, $);
        return before;
      }
      return value_.exchange(value, weak(relaxed_exchange, order), $);
    }
    T fetch_add(T value, std::memory_order order) {
      if constexpr ((flaws & torn_add) != 0) return torn_sum(value);
      return value_.fetch_add(value, weak(relaxed_exchange, order), $);
    }
    T fetch_sub(T value, std::memory_order order) {
      if constexpr ((flaws & torn_add) != 0) return torn_sum(T() - value);
      return value_.fetch_sub(value, weak(relaxed_exchange, order), $);
    }
    bool compare_exchange_strong(T& expected, T value, std::memory_order order,
                                 std::memory_order failure) {
      if constexpr ((flaws & torn_compare) != 0) return torn(expected, value);
      return value_.compare_exchange_strong(expected, value, weak(relaxed_compare, order), $,
                                            weak(relaxed_compare, failure), $);
    }
    bool compare_exchange_weak(T& expected, T value, std::memory_order order,
                               std::memory_order failure) {
      if constexpr ((flaws & torn_compare) != 0) return torn(expected, value);
      return value_.compare_exchange_weak(expected, value, weak(relaxed_compare, order), $,
                                          weak(relaxed_compare, failure), $);
    }

    rl::atomic<T>& raw() { return value_; }

   private:
    friend struct ModelSync;
    bool torn(T& expected, T value) {
      const T before = value_.load(rl::mo_seq_cst, $);
      if (before == expected) {
        value_.store(value, rl::mo_seq_cst, $);
        return true;
      }
      expected = before;
      return false;
    }

    T torn_sum(T value) {
      const T before = value_.load(rl::mo_seq_cst, $);
      value_.store(before + value, rl::mo_seq_cst, $);
      return before;
    }

    rl::atomic<T> value_;
    // Of the threads that sleep here. Plain, for fibres switch at Relacy's operations only.
    int sleepers_ = 0;
    int woken_ = 0;
  };

  static void wait(unsigned) { rl::yield(1, $); }
  static void back_off(unsigned&) { rl::yield(1, $); }

  // futex(2): the look and the falling asleep are one step, and the look is at the newest value.
  static void sleep(Atomic<std::uint32_t>& word, std::uint32_t expected, std::uint64_t) {
    if (word.value_.fetch_add(0, rl::mo_seq_cst, $) != expected) return;
    ++word.sleepers_;
    while (word.woken_ == 0) rl::yield(1, $);
    --word.woken_;
  }
  static void wake(Atomic<std::uint32_t>& word, std::int32_t count) {
    word.value_.fetch_add(0, rl::mo_relaxed, $);
    while (word.sleepers_ > 0 && count-- > 0) {
      --word.sleepers_;
      ++word.woken_;
    }
  }

  static void fence() {
    if constexpr ((flaws & no_fence) == 0) rl::atomic_thread_fence(rl::mo_seq_cst, $);
  }

 private:
  static rl::memory_order weak(unsigned flaw, std::memory_order order) {
    if ((flaws & flaw) != 0) return rl::mo_relaxed;
    switch (order) {
      case std::memory_order_relaxed:
        return rl::mo_relaxed;
      case std::memory_order_consume:
        return rl::mo_consume;
      case std::memory_order_acquire:
        return rl::mo_acquire;
      case std::memory_order_release:
        return rl::mo_release;
      case std::memory_order_acq_rel:
        return rl::mo_acq_rel;
      default:
        return rl::mo_seq_cst;
    }
  }
};

// Explores `Suite` and returns what Relacy found: "SUCCESS", or a failure's name and its history.
template <class Suite>
std::string explore(unsigned schedules, rl::scheduler_type_e search = rl::sched_random) {
  rl::ostringstream report;  // its memory is not what Relacy accounts for
  rl::test_params params;
  params.iteration_count = schedules;
  params.output_stream = &report;
  params.progress_stream = &report;
  params.search_type = search;
  params.context_bound = 3;
  params.execution_depth_limit = 4000;
  rl::simulate<Suite>(params);
  if (params.test_result == rl::test_result_success) return "SUCCESS";
  return std::string(rl::test_result_str(params.test_result)) + "\n" + report.str().c_str();
}

template <class Suite>
void expect_correct(unsigned schedules) {
  EXPECT_EQ("SUCCESS", explore<Suite>(schedules));
}

// The exploration must find the planted flaw.
template <class Suite>
void expect_found(unsigned schedules) {
  EXPECT_NE("SUCCESS", explore<Suite>(schedules));
}

}  // namespace actorcore::model

#endif  // ACTORCORE_MODEL_SYNC_H_
