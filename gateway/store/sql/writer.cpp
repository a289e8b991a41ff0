#include "gateway/store/sql/writer.hpp"

#include <algorithm>
#include <exception>

namespace tributary::store {
namespace {

// How long the queue must stay empty before the engine is tidied up.
constexpr std::chrono::milliseconds kIdle{1000};
// What was slow longer ago says nothing about the next commit.
constexpr std::chrono::seconds kRecent{10};

std::chrono::microseconds between(SteadyTime begin, SteadyTime end) {
    return std::chrono::duration_cast<std::chrono::microseconds>(end - begin);
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, std::unique_ptr<Upkeep> upkeep, DeadLetterLimits letters,
               WriterLimits limits, const Clock& clock, Log& log)
    : connection_(std::move(connection)),
      session_(*connection_, letters),
      upkeep_(std::move(upkeep)),
      limits_(limits),
      clock_(clock),
      log_(log),
      thread_([this] { run(); }) {}

Writer::~Writer() {
    stop();
}

void Writer::submit(Store::Write write, Store::Done done) {
    enqueue({WriteJob{std::move(write), std::move(done), {}}, clock_.steady()});
}

void Writer::submit(InboxEntry entry, AcceptDone done) {
    enqueue({AcceptJob{std::move(entry), std::move(done), Accepted::fresh}, clock_.steady()});
}

void Writer::enqueue(Job job) {
    std::optional<Error> refusal;
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (poison_)
            refusal = poison_;
        else if (stopping_)
            refusal = Error{Fault::transient, "the store is stopped"};
        else if (waiting_ >= limits_.queue)
            refusal = Error{Fault::transient, "too many writes wait for the disk: try again later"};
        if (!refusal) {
            queue_.push_back(std::move(job));
            ++waiting_;
            wake = std::exchange(asleep_, false);
        }
    }
    if (wake) wake_.notify_one();
    if (refusal) {
        fail_job(job, *refusal);
        answer(job);
    }
}

void Writer::settle_log(Store::Done done) {
    bool wake = false;
    Store::Done refused;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || poison_) {
            refused = std::move(done);
        } else {
            settles_.push_back(std::move(done));
            wake = std::exchange(asleep_, false);
        }
    }
    if (wake) wake_.notify_one();
    if (refused) refused(fail(Fault::transient, "the store is stopped"));
}

bool Writer::is_accept(const Job& job) {
    return std::holds_alternative<AcceptJob>(job.work);
}

void Writer::answer(Job& job) {
    std::visit(
        [](auto& work) {
            if (work.done) work.done(std::move(work.outcome));
        },
        job.work);
}

void Writer::fail_job(Job& job, const Error& error) {
    std::visit([&](auto& work) { work.outcome = fail(error); }, job.work);
}

void Writer::run() {
    std::vector<Job> jobs;
    while (take(jobs)) {
        for (std::span rest(jobs); !rest.empty();) {
            const auto size = std::min(rest.size(), limits_.batch);
            commit(rest.first(size));
            rest = rest.subspan(size);
        }
        jobs.clear();
    }
    if (!poisoned()) keep_up(upkeep_->settle());
}

bool Writer::take(std::vector<Job>& into) {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return !queue_.empty() || stopping_ || !settles_.empty(); };
    while (!ready() || !settles_.empty()) {
        if (!settles_.empty()) {
            auto waiting = std::exchange(settles_, {});
            lock.unlock();
            keep_up(upkeep_->settle());
            for (auto& done : waiting) done({});
            lock.lock();
            continue;
        }
        asleep_ = true;
        if (upkeep_->has_work() && !poison_) {
            if (wake_.wait_for(lock, kIdle, ready)) continue;
            lock.unlock();
            keep_up(upkeep_->settle());
            lock.lock();
            // Still held up by a reader: the next commit tries again.
            if (upkeep_->has_work() && !ready()) wake_.wait(lock, ready);
        } else {
            wake_.wait(lock, ready);
        }
    }
    asleep_ = false;
    std::swap(queue_, into);
    return !into.empty();
}

void Writer::commit(std::span<Job> jobs) {
    const auto losses = connection_->losses();
    auto done = apply(jobs);
    if (connection_->losses() != losses) reached_ = clock_.steady();
    if (!done) {
        const bool spoilt = !unusable() && jobs.size() > 1 && std::ranges::all_of(jobs, is_accept);
        session_.roll_back();
        if (spoilt) return commit_alone(jobs);
        if (connection_->broken()) poison(done.error());
        for (auto& job : jobs) fail_job(job, done.error());
    }
    {
        const std::lock_guard lock(mutex_);
        disk_full_ = connection_->full();
        if (done) {
            const auto now = clock_.steady();
            // Who waited for an engine that was away has not met a slow one.
            times_.add(between(std::max(jobs.front().queued, reached_), now), now);
            ++commits_;
            writes_ += jobs.size();
        }
    }
    for (auto& job : jobs) answer(job);
    waiting_ -= jobs.size();
    if (done)
        keep_up(upkeep_->after_commit(bulk_ > 0));
    else if (connection_->full())
        keep_up(upkeep_->settle());
    connection_->clear_full();
}

// One webhook spoilt the transaction for all: each gets one of its own.
void Writer::commit_alone(std::span<Job> jobs) {
    for (std::size_t i = 0; i < jobs.size(); ++i) commit(jobs.subspan(i, 1));
}

// An error here is one of the whole batch.
Result<void> Writer::apply(std::span<Job> jobs) {
    if (auto cause = poisoned()) return fail(*cause);
    CHECK_OK(session_.begin());
    if (auto* alone = std::get_if<WriteJob>(&jobs.front().work); alone && jobs.size() == 1) return apply_alone(*alone);
    for (auto at = jobs.begin(); at != jobs.end();) {
        const auto next = std::find_if_not(at, jobs.end(), is_accept);
        if (next == at) {
            CHECK_OK(apply_marked(std::get<WriteJob>((at++)->work)));
        } else {
            CHECK_OK(apply_accepts({at, next}));
            at = next;
        }
    }
    return finish();
}

Result<void> Writer::apply_accepts(std::span<Job> jobs) {
    std::vector<Acceptance> entries;
    entries.reserve(jobs.size());
    for (auto& job : jobs) {
        auto& accept = std::get<AcceptJob>(job.work);
        entries.push_back({&accept.entry, &accept.outcome});
    }
    CHECK_OK(session_.inbox().accept(entries));
    for (const auto& one : entries)
        if (!*one.outcome && (unusable() || connection_->failed())) return fail(one.outcome->error());
    return session_.inbox().note_counts();
}

Result<void> Writer::apply_alone(WriteJob& job) {
    job.outcome = run_write(job);
    if (job.outcome) return finish();
    if (unusable()) return fail(job.outcome.error());
    session_.roll_back();
    return {};
}

Result<void> Writer::finish() {
    return session_.commit();
}

Result<void> Writer::apply_marked(WriteJob& job) {
    CHECK_OK(session_.mark());
    job.outcome = run_write(job);
    if (job.outcome) return session_.leave_mark();
    if (unusable()) return fail(job.outcome.error());
    return session_.roll_back_to_mark();
}

Result<void> Writer::run_write(WriteJob& job) {
    try {
        auto outcome = job.write(session_);
        // A write that overlooked such an error must not be taken for a success.
        if (outcome && (unusable() || connection_->failed()))
            return fail(Fault::internal, "a write overlooked an error of the database");
        return outcome;
    } catch (const std::exception& thrown) {
        log_.error("store.write_threw", {{"type", typeid(thrown).name()}});
        return fail(Fault::internal, "a write threw an exception");
    }
}

// The transaction cannot go on: it has no room, the store is broken, or the engine gave it up.
bool Writer::unusable() const {
    return connection_->full() || connection_->broken() || !connection_->in_transaction();
}

void Writer::keep_up(Result<void> done) {
    if (!done) poison(done.error());
}

void Writer::poison(const Error& cause) {
    const std::lock_guard lock(mutex_);
    if (poison_) return;
    poison_ = Error{Fault::internal, cause.what + ": the store stopped, restart the gateway to read what is on disk",
                    cause.where};
    log_.error("store.poisoned", cause);
}

std::optional<Error> Writer::poisoned() const {
    const std::lock_guard lock(mutex_);
    return poison_;
}

void Writer::health(StoreHealth& into) const {
    const std::lock_guard lock(mutex_);
    into.poisoned = poison_.has_value();
    if (poison_) into.cause = poison_->what;
    into.disk_full = disk_full_;
    into.away = connection_->away();
    into.queued = waiting_;
    into.commits = commits_;
    into.writes = writes_;
    const auto times = times_.percentiles({50, 95, 99}, SteadyTime::min());
    into.commit_p50 = times[0];
    into.commit_p95 = times[1];
    into.commit_p99 = times[2];
    into.webhook_p95 = times_.percentiles({95}, clock_.steady() - kRecent)[0];
}

void Writer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

}  // namespace tributary::store
