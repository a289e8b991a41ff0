// SyncScheduler: runs each stream's sync when its cron says so. What fell due while the gateway was down runs once, at
// the start, and a run that was cut off by a death goes on as soon as its lease is free. A run that lasts beyond its
// next time delays it: a stream never overlaps itself. Of several gateways on one store the first begins a run, and the
// others look at its history every few seconds.
//
// Between two runs a source that can tell when there is something new is listened to, and its word starts a run at
// once; so does wake(). After a run that failed it is not listened to for a minute, so that it cannot make a broken
// stream spin.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <utility>

#include "gateway/flow/process.hpp"
#include "gateway/flow/sync_job.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/run/due_time.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

class SyncScheduler {
  public:
    SyncScheduler(World& world, Process& process) : world_(world), process_(process) {}
    // One of these for each scheduled stream, on the connectors' executor; ends at `stop` after the page at hand.
    run::Task<> run(std::string connection, std::string stream, std::stop_token stop);

    // A webhook says that there is something new. False: nothing runs this stream on a schedule, so nobody heard it.
    // Called on the connectors' executor.
    bool wake(const std::string& connection, const std::string& stream);

  private:
    struct Bell {
        bool rung = false;
        std::stop_source rest;  // cuts the rest at hand short
    };
    // When the next run is due, by the history of the stream.
    Timestamp due(const std::string& connection, const std::string& stream, run::DueTime& time);
    std::string cursor(const std::string& connection, const std::string& stream);
    enum class Woken { by_time, by_source, by_stop };
    // At most for so long. `listen`: to the source, when it can tell; cleared when it could not.
    run::Task<Woken> rest(const std::string& connection, const std::string& stream, Milliseconds duration, bool& listen,
                          std::stop_token stop);
    World& world_;
    Process& process_;
    std::map<std::pair<std::string, std::string>, Bell> bells_;  // of the streams that are run
};

}  // namespace tributary::flow
