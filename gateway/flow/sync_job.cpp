#include "gateway/flow/sync_job.hpp"

#include <boost/asio/this_coro.hpp>

#include "gateway/crypto/digest.hpp"
#include "gateway/flow/lease_losses.hpp"
#include "gateway/flow/uniform.hpp"
#include "gateway/run/backoff.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/started.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

struct SyncJob::Run {
    const Connection* connection = nullptr;
    const Stream* stream = nullptr;
    SyncOptions options;
    std::uint64_t token = 0;
    std::int64_t job = 0;
    std::string cursor;  // of the newest committed page
    SyncProgress progress;
    Timestamp started;
};

namespace {

run::Task<Result<BatchResult>> commit(World& world, Process& process, Batch batch, Prepared prepared) {
    co_return co_await run::on(world.pool, [&] { return process.commit(std::move(batch), std::move(prepared)); });
}

// Waiting for longer than this is the next scheduled run's business.
constexpr Milliseconds kLongestWait = 10min;

}  // namespace

std::string lease_name(std::string_view connection, std::string_view stream) {
    return "sync:" + std::string(connection) + "/" + std::string(stream);
}

run::Task<Result<SyncProgress>> SyncJob::run(std::string connection, std::string stream, SyncOptions options,
                                             std::stop_token stop) {
    Run run;
    run.options = std::move(options);
    run.connection = world_.connection(connection);
    if (!run.connection)
        co_return fail(Fault::bad_config, "there is no connection of this name", "connection " + connection);
    auto found = run.connection->streams.find(stream);
    if (found == run.connection->streams.end())
        co_return fail(Fault::bad_config, "the connection has no stream " + stream, "connection " + connection);
    run.stream = &found->second;
    if (!run.connection->connector->source())
        co_return fail(Fault::bad_config, "connector " + run.connection->connector_name + " cannot be read from",
                       "connection " + connection);

    auto begun = co_await run::on(world_.pool, [&] { return begin(run); });
    if (!begun) co_return pass(std::move(begun), lease_name(connection, stream));
    world_.store.begin_bulk();
    std::stop_source over;
    auto keeping = run::start(co_await boost::asio::this_coro::executor, keep_lease(run, over.get_token()));
    auto outcome = co_await pages(run, stop);
    over.request_stop();
    co_await run::end(keeping);
    world_.store.end_bulk();
    co_await run::on(world_.pool, [&] { end(run, outcome); });
    if (!outcome) co_return pass(std::move(outcome), "sync of " + connection + "/" + stream);
    co_return run.progress;
}

run::Task<void> SyncJob::keep_lease(const Run& run, std::stop_token over) {
    while (co_await world_.timers.sleep_for(run.options.lease / 3, over)) {
        auto kept = co_await run::on(world_.pool, [&] {
            return world_.store.write([&](store::Session& session) -> Result<void> {
                return session.leases().extend(lease_name(run.connection->name, run.stream->name), run.token,
                                               run.options.lease, world_.clock.now());
            });
        });
        // A run that lost it commits nothing more: every commit checks the token.
        if (!kept)
            world_.log.warn(
                "lease of a sync not renewed",
                {{"connection", run.connection->name}, {"stream", run.stream->name}, {"what", kept.error().what}});
    }
}

Result<void> SyncJob::begin(Run& run) {
    const auto& connection = run.connection->name;
    const auto& stream = run.stream->name;
    run.started = world_.clock.now();
    return world_.store.write([&](store::Session& session) -> Result<void> {
        TRY(auto token, session.leases().acquire(lease_name(connection, stream), run.options.owner, run.options.lease,
                                                 run.started));
        if (!token) return fail(Fault::conflict, "another run of this stream is under way");
        run.token = *token;
        TRY(run.job, session.jobs().begin(connection, stream, run.started));
        if (run.options.from_start || run.stream->full_refresh) return session.checkpoints().remove(connection, stream);
        TRY(auto checkpoint, session.checkpoints().get(connection, stream));
        if (checkpoint) run.cursor = checkpoint->cursor;
        return {};
    });
}

void SyncJob::end(Run& run, const Result<void>& outcome) {
    store::JobRun row;
    row.id = run.job;
    row.ended_at = world_.clock.now();
    row.records = run.progress.records;
    row.unchanged = run.progress.unchanged;
    row.quarantined = run.progress.quarantined;
    row.cursor = run.cursor;
    if (!outcome) row.error = outcome.error().text();
    bool lost = false;
    auto written = world_.store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.jobs().update(row));
        const auto name = lease_name(run.connection->name, run.stream->name);
        TRY(const auto lease, session.leases().get(name));
        lost = lease && lease->token != run.token;
        return session.leases().release(name, run.token);
    });
    if (written && lost && world_.losses) world_.losses->add(LeaseLosses::Work::sync, run.connection->name, 1);
    if (!written) world_.log.error("end of a sync run not stored", written.error());
    if (outcome)
        world_.log.info("sync done", {{"connection", run.connection->name},
                                      {"stream", run.stream->name},
                                      {"records", row.records},
                                      {"unchanged", row.unchanged},
                                      {"quarantined", row.quarantined}});
    else
        world_.log.error("sync ended early", outcome.error(), {{"records", row.records}});
}

run::Task<Result<connector::Page>> SyncJob::pull(Run& run, connector::Cursor cursor, std::stop_token stop) {
    run::Backoff backoff;
    Timestamp first = world_.clock.now();
    for (unsigned tries = 1;; ++tries) {
        auto page = co_await run.connection->connector->source()->pull(run.stream->name, cursor);
        if (page || stop.stop_requested()) co_return page;
        const auto& error = page.error();
        bool waits =
            error.fault == Fault::rate_limited || error.fault == Fault::transient || error.fault == Fault::conflict;
        auto delay =
            run::next_delay(backoff, tries, first, world_.clock.now(), uniform(world_.random), error.retry_after);
        if (!waits || tries >= run.options.pull_tries || !delay || *delay > kLongestWait) co_return page;
        world_.log.warn("page pulled again", {{"connection", run.connection->name},
                                              {"stream", run.stream->name},
                                              {"fault", name_of(error.fault)},
                                              {"what", error.what},
                                              {"wait_ms", delay->count()}});
        if (!co_await world_.timers.sleep_for(*delay, stop)) co_return page;
    }
}

Batch SyncJob::batch_of(Run& run, connector::Page page) {
    Batch batch;
    batch.connection = run.connection->name;
    for (auto& record : page.records) batch.records.push_back({run.stream->name, std::move(record), {}});
    Timestamp now = world_.clock.now();
    for (auto& broken : page.broken) {
        store::NewDeadLetter letter;
        letter.stage = "read";
        letter.fault = broken.error.fault;
        letter.cause = broken.position + ": " + broken.error.text();
        letter.connection = batch.connection;
        letter.stream = run.stream->name;
        letter.record_key = broken.position;
        letter.subject = world_.blind.subject_of(batch.connection, "row", broken.position);
        letter.record = record_uid(world_.blind, {batch.connection, run.stream->name, "broken " + broken.position});
        letter.operation = "upsert";
        letter.op_key = crypto::sha256(broken.raw);
        letter.mapping_version = run.stream->plan->version();
        letter.clear = std::move(broken.raw);
        letter.first_failed_at = letter.last_failed_at = now;
        letter.attempts = 1;
        batch.broken.push_back(std::move(letter));
    }
    batch.checkpoint = store::Checkpoint{batch.connection, run.stream->name, page.cursor.json, "{}", now};
    batch.fence = Batch::Fence{lease_name(batch.connection, run.stream->name), run.token, run.options.lease};
    return batch;
}

Result<void> SyncJob::settle(Run& run, const Result<BatchResult>& result) {
    if (!result) return fail(result.error());
    auto& progress = run.progress;
    progress.records += result->records;
    progress.changed += result->changed;
    progress.unchanged += result->unchanged;
    progress.stale += result->stale;
    progress.skipped += result->skipped;
    progress.quarantined += result->quarantined;
    ++progress.pages;
    if (run.options.on_page) run.options.on_page(progress);
    return {};
}

run::Task<Result<void>> SyncJob::pages(Run& run, std::stop_token stop) {
    std::optional<run::Started<Result<BatchResult>>> committing;  // of the page before
    std::string committing_cursor;
    // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines): it is awaited here, before its captures end
    auto finish = [&]() -> run::Task<Result<void>> {
        if (!committing) co_return Result<void>{};
        auto result = co_await run::end(*committing);
        committing.reset();
        if (result) run.cursor = committing_cursor;
        co_return settle(run, result);
    };
    auto executor = co_await boost::asio::this_coro::executor;
    connector::Cursor cursor{run.cursor};
    Result<void> outcome;
    for (bool last = false; !last && !stop.stop_requested();) {
        auto page = co_await pull(run, cursor, stop);
        if (!page) {
            outcome = pass(std::move(page));
            break;
        }
        last = page->last;
        if (page->total) run.progress.total = page->total;
        if (!last && page->records.empty() && page->broken.empty() && page->cursor.json == cursor.json) {
            outcome = fail(Fault::bad_config,
                           "the source gave an empty page with the same cursor again: its paging never ends");
            break;
        }
        cursor = page->cursor;
        auto batch = batch_of(run, std::move(*page));
        auto prepared = co_await run::on(world_.pool, [&] { return process_.prepare(batch); });
        outcome = co_await finish();
        if (!outcome) break;
        committing_cursor = cursor.json;
        committing.emplace(run::start(executor, commit(world_, process_, std::move(batch), std::move(prepared))));
    }
    auto ended = co_await finish();
    if (!ended && outcome) outcome = std::move(ended);
    co_return outcome;
}

}  // namespace tributary::flow
