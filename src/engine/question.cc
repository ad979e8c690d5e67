#include "engine/question.h"

#include <new>
#include <utility>

#include "base/sync.h"
#include "engine/tables.h"
#include "memory/buffer.h"

namespace actorcore::engine {
namespace {

// What a subsystem that failed contributes.
ac_output failed_output() {
  ac_output output{};
  output.struct_size = sizeof output;
  output.failed = 1;
  return output;
}

}  // namespace

// -- questions by handle ------------------------------------------------------------------------

Result<void> Question::answer(ac_query query, const ac_output& output) {
  const auto question = questions().pin(query.bits);
  if (!question) {
    return query.bits == 0 ? Error(AC_E_NO_HANDLE, "the question is none")
                           : Error(AC_E_STALE, "the question is no longer open");
  }
  return question->resolution_->answer(*question, output);
}

void Question::release_handle() noexcept {
  const std::shared_ptr<Resolution> last = std::move(resolution_);  // may be the end of this object
}

void Question::returned(ac_query query, ac_status status) noexcept {
  const auto question = questions().pin(query.bits);
  if (question) question->resolution_->returned(*question, status);
}

void Question::lost(ac_query query) noexcept {
  const auto question = questions().pin(query.bits);
  if (question) question->resolution_->returned(*question, AC_E_NO_REPLY);
}

// -- beginning ----------------------------------------------------------------------------------

Resolution::Resolution(const Entity& entity, const ResolveRequest& request)
    : engine_(entity.shared_engine()),
      system_(engine_->system()),
      entity_(entity.handle()),
      request_(request),
      rows_(engine_->rows_pool().take()),
      state_(entity.state(*rows_)) {
  entities().retain(entity_.bits);  // its caller has it pinned
  if (request_.context.bits != 0) memory::buffers().retain(request_.context.bits);
  if (system_ != nullptr) system_->hold();
}

Resolution::~Resolution() {
  engine_->rows_pool().give(std::move(rows_));
  entities().release(entity_.bits);
  if (request_.context.bits != 0) memory::buffers().release(request_.context.bits);
}

std::shared_ptr<Resolution> Resolution::begin(const Entity& entity, const ResolveRequest& request) {
  const auto subsystems = entity.engine().subsystems().list();
  const std::shared_ptr<Resolution> made(new Resolution(entity, request));
  ac_status status = AC_E_NO_MEMORY;
  try {
    status = made->open(*subsystems);
  } catch (const std::bad_alloc&) {  // told by the status
  }
  if (status == AC_OK) {
    made->ask_all();
  } else {
    made->conclude(status);
  }
  return made;
}

// Every question has its handle, and the deadline is set, before the first is put.
ac_status Resolution::open(const Subsystems::List& subsystems) {
  absl::MutexLock lock(&mutex_);
  questions_ = std::vector<Question>(subsystems.size());
  for (std::size_t i = 0; i < subsystems.size(); ++i) {
    Question& question = questions_[i];
    question.subsystem_ = subsystems[i];
    for (const snapshot::OutputEntry& stored : rows_->outputs()) {
      question.is_twice_ |= stored.system == subsystems[i]->name();
    }
    question.handle_.bits = questions().insert(&question);
    if (question.handle_.bits == 0) return AC_E_LIMIT;
    question.resolution_ = shared_from_this();
    ++left_;
  }
  if (system_ == nullptr || request_.deadline_ns == UINT64_MAX) return AC_OK;
  timer_keeps_ = shared_from_this();
  timer_ = system_->timers().add(request_.deadline_ns, &Resolution::on_deadline, this, 0);
  if (timer_.number != 0) return AC_OK;
  timer_keeps_.reset();
  return system_->is_closed() ? AC_E_STOPPED : AC_E_NO_MEMORY;
}

void Resolution::ask_all() noexcept {
  if (questions_.empty()) return conclude(AC_OK);
  for (Question& question : questions_) {
    if (system_ == nullptr && engine_->now() >= request_.deadline_ns) return expire();
    ask(question);
  }
}

void Resolution::ask(Question& question) noexcept {
  ac_contribute contribute{};
  {
    absl::MutexLock lock(&mutex_);
    if (question.state_ != Question::State::open) return;  // the deadline was faster
    contribute.query = question.handle_;
  }
  const Subsystem& subsystem = *question.subsystem_;
  contribute.entity = entity_;
  contribute.context = request_.context;
  contribute.system = subsystem.name();
  engine_->count(Count::asked);
  if (system_ == nullptr) return returned(question, subsystem.call(contribute));
  const ac_status status =
      system_->post(subsystem.actor(), AC_TYPE_CONTRIBUTE, 0, &contribute, sizeof contribute);
  if (status != AC_OK) returned(question, status);
}

// -- ending -------------------------------------------------------------------------------------

Result<void> Resolution::answer(Question& question, const ac_output& output) {
  absl::ReleasableMutexLock lock(&mutex_);
  if (question.state_ != Question::State::open) {
    return Error(AC_E_STALE, "the question was answered, or its resolve has ended");
  }
  if (output.system != snapshot::no_name && output.system != question.subsystem_->name()) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "the answer names another system than the one that was asked; leave it 0");
  }
  if (Result<void> stored = store(question, output); !stored.ok()) return stored;
  question.state_ = Question::State::answered;
  if (question.subsystem_->has_callback()) return {};  // which may still fail
  const bool is_last = end(question);
  lock.Release();
  if (is_last) finish();
  return {};
}

void Resolution::returned(Question& question, ac_status status) noexcept {
  bool is_last;
  {
    absl::MutexLock lock(&mutex_);
    if (question.state_ == Question::State::ended) return;
    if (question.state_ == Question::State::open || status != AC_OK) fail(question);
    is_last = end(question);
  }
  if (is_last) finish();
}

void Resolution::expire() noexcept {
  bool is_last = false;
  {
    absl::MutexLock lock(&mutex_);
    for (Question& question : questions_) {
      if (question.state_ == Question::State::open) {
        fail(question);
        engine_->count(Count::late);
      }
      if (question.state_ != Question::State::ended) is_last = end(question);
    }
  }
  if (is_last) finish();
}

void Resolution::conclude(ac_status failure) noexcept {
  {
    absl::MutexLock lock(&mutex_);
    failure_ = failure;
    for (Question& question : questions_) {
      if (question.handle_.bits != 0) static_cast<void>(end(question));
    }
  }
  finish();
}

void Resolution::on_deadline(void* context, std::uint64_t) noexcept {
  auto& resolution = *static_cast<Resolution*>(context);
  const std::shared_ptr<Resolution> keep = std::move(resolution.timer_keeps_);
  resolution.expire();
}

Result<void> Resolution::store(const Question& question, const ac_output& output) {
  ac_output own = output;
  own.system = question.subsystem_->name();
  own.priority = question.subsystem_->priority();
  const std::uint32_t origin =
      question.subsystem_->has_callback() ? AC_ORIGIN_CALLBACK : AC_ORIGIN_MESSAGE;
  return question.is_twice_ ? rows_->add(own, engine_->names(), origin)
                            : rows_->put(own, engine_->names(), origin);
}

void Resolution::fail(Question& question) noexcept {
  try {
    const Result<void> stored = store(question, failed_output());
    if (!stored.ok()) failure_ = stored.error().code;
  } catch (const std::bad_alloc&) {
    failure_ = AC_E_NO_MEMORY;
  }
}

// True for the last one: whoever ends it finishes the resolution. Somebody beside the handle holds
// us here.
bool Resolution::end(Question& question) noexcept {
  question.state_ = Question::State::ended;
  questions().release(question.handle_.bits);
  return --left_ == 0;
}

void Resolution::finish() noexcept {
  if (timer_.number != 0 && system_->timers().cancel(timer_)) timer_keeps_.reset();
  try {
    outcome_ = outcome();
  } catch (const std::bad_alloc&) {
    outcome_ = Error(AC_E_NO_MEMORY, "no memory");
  }
  runtime::System* const system = system_;
  if (request_.reply_to.bits != 0) {
    reply(*system, request_.reply_to, request_.correlation, entity_, outcome_);
  } else {
    done_.store(1, std::memory_order_release);  // R1
  }
  if (system != nullptr) system->unhold();
}

Result<ac_snapshot> Resolution::outcome() {
  absl::MutexLock lock(&mutex_);
  if (failure_ != AC_OK) return Error(failure_, "not every answer could be kept");
  if (system_ != nullptr && system_->is_stopping()) {
    return Error(AC_E_STOPPED, "the engine's system stopped while subsystems were asked");
  }
  Result<snapshot::SnapshotRef> folded =
      engine_->fold(*rows_, {.actor_id = state_.id,
                             .profile_version = state_.profile_version,
                             .strict = (request_.flags & AC_RESOLVE_STRICT) != 0});
  if (!folded.ok()) return std::move(folded).error();
  return hand_out(std::move(folded).value());
}

Result<ac_snapshot> Resolution::wait() {
  const auto is_done = [this] { return done_.load(std::memory_order_acquire) != 0; };  // R1
  if (system_ != nullptr && !system_->wait(done_)) expire();  // nobody will answer any more
  for (unsigned round = 0; !is_done(); ++round) RealSync::wait(round);  // another is finishing
  return outcome_;
}

Result<ac_receipt> Resolution::wait(const snapshot::ReceiptRequest& request) {
  const Result<ac_snapshot> resolved = wait();
  if (!resolved.ok()) return resolved.error();
  snapshots().release(resolved.value().bits);
  absl::MutexLock lock(&mutex_);  // nobody changes the rows of a resolve that has ended
  auto made = engine_->explain(
      *rows_, {.actor_id = state_.id, .profile_version = state_.profile_version}, request);
  if (!made.ok()) return std::move(made).error();
  return hand_out(std::move(made).value());
}

void reply(runtime::System& system, ac_actor to, std::uint64_t correlation, ac_entity entity,
           const Result<ac_snapshot>& outcome) noexcept {
  ac_resolved resolved{};
  resolved.entity = entity;
  if (outcome.ok()) {
    resolved.snapshot = outcome.value();
  } else {
    resolved.status = outcome.error().code;
  }
  const ac_status status = system.post(to, AC_TYPE_RESOLVED, correlation | AC_CORRELATION_REPLY,
                                       &resolved, sizeof resolved);
  if (status != AC_OK) snapshots().release(resolved.snapshot.bits);
}

}  // namespace actorcore::engine
