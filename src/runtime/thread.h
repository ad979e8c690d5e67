// Thread: a long-lived thread of the library's: named, bound, with every signal blocked.
//
// Threads:    any.
// Invariants: the host's signal handling never sees our threads.
// Cost:       three system calls beside the thread's own, and a wait until it has begun.
#ifndef ACTORCORE_RUNTIME_THREAD_H_
#define ACTORCORE_RUNTIME_THREAD_H_

#include <pthread.h>
#include <signal.h>

#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/cpu.h"

namespace actorcore::runtime {

// Throws std::system_error when no thread can be had. It has its name and runs on `cpus` when this
// returns, not where the thread that starts it happens to be bound; empty is there.
template <class Run>
std::thread start_thread(std::string name, Run run, const CpuSet& cpus = {}) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited by the new thread
  try {
    name.resize(name.size() < 15 ? name.size() : 15);  // the kernel's limit
    const auto is_set_up = std::make_shared<std::latch>(1);
    std::thread thread([name = std::move(name), run = std::move(run), cpus, is_set_up]() mutable {
      pthread_setname_np(pthread_self(), name.c_str());
      // A system that binds no threads has them all run anywhere.
      if (!cpus.empty()) static_cast<void>(bind_thread(cpus));
      is_set_up->count_down();
      run();
    });
    is_set_up->wait();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
}

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_THREAD_H_
