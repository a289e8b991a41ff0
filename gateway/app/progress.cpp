#include "gateway/app/progress.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "gateway/app/arguments.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/tell_act.hpp"
#include "gateway/flow/sync_job.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

std::string progress_line(std::uint64_t records, std::optional<std::uint64_t> total, double seconds) {
    double rate = seconds > 0 ? static_cast<double>(records) / seconds : 0;
    if (!total || *total == 0) return fmt::format("{} records  {:.0f}/s", records, rate);
    double share = std::min(1.0, static_cast<double>(records) / static_cast<double>(*total));
    auto filled = static_cast<std::size_t>(std::lround(share * 30));
    std::string bar = std::string(filled, '#') + std::string(30 - filled, ' ');
    double left = rate > 0 ? static_cast<double>(*total - std::min(*total, records)) / rate : 0;
    return fmt::format("[{}] {:3.0f} %  {} of {} records  {:.0f}/s  ETA {:.0f} s", bar, share * 100, records, *total,
                       rate, left);
}

Result<value::Document> sync_with_progress(Gateway& gateway, value::Node arguments, bool show) {
    TRY(auto connection, needed_text(arguments, "connection"));
    TRY(auto stream, needed_text(arguments, "stream"));
    flow::SyncOptions options;
    TRY(options.from_start, flag_argument(arguments, "from_start"));
    auto began = std::chrono::steady_clock::now();
    if (show)
        options.on_page = [began](const flow::SyncProgress& progress) {
            std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
            std::cerr << "\r\033[K" << progress_line(progress.records, progress.total, took.count()) << std::flush;
        };
    gateway.loop().start();
    CHECK_OK(run::run_blocking(
        gateway.loop(),
        tell_act(gateway, access::local_operator(), "sync.run",
                 {{"connection", connection}, {"stream", stream}, {"from_start", options.from_start ? "yes" : "no"}})));
    flow::SyncJob job(gateway.world(), gateway.process());
    auto progress = run::run_blocking(gateway.loop(), job.run(connection, stream, options));
    if (show) std::cerr << '\n';
    if (!progress) return pass(std::move(progress));
    return sync_result(*progress);
}

}  // namespace tributary::app
