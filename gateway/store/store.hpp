// Store: durable state. What a write did is on disk when its caller hears of it, never before.
//
// Many writes share one commit (group commit, without a timer: a batch is whatever queued during the last fsync). Each
// write stands alone in it: one that returns an error is rolled back by itself and only its caller gets that error.
// A commit that fails fails every write in it. An error of the disk poisons the store for good: each later call is
// Fault::internal, and only a restart reads the truth again. A full disk is Fault::transient, and the store goes on
// when there is room. Overload is Fault::transient too: too many writes wait.
//
// Threads: every member may be called from any thread. Closures and `done` run on the engine's thread: they must be
// quick, must not block, and must not call write() or read() (write_async and accept are allowed in `done`). A write
// that is refused at once (overload, stopped, poisoned) gets its `done` on the calling thread. A stopped store answers
// Fault::transient. The destructor finishes what is queued.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/session.hpp"

namespace tributary::store {

struct StoreHealth {
    bool poisoned = false;
    std::string cause;          // when poisoned
    std::string node;           // this process among those that share the store; empty: it is alone
    bool disk_full = false;     // the newest commit found no room
    bool away = false;          // the database did not answer; it is asked again and again
    std::uint64_t queued = 0;   // writes that wait now
    std::uint64_t commits = 0;  // since the start
    std::uint64_t writes = 0;   // committed, since the start
    // Of the newest thousand commits, waiting included for the oldest write in each.
    std::chrono::microseconds commit_p50{0}, commit_p95{0}, commit_p99{0};
    // Of the newest ten seconds' commits with webhooks; 0 when there was none.
    std::chrono::microseconds webhook_p95{0};
    std::uint64_t database_bytes = 0;
    std::uint64_t log_bytes = 0;  // of the write-ahead log, where the engine has one
};

class Store {
  public:
    using Write = std::move_only_function<Result<void>(Session&)>;
    using Done = std::move_only_function<void(Result<void>)>;

    virtual ~Store() = default;

    // Returns after the durable commit.
    virtual Result<void> write(Write write) = 0;
    virtual void write_async(Write write, Done done) = 0;
    // The hot path of webhooks: as write_async with inbox().put(), without the cost of a closure's own rollback point.
    virtual void accept(InboxEntry entry, std::move_only_function<void(Result<Accepted>)> done) = 0;
    // Runs on the calling thread against a snapshot. Keep it short: an open snapshot holds back the log's truncation.
    virtual Result<void> read(std::function<Result<void>(ReadSession&)> read) = 0;

    // Empties the write-ahead log, so that what was removed is in no file any more. Waits for readers for some seconds;
    // transient when one of them still held the log. Not from a closure.
    virtual Result<void> settle_log() = 0;

    // A hint that throughput now matters more than latency (large sync): fewer, larger checkpoints. Nested calls count.
    virtual void begin_bulk() = 0;
    virtual void end_bulk() = 0;

    // Whether other processes may have it open too.
    virtual bool shared() const { return false; }
    virtual StoreHealth health() const = 0;
    // Commits what is queued, then refuses new writes. Safe to call twice.
    virtual void stop() = 0;
};

}  // namespace tributary::store
