// SyncJob: one run over one stream of one connection: pull a page, process it, save its checkpoint with its records,
// until the source has nothing more. May be killed anywhere: the next run goes on after the last committed page.
//
// While page n commits, page n + 1 is pulled and mapped. A lease with a fencing token keeps a second run of the same
// stream out; a run that lost its lease commits nothing more.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "gateway/flow/process.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

struct SyncProgress {
    std::uint64_t records = 0, changed = 0, unchanged = 0, stale = 0, skipped = 0, quarantined = 0;
    std::uint64_t pages = 0;
    std::optional<std::uint64_t> total;  // the source's own count, when it tells
};

struct SyncOptions {
    bool from_start = false;  // forget the checkpoint: a full read
    std::string owner = "gateway";
    // Renewed while the run lasts: so long nobody else goes on with the work of a process that died.
    Milliseconds lease{std::chrono::seconds{30}};
    unsigned pull_tries = 5;  // of one page, before the run ends with its error
    std::function<void(const SyncProgress&)> on_page;
};

class SyncJob {
  public:
    SyncJob(World& world, Process& process) : world_(world), process_(process) {}

    // conflict: another run of this stream is under way. Other errors end the run; what was committed stays, and the
    // next run goes on from there. A stop ends it after the page at hand.
    run::Task<Result<SyncProgress>> run(std::string connection, std::string stream, SyncOptions options,
                                        std::stop_token stop = {});

  private:
    struct Run;
    run::Task<Result<void>> pages(Run& run, std::stop_token stop);
    // Until `over`: a page may take longer than a lease lasts, and so may the rest before it is asked for again.
    run::Task<void> keep_lease(const Run& run, std::stop_token over);
    run::Task<Result<connector::Page>> pull(Run& run, connector::Cursor cursor, std::stop_token stop);
    Batch batch_of(Run& run, connector::Page page);
    Result<void> settle(Run& run, const Result<BatchResult>& result);
    Result<void> begin(Run& run);
    void end(Run& run, const Result<void>& outcome);

    World& world_;
    Process& process_;
};

std::string lease_name(std::string_view connection, std::string_view stream);

}  // namespace tributary::flow
