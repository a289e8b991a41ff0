// GatewayWatch: the watch of one gateway, wired: rules, alerts, messages, the clock, and what
// was loaded at the start.
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "gateway/app/config.hpp"
#include "gateway/flow/alert_notifier.hpp"
#include "gateway/flow/watcher.hpp"

namespace tributary::app {

class Gateway;

class GatewayWatch {
  public:
    // The gateway outlives it. Its world is complete before begin().
    explicit GatewayWatch(Gateway& gateway);

    // Connections rest that an operator paused, and only those. Blocks.
    Result<void> restore_pauses();
    // Says in the audit trail which configuration, connectors and mappings are in force, and what changed. Blocks.
    Result<void> tell_loaded();
    // Looks every few seconds until `stop`.
    run::Task<> run(std::stop_token stop);
    // One look. Blocks.
    Result<void> look();

  private:
    store::Store& store();
    watch::Figures figures();
    Result<void> check_clock();
    flow::NotifierOptions notifier_options() const;

    Gateway& gateway_;
    std::unique_ptr<flow::Watcher> watcher_;
    std::unique_ptr<flow::AlertNotifier> notifier_;
    // When the two clocks were compared last.
    Timestamp wall_{};
    SteadyTime steady_{};
};

// Prefix of the marks that keep which connections are paused; the value is the reason.
inline constexpr std::string_view kHeldMark = "held.";
// "yes TIME" or "no TIME REASON" of the newest check of the audit trail.
inline constexpr std::string_view kVerifiedMark = "audit.verified";
Result<void> note_check(store::Session& session, bool whole, Timestamp at);

// Free and all bytes of the file system that a path lies in; zeros when that cannot be told.
std::pair<std::uint64_t, std::uint64_t> disk_room(const std::filesystem::path& path);

}  // namespace tributary::app
