// Ingest: the webhook face's decisions: route, verify over the raw bytes, keep durably, then answer. A 2xx for an event
// is given only after its commit; every refusal has a reason code that metrics count.
//
// Threads: handle() runs on any of the server's loops and never blocks; the store answers through accept().
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <variant>

#include "gateway/flow/webhook_refusals.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/net/http.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

struct IngestLimits {
    // More writes than this waiting for the store, or webhooks' commits slower than this just now, and senders are
    // asked to come back.
    std::uint64_t max_queued = 20'000;
    Milliseconds max_webhook_p95{1000};
    // How long a sender waits for the commit of its webhook. It may come all the same: what is sent again is known.
    Milliseconds longest_commit{8000};
};

class Ingest {
  public:
    // `public_url` is the address senders know, without a trailing slash: some sign it.
    // `connectors` is where connections run: a webhook whose sender's keys are lacking has them fetched there.
    // World and `refusals` outlive it.
    Ingest(World& world, std::string public_url, run::Executor connectors, WebhookRefusals& refusals,
           IngestLimits limits = {});

    // Answers one request to /hooks/<connection>[/...].
    run::Task<net::HttpResponse> handle(net::InboundHttp request);

    // An event was committed: the inbox has work. Called on the store's thread.
    std::function<void()> on_accepted;

  private:
    // What the hook says of a request: its answer when it ends here, else the request as it counts from here on. An
    // error leaves `request` as it was.
    using Judged = std::variant<net::HttpResponse, connector::InboundRequest>;
    Result<Judged> judge(const Connection& connection, connector::InboundRequest& request);
    net::HttpResponse refuse_for(const Connection& connection, const Error& error);
    run::Task<net::HttpResponse> keep(const Connection& connection, connector::InboundRequest request);
    // `connection`: its name when it is known.
    net::HttpResponse refuse(int status, std::string_view reason, std::string_view connection = {});
    bool overloaded() const;

    World& world_;
    std::string public_url_;
    run::Executor connectors_;
    WebhookRefusals& refusals_;
    IngestLimits limits_;
};

}  // namespace tributary::flow
