// How RestSource drives an export job: each pull takes it one step further, and each step is saved in the cursor.
#include <fmt/format.h>

#include "gateway/connector/declarative/rest_source.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

// After so many failed jobs in a row the run ends; the next one begins again once the pause is over.
constexpr int kAttempts = 2;
constexpr Milliseconds kPauseAfterFailure = std::chrono::minutes(15);

Page step_taken(const Progress& progress) {
    return Page{.cursor = {progress.write()}};
}

}  // namespace

run::Task<Result<Page>> RestSource::create_job(const StreamRule& stream, Progress progress, int attempts) {
    auto scope = exchange_.scope();
    value::Document cursor;
    if (stream.cursor) {
        CO_TRY(cursor, cursor_parameter(*stream.cursor, progress));
        if (!cursor.empty()) scope.bind("cursor", cursor.root());
    }
    auto answer = co_await exchange_.call(stream.job->create, scope, {.rules = &stream.errors});
    if (!answer) co_return fail(std::move(answer.error().error).in("job.create"));
    const auto now = exchange_.now();
    JobState job{.created = now, .poll_at = now, .attempts = attempts};
    const auto taken = job.take(stream.job->save, *answer, scope);
    if (!taken) co_return fail(taken.error());
    // Whatever tells the job apart comes with it; an empty answer made none.
    if (!stream.job->save.empty() && job.saved.size() <= std::string_view("{}").size())
        co_return fail(Fault::transient, "the answer holds nothing of the job", "job.create");
    progress.started = std::min(*progress.started, net::server_now(answer->headers, now));
    progress.job = std::move(job);
    co_return step_taken(progress);
}

run::Task<Result<Page>> RestSource::advance_job(const StreamRule& stream, Progress progress) {
    const auto& rule = *stream.job;
    if (!progress.job) co_return co_await create_job(stream, std::move(progress), 1);
    auto& job = *progress.job;
    if (job.failed) {
        const auto since = exchange_.now() - job.created;
        if (job.attempts < kAttempts || since > kPauseAfterFailure)
            co_return co_await create_job(stream, progress, job.attempts < kAttempts ? job.attempts + 1 : 1);
        co_return fail(Fault::transient, "the export failed over there twice; it is tried again in 15 minutes");
    }
    if (const auto wait = job.poll_at - exchange_.now(); wait > Milliseconds(0))
        if (!co_await exchange_.setup().timers.sleep_for(std::min(wait, rule.every)))
            co_return fail(Fault::transient, "stopped while waiting for an export");
    auto scope = exchange_.scope();
    CO_TRY(const auto saved, value::parse_json(job.saved));
    scope.bind("job", saved.root());
    auto answer = co_await exchange_.call(rule.poll, scope, {.rules = &stream.errors, .resend_safe = true});
    const bool gone = !answer && answer.error().error.fault == Fault::not_found;
    if (!answer && !gone) co_return fail(std::move(answer.error().error).in("job.poll"));
    if (gone || (rule.failed && rule.failed->holds(*answer)) || exchange_.now() - job.created > rule.give_up_after) {
        exchange_.setup().log.warn("export_failed",
                                   {{"connection", exchange_.setup().connection}, {"attempt", job.attempts}});
        job.failed = true;
        co_return step_taken(progress);
    }
    const auto taken = job.take(rule.save, *answer, scope);
    if (!taken) co_return fail(taken.error());
    job.poll_at = exchange_.now() + rule.every;
    if (rule.empty && rule.empty->holds(*answer)) {
        CO_CHECK_OK(advance(progress, stream.cursor ? &*stream.cursor : nullptr, Turn{}, {}, Pager(stream.pages)));
        auto page = step_taken(progress);
        page.last = true;
        co_return page;
    }
    job.ready = rule.done.holds(*answer);
    co_return step_taken(progress);
}

run::Task<> RestSource::remove_job(const StreamRule& stream, Progress progress) {
    if (!stream.job || !stream.job->remove || !progress.job) co_return;
    auto scope = exchange_.scope();
    const auto saved = value::parse_json(progress.job->saved);
    if (!saved) co_return;
    scope.bind("job", saved->root());
    const auto answer =
        co_await exchange_.call(*stream.job->remove, scope, {.rules = &stream.errors, .resend_safe = true});
    if (!answer)
        exchange_.setup().log.warn("export_not_removed",
                                   {{"connection", exchange_.setup().connection}, {"what", answer.error().error.what}});
}

}  // namespace tributary::connector
