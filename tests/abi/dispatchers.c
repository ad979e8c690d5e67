// Where the threads of dispatchers run, how urgently and how much, and what is told of it. What
// needs two processors is not looked at on a machine with one.
#include <dirent.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host.h"

enum { tasks_max = 64, list_max = 4096 };

// -- what the kernel says -------------------------------------------------------------------------

static uint32_t allowed_cpus(uint32_t* cpus, uint32_t capacity) {
  cpu_set_t set;
  uint32_t count = 0;
  CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
  for (uint32_t cpu = 0; cpu < CPU_SETSIZE && count < capacity; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus[count++] = cpu;
  }
  return count;
}

static void read_line(const char* path, const char* key, char* line) {
  char whole[list_max];
  FILE* file = fopen(path, "r");
  line[0] = 0;
  if (file == NULL) return;  // a thread that has just ended
  while (fgets(whole, sizeof whole, file) != NULL) {
    if (strncmp(whole, key, strlen(key)) == 0) {
      strcpy(line, whole + strlen(key) + strspn(whole + strlen(key), " \t"));
      line[strcspn(line, "\n")] = 0;
    }
  }
  fclose(file);
}

// The thread's Cpus_allowed_list; 0 when there is no such thread, else its number.
static int thread_named(const char* name, char* list) {
  DIR* tasks = opendir("/proc/self/task");
  int found = 0;
  CHECK(tasks != NULL);
  for (struct dirent* task = readdir(tasks); task != NULL && found == 0; task = readdir(tasks)) {
    char path[300], own[list_max];
    snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
    read_line(path, "Name:", own);
    if (strcmp(own, name) != 0) continue;
    read_line(path, "Cpus_allowed_list:", list);
    found = atoi(task->d_name);
  }
  closedir(tasks);
  return found;
}

static void check_runs_on(const char* name, uint32_t cpu) {
  char list[list_max], expected[16];
  CHECK(thread_named(name, list) != 0);
  snprintf(expected, sizeof expected, "%u", cpu);
  CHECK(strcmp(expected, list) == 0);
}

// -- a system -------------------------------------------------------------------------------------

static ac_system_options named(const char* name, uint32_t workers) {
  const ac_system_options options = {
      .struct_size = sizeof options, .workers = workers, .name = ac_text_of(name)};
  return options;
}

static ac_system made(const ac_system_options* options) {
  ac_system system;
  CHECK_OK(ac_system_create(options, &system, NULL));
  return system;
}

static void end(ac_system system) {
  CHECK_OK(ac_system_stop(system, patience, NULL, NULL));
  ac_system_release(system);
}

static ac_cpu_set cpus_of(const uint32_t* cpus, uint64_t count) {
  const ac_cpu_set set = {.cpus = cpus, .count = count};
  return set;
}

static void check_error(ac_error error, const char* part) {
  ac_text message;
  CHECK_OK(ac_error_message(error, &message));
  CHECK(memmem(message.data, message.size, part, strlen(part)) != NULL);
  ac_error_release(error);
}

static void check_refused(ac_system system, ac_status status, ac_dispatcher_options options,
                          const char* part) {
  ac_dispatcher dispatcher;
  ac_error error;
  options.struct_size = sizeof options;
  CHECK_STATUS(status, ac_dispatcher_create(system, &options, &dispatcher, &error));
  check_error(error, part);
}

static uint64_t rows_of(ac_system system, ac_worker_stats* rows, uint64_t capacity) {
  uint64_t count;
  CHECK_OK(ac_system_workers(system, rows, capacity, &count));
  return count;
}

// -- where ----------------------------------------------------------------------------------------

TEST(pinned_workers_are_bound_to_the_processors_of_their_rows) {
  ac_system_options options = named("pin", 3);
  options.dispatcher_flags = AC_DISPATCHER_PINNED;
  const ac_system system = made(&options);
  ac_worker_stats rows[4];
  CHECK_EQ(3, rows_of(system, rows, 4));
  for (uint32_t i = 0; i < 3; ++i) {
    char name[16];
    snprintf(name, sizeof name, "pin/%u", i);
    CHECK(rows[i].cpu != 0 && rows[i].node != 0 && rows[i].is_own == 1);
    check_runs_on(name, rows[i].cpu - 1);
  }
  uint32_t cpus[CPU_SETSIZE];
  const uint32_t count = allowed_cpus(cpus, CPU_SETSIZE);
  if (count > 1) CHECK(rows[0].cpu != rows[1].cpu);
  if (count == 2) CHECK_EQ(rows[0].cpu, rows[2].cpu);
  end(system);
}

TEST(a_dispatcher_runs_on_its_processors_and_says_so) {
  uint32_t cpus[CPU_SETSIZE];
  const uint32_t last = allowed_cpus(cpus, CPU_SETSIZE) - 1;
  const ac_system_options options = named("", 1);
  const ac_system system = made(&options);
  const ac_dispatcher_options some = {.struct_size = sizeof some,
                                      .workers = 2,
                                      .name = ac_text_of("some"),
                                      .cpus = cpus_of(&cpus[last], 1)};
  ac_dispatcher dispatcher;
  CHECK_OK(ac_dispatcher_create(system, &some, &dispatcher, NULL));
  check_runs_on("some/0", cpus[last]);
  check_runs_on("some/1", cpus[last]);
  char all[list_max], own[list_max];
  read_line("/proc/self/status", "Cpus_allowed_list:", all);
  CHECK(thread_named("ac-worker/0", own) != 0);
  CHECK(strcmp(all, own) == 0);  // the default one, which was not asked for anything
  end(system);
}

TEST(what_cannot_be_is_refused_with_what_can) {
  const ac_system_options options = named("", 1);
  const ac_system system = made(&options);
  const uint32_t none[] = {1023, UINT32_MAX};
  const ac_dispatcher_options wrong[] = {
      {.cpus = {.any = 1024}},
      {.cpus = {.any = UINT64_MAX}},
      {.cpus = cpus_of(&none[1], 1)},
      {.cpus = {.cpus = none, .count = 1025}},
      {.cpus = {.cpus = none, .count = 1, .any = 1}},
      {.node = 99},
      {.node = UINT32_MAX},
      {.priority = 100},
      {.fairness = 7},
      {.fairness = 65537},
      {.flags = AC_DISPATCHER_CRITICAL},
  };
  const char* const parts[] = {
      "free for it are", "free for it are", "may not use; it can have",
      "1,024",           "one of the two",  "nodes 0",
      "nodes 0",         "at most 99",      "65,536",
      "65,536",          "critical_cpus",
  };
  for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    const ac_status status = i < 2 ? AC_E_LIMIT : AC_E_INVALID_ARGUMENT;
    check_refused(system, status, wrong[i], parts[i]);
  }
  const ac_dispatcher_options unknown = {.flags = 1u << 31};
  check_refused(system, AC_E_UNKNOWN_CONSTANT, unknown, "flags");
  ac_worker_stats row;
  CHECK_EQ(1, rows_of(system, &row, 1));  // nothing is left of them
  end(system);
  ac_system_options share = named("", 1);
  ac_system refused;
  share.cpu_share_permille = 1001;
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_system_create(&share, &refused, NULL));
}

TEST(a_machine_with_one_node_has_node_one) {
  ac_system_options options = named("", 0);
  options.node = 1;
  const ac_system system = made(&options);
  ac_usage usage;
  ac_worker_stats row;
  CHECK_OK(ac_system_usage(system, &usage));
  CHECK(usage.nodes >= 1 && usage.cpus >= 1 && usage.workers >= 1);
  CHECK(usage.workers <= usage.cpus);
  CHECK_EQ(usage.workers, rows_of(system, &row, 1));
  CHECK_EQ(1, row.node);
  end(system);
}

TEST(nothing_but_critical_workers_runs_where_they_do) {
  uint32_t cpus[CPU_SETSIZE];
  const uint32_t count = allowed_cpus(cpus, CPU_SETSIZE);
  if (count < 2) return;
  ac_system_options options = named("other", 0);
  options.critical_cpus = cpus_of(&cpus[1], 1);
  const ac_system system = made(&options);
  const ac_dispatcher_options critical = {
      .struct_size = sizeof critical, .name = ac_text_of("first"), .flags = AC_DISPATCHER_CRITICAL};
  ac_dispatcher dispatcher;
  CHECK_OK(ac_dispatcher_create(system, &critical, &dispatcher, NULL));
  check_runs_on("first/0", cpus[1]);
  ac_worker_stats rows[CPU_SETSIZE];
  CHECK_EQ(count, rows_of(system, rows, CPU_SETSIZE));  // one for each processor
  CHECK_EQ(dispatcher.bits, rows[count - 1].dispatcher.bits);
  if (count == 2) check_runs_on("other/0", cpus[0]);
  const ac_dispatcher_options named_it = {.cpus = cpus_of(&cpus[1], 1)};
  check_refused(system, AC_E_INVALID_ARGUMENT, named_it, "AC_DISPATCHER_CRITICAL");
  end(system);
}

static ac_status ask_without_reply(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  uint64_t correlation;
  const ac_actor self = activation->actor;
  if (activation->messages[0]->type != 1) {
    sem_post((sem_t*)user);
  } else {
    const ac_bytes nothing = {NULL, 0};
    CHECK_OK(
        ac_worker_ask(turn->worker, self, self, 2, nothing, UINT64_C(3600000000000), &correlation));
  }
  return AC_OK;
}

TEST(helpers_run_on_the_background_even_when_a_bound_handler_starts_them) {
  uint32_t cpus[CPU_SETSIZE];
  if (allowed_cpus(cpus, CPU_SETSIZE) < 2) return;
  ac_system_options options = named("", 1);
  options.background_cpus = cpus_of(&cpus[0], 1);
  options.cpus = cpus_of(&cpus[1], 1);
  const ac_system system = made(&options);
  sem_t handled;
  sem_init(&handled, 0, 0);
  ac_behavior behavior;
  const ac_behavior_options behave = {.struct_size = sizeof behave, .on_turn = ask_without_reply};
  CHECK_OK(ac_behavior_create(system, &behave, &behavior, NULL));
  const ac_spawn_options spawn = {
      .struct_size = sizeof spawn, .behavior = behavior, .user = (uintptr_t)&handled};
  ac_actor actor;
  CHECK_OK(ac_spawn(system, &spawn, &actor, NULL));
  CHECK_OK(ac_tell(system, actor, 1, bytes_of(NULL, 0)));
  await(&handled);
  check_runs_on("ac-worker/0", cpus[1]);
  check_runs_on("ac-timers", cpus[0]);
  CHECK_OK(ac_system_stop(system, 0, NULL, NULL));
  ac_system_release(system);
}

TEST(dispatchers_of_an_isolated_system_share_no_processor) {
  uint32_t cpus[CPU_SETSIZE], seen[CPU_SETSIZE + 1] = {0};
  const uint32_t count = allowed_cpus(cpus, CPU_SETSIZE);
  ac_system_options options = named("", 1);
  options.flags = AC_SYSTEM_ISOLATED;
  options.dispatcher_flags = AC_DISPATCHER_PINNED;
  const ac_system system = made(&options);
  const ac_dispatcher_options alone = {
      .struct_size = sizeof alone, .workers = 1, .flags = AC_DISPATCHER_PINNED};
  ac_dispatcher dispatcher;
  for (uint32_t i = 1; i < count; ++i) {
    CHECK_OK(ac_dispatcher_create(system, &alone, &dispatcher, NULL));
  }
  check_refused(system, AC_E_LIMIT, alone, "free for it are none");
  ac_worker_stats rows[CPU_SETSIZE];
  CHECK_EQ(count, rows_of(system, rows, CPU_SETSIZE));
  for (uint32_t i = 0; i < count; ++i) CHECK_EQ(0, seen[rows[i].cpu]++);
  end(system);
}

TEST(a_lent_thread_is_bound_while_it_is_lent) {
  uint32_t cpus[CPU_SETSIZE];
  const uint32_t last = allowed_cpus(cpus, CPU_SETSIZE) - 1;
  const ac_system_options options = named("", 1);
  const ac_system system = made(&options);
  const ac_dispatcher_options attached = {.struct_size = sizeof attached,
                                          .mode = AC_DISPATCHER_ATTACHED,
                                          .cpus = cpus_of(&cpus[last], 1),
                                          .flags = AC_DISPATCHER_PINNED};
  ac_dispatcher dispatcher;
  ac_worker worker;
  ac_worker_stats rows[2];
  uint32_t own[CPU_SETSIZE];
  CHECK_OK(ac_dispatcher_create(system, &attached, &dispatcher, NULL));
  CHECK_OK(ac_worker_attach(dispatcher, AC_ATTACH_PINNED, &worker, NULL));
  CHECK_EQ(1, allowed_cpus(own, CPU_SETSIZE));
  CHECK_EQ(cpus[last], own[0]);
  CHECK_EQ(2, rows_of(system, rows, 2));
  CHECK_EQ(cpus[last] + 1, rows[1].cpu);
  CHECK(rows[1].is_own == 0 && rows[1].cpu_ns != 0 && rows[1].worker.bits == worker.bits);
  ac_worker_release(worker);
  CHECK_EQ(last + 1, allowed_cpus(own, CPU_SETSIZE));
  CHECK_OK(ac_worker_attach(dispatcher, 0, &worker, NULL));  // one that may change threads
  CHECK_EQ(last + 1, allowed_cpus(own, CPU_SETSIZE));
  ac_worker_release(worker);
  CHECK_EQ(1, rows_of(system, rows, 2));  // it has gone
  end(system);
}

// -- how urgently ---------------------------------------------------------------------------------

TEST(real_time_priority_is_given_or_refused_with_what_to_do) {
  const ac_system_options options = named("", 1);
  const ac_system system = made(&options);
  const ac_dispatcher_options urgent = {
      .struct_size = sizeof urgent, .workers = 1, .name = ac_text_of("urgent"), .priority = 1};
  ac_dispatcher dispatcher;
  ac_error error;
  char list[list_max];
  const ac_status status = ac_dispatcher_create(system, &urgent, &dispatcher, &error);
  const int thread = thread_named("urgent/0", list);
  if (status == AC_OK) {
    CHECK_EQ(SCHED_FIFO, sched_getscheduler(thread) & ~SCHED_RESET_ON_FORK);
  } else {
    CHECK_STATUS(AC_E_UNSUPPORTED, status);
    check_error(error, "CAP_SYS_NICE");
    CHECK_EQ(0, thread);
  }
  end(system);
}

TEST(without_the_right_to_it_real_time_priority_is_refused_unless_optional) {
  const struct rlimit nothing = {0, 0};
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct rights[2];
  CHECK(setrlimit(RLIMIT_RTPRIO, &nothing) == 0);
  CHECK(syscall(SYS_capget, &header, rights) == 0);
  rights[0].effective &= ~(1u << CAP_SYS_NICE);
  rights[0].permitted &= ~(1u << CAP_SYS_NICE);
  CHECK(syscall(SYS_capset, &header, rights) == 0);
  const ac_system_options options = named("", 1);
  const ac_system system = made(&options);
  ac_dispatcher_options urgent = {.struct_size = sizeof urgent, .workers = 2, .priority = 50};
  check_refused(system, AC_E_UNSUPPORTED, urgent, "ulimit -r 50");
  urgent.flags = AC_DISPATCHER_PRIORITY_OPTIONAL;
  ac_dispatcher dispatcher;
  CHECK_OK(ac_dispatcher_create(system, &urgent, &dispatcher, NULL));
  urgent.flags = 0;
  urgent.mode = AC_DISPATCHER_ATTACHED;
  CHECK_OK(ac_dispatcher_create(system, &urgent, &dispatcher, NULL));
  ac_worker worker;
  ac_error error;
  CHECK_STATUS(AC_E_UNSUPPORTED, ac_worker_attach(dispatcher, AC_ATTACH_PINNED, &worker, &error));
  check_error(error, "CAP_SYS_NICE");
  CHECK_EQ(3, rows_of(system, NULL, 0));
  end(system);
}
