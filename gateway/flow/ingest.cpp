#include "gateway/flow/ingest.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <stop_token>

#include "gateway/crypto/digest.hpp"
#include "gateway/flow/act_tally.hpp"
#include "gateway/flow/browser_signal.hpp"
#include "gateway/flow/inbox_seal.hpp"

namespace tributary::flow {
namespace {

constexpr std::string_view kRoot = "/hooks/";

net::HttpResponse plain(int status, std::string body, std::string type = "text/plain") {
    net::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", std::move(type)}};
    response.body = std::move(body);
    return response;
}

bool admitted(const Connection& connection, const std::string& peer) {
    if (connection.allow_from.empty()) return true;
    auto address = net::IpAddress::parse(peer);
    return address &&
           std::ranges::any_of(connection.allow_from, [&](const auto& network) { return network.contains(*address); });
}

// What the store said of a webhook; read and written on the loop of who waits. The store holds it too: its answer may
// come when nobody waits any more.
struct Commit {
    std::optional<Result<store::Accepted>> outcome;
    std::stop_source over;
};

// Waits for the commit without holding up the loop: the answer comes on the store's thread and hops back to ours.
run::Task<Result<store::Accepted>> accept(World& world, store::InboxEntry entry, Milliseconds longest) {
    auto commit = std::make_shared<Commit>();
    world.store.accept(std::move(entry), [commit, back = co_await boost::asio::this_coro::executor](auto result) {
        boost::asio::post(back, [commit, result = std::move(result)]() mutable {
            commit->outcome = std::move(result);
            commit->over.request_stop();
        });
    });
    std::ignore = co_await world.timers.sleep_for(longest, commit->over.get_token());  // the outcome says it all
    if (commit->outcome) co_return *std::move(commit->outcome);
    co_return fail(Fault::transient, "the store did not answer in time");
}

bool lacks_keys(const Error& error) {
    return error.fault == Fault::transient &&
           (error.what == connector::kKeysNeeded || error.what == connector::kKeysUnavailable);
}

}  // namespace

Ingest::Ingest(World& world, std::string public_url, run::Executor connectors, WebhookRefusals& refusals,
               IngestLimits limits)
    : world_(world),
      public_url_(std::move(public_url)),
      connectors_(std::move(connectors)),
      refusals_(refusals),
      limits_(limits) {}

net::HttpResponse Ingest::refuse(int status, std::string_view reason, std::string_view connection) {
    // A gateway that is busy or paused judges nobody.
    if (world_.tally && status < 500)
        world_.tally->count("webhook.refused", {{"connection", std::string(connection)},
                                                {"reason", std::string(reason)},
                                                {"status", std::to_string(status)}});
    refusals_.count(reason);
    if (status == 401) refusals_.count_signature(connection);
    auto response = plain(status, std::string(reason) + "\n");
    if (status == 503) response.headers.emplace_back("Retry-After", "10");
    return response;
}

bool Ingest::overloaded() const {
    auto health = world_.store.health();
    return health.poisoned || health.disk_full || health.queued > limits_.max_queued ||
           health.webhook_p95 > limits_.max_webhook_p95;
}

run::Task<net::HttpResponse> Ingest::handle(net::InboundHttp http) {
    auto path = http.path();
    if (!path.starts_with(kRoot)) co_return refuse(404, "unknown_path");
    auto name = path.substr(kRoot.size());
    name = name.substr(0, name.find('/'));
    const auto* connection = world_.connection(name);
    const auto* hook = connection ? connection->connector->hook() : nullptr;
    if (!hook) co_return refuse(404, "unknown_connection");
    if (connection->at_rest()) co_return refuse(503, "connection_paused", connection->name);
    if (!admitted(*connection, http.peer)) co_return refuse(403, "address_not_allowed", connection->name);

    connector::InboundRequest request{std::move(http.method), public_url_ + http.target, http.target,
                                      std::move(http.headers), std::move(http.body)};
    auto judged = judge(*connection, request);
    auto* keys = connection->connector->hook_keys();
    if (!judged && keys && lacks_keys(judged.error())) {
        co_await boost::asio::co_spawn(connectors_, keys->fetch(), boost::asio::use_awaitable);
        judged = judge(*connection, request);
    }
    if (!judged) co_return refuse_for(*connection, judged.error());
    if (auto* answer = std::get_if<net::HttpResponse>(&*judged)) co_return std::move(*answer);
    if (overloaded()) co_return refuse(503, "overloaded", connection->name);
    co_return co_await keep(*connection, std::get<connector::InboundRequest>(*std::move(judged)));
}

net::HttpResponse Ingest::refuse_for(const Connection& connection, const Error& error) {
    if (error.fault == Fault::unauthorized) return refuse(401, error.what, connection.name);
    if (error.fault == Fault::bad_input) return refuse(400, "unreadable", connection.name);
    // The sender comes back, so nothing of what it sends is lost.
    if (lacks_keys(error)) return refuse(503, connector::kKeysUnavailable);
    world_.log.error("webhook cannot be verified", error, {{"connection", connection.name}});
    return refuse(503, "not_ready");
}

Result<Ingest::Judged> Ingest::judge(const Connection& connection, connector::InboundRequest& request) {
    const auto& hook = *connection.connector->hook();
    const auto now = world_.clock.now();
    if (auto challenge = hook.challenge(request, now)) {
        if (!*challenge) return pass(*std::move(challenge));
        return plain((*challenge)->status, std::move((*challenge)->body), std::move((*challenge)->content_type));
    }
    if (request.method != "POST" && request.method != "PUT") {
        auto response = refuse(405, "method_not_allowed", connection.name);
        response.headers.emplace_back("Allow", "POST, PUT");
        return response;
    }
    CHECK_OK(hook.verify(request, now));
    return hook.open(std::move(request));
}

run::Task<net::HttpResponse> Ingest::keep(const Connection& connection, connector::InboundRequest request) {
    const auto* hook = connection.connector->hook();
    auto id = hook->delivery_id(request);
    auto topic = hook->topic(request);
    if (!id) co_return refuse(400, "no_delivery_id", connection.name);
    if (!topic) co_return refuse(400, "no_topic", connection.name);
    store::InboxEntry entry;
    entry.connection = connection.name;
    entry.dedup_key = crypto::sha256(*id);
    entry.topic = std::move(*topic);
    entry.received_at = world_.clock.now();
    entry.headers = headers_to_keep(connection, request);
    const auto sealed = [&] {
        auto whole = entry;
        whole.body = seal_inbox(world_.ring, world_.random, connection.name, request.body);
        return whole;
    };
    auto kept = co_await accept(world_, sealed(), limits_.longest_commit);
    // The key was retired between sealing and keeping.
    if (!kept && kept.error().fault == Fault::conflict)
        kept = co_await accept(world_, sealed(), limits_.longest_commit);
    if (!kept) {
        // One that only has to come again is counted; there may be thousands while a database is away.
        if (kept.error().fault == Fault::transient) co_return refuse(503, "store_busy");
        world_.log.error("webhook not kept", kept.error(), {{"connection", connection.name}});
        co_return refuse(503, "store_failed");
    }
    // A platform that wants a certain answer wants it for a redelivery too.
    auto answer = hook->accepted(world_.clock.now());
    if (!answer) {
        world_.log.error("webhook cannot be answered", answer.error(), {{"connection", connection.name}});
        co_return refuse(503, "not_ready");
    }
    if (*kept == store::Accepted::duplicate && answer->body.empty()) co_return plain(200, "");
    if (*kept != store::Accepted::duplicate && on_accepted) on_accepted();
    co_return plain(answer->status, std::move(answer->body), std::move(answer->content_type));
}

}  // namespace tributary::flow
