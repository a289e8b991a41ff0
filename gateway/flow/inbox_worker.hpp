// InboxWorker: turns kept webhook bodies into records, in the order in which they were accepted. One worker for the
// whole inbox; a batch of entries of one connection is one run of the process step.
#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>

#include "gateway/flow/process.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

class InboxWorker {
  public:
    InboxWorker(World& world, Process& process) : world_(world), process_(process) {}

    // Works until `stop`. Wakes at wake(), and by itself every second.
    run::Task<> run(std::stop_token stop);
    void wake() { work_.store(true); }
    // A webhook that was kept says that a stream of a connection has something new. Called once its batch is
    // committed, on the loop of run().
    std::function<void(const std::string& connection, const std::string& stream)> on_news;
    // One round: claims, processes, commits. How many entries it took; the tests' and commands' entrance.
    run::Task<Result<std::size_t>> round();

  private:
    run::Task<> take_in(const Connection& connection, std::vector<store::ClaimedEntry> entries);
    run::Task<Result<connector::SourceRecord>> fetched(const Connection& connection,
                                                       const connector::InboundEvent& event);
    Result<std::vector<connector::InboundEvent>> decode(const Connection& connection, const store::ClaimedEntry& entry,
                                                        std::string& body);
    void quarantine(Batch& batch, const store::ClaimedEntry& entry, const std::string& body, const Error& error);
    // Gives entries back for a later round. A store that is full cannot take that note: it is owed until it can, for an
    // entry that stays claimed would wait for the end of its lease.
    run::Task<> postpone(std::vector<store::ClaimedEntry> entries, Error error);
    Result<void> settle();

    World& world_;
    Process& process_;
    struct Owed {
        std::int64_t id;
        Timestamp at;
        std::string error;
    };
    std::vector<Owed> owed_;  // notes that the store did not take yet
    std::atomic<bool> work_ = true;
    bool careful_ = true;  // the next round claims one entry: the oldest tells whether claimers died before
};

}  // namespace tributary::flow
