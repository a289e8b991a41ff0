// Host: what of a gateway stays while its configuration is replaced: store and vault, threads, the HTTP client, the
// audit trail, and the counts since the start. Made of the first configuration; see config_fixed.hpp for what the later
// ones must leave as it was.
#pragma once

#include <atomic>
#include <memory>

#include "gateway/app/access_desks.hpp"
#include "gateway/app/foundation.hpp"
#include "gateway/app/public_logins.hpp"
#include "gateway/flow/act_tally.hpp"
#include "gateway/flow/audit_keeper.hpp"
#include "gateway/flow/destroyed_keys.hpp"
#include "gateway/flow/lease_losses.hpp"
#include "gateway/flow/ledger_keeper.hpp"
#include "gateway/flow/webhook_refusals.hpp"
#include "gateway/net/curl_client.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/timers.hpp"
#include "gateway/vault/blind_index.hpp"
#include "gateway/vault/subject_keys.hpp"

namespace tributary::app {

class RunningGateway;

struct Host : std::enable_shared_from_this<Host> {
    // Brings what a restored store forgot back from the outer ledger, before anybody reads it.
    static Result<std::shared_ptr<Host>> open(const Config& config, std::unique_ptr<Foundation> foundation, Log& log);
    ~Host();
    // Stops the loop and the store; what is in flight is dropped. Safe to call twice. REQUIRES: not on the loop.
    void close();

    std::unique_ptr<Foundation> foundation;
    Log& log;
    run::SystemTimers timers;
    run::Loop loop{"connectors"};
    run::Pool pool;
    net::CurlClient http;
    vault::SubjectKeys subject_keys;
    flow::DestroyedKeys destroyed{*foundation->store, subject_keys};
    vault::BlindIndex blind, suppression_index;
    PublicLogins public_logins;
    flow::AuditKeeper audit;
    std::optional<store::LockFile> ledger_lock;  // where gateways share a store each has a ledger of its own
    flow::LedgerKeeper ledger;
    AccessDesks access;
    flow::ActTally tally;
    flow::WebhookRefusals refusals;
    flow::LeaseLosses losses;
    // Set while it has faces and workers; null in a command.
    std::atomic<RunningGateway*> running = nullptr;

  private:
    Host(const Config& config, std::unique_ptr<Foundation> made, Log& log);
    bool closed_ = false;
};

}  // namespace tributary::app
