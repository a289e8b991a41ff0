#include "gateway/flow/ingest.hpp"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

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

// Waits for the commit without holding up the loop: `done` comes on the store's thread and hops back to ours.
run::Task<Result<store::Accepted>> accept(store::Store& store, store::InboxEntry entry) {
    auto executor = co_await boost::asio::this_coro::executor;
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&,
                                                   void(Result<store::Accepted>)>(
        [](auto handler, boost::asio::any_io_executor back, store::Store* to, store::InboxEntry what) {
            to->accept(std::move(what), [handler = std::move(handler), back](Result<store::Accepted> result) mutable {
                boost::asio::post(back, [handler = std::move(handler), result = std::move(result)]() mutable {
                    handler(std::move(result));
                });
            });
        },
        boost::asio::use_awaitable, executor, &store, std::move(entry));
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
           health.commit_p95 > limits_.max_commit_p95;
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
    auto kept = co_await accept(world_.store, sealed());
    // The key was retired between sealing and keeping.
    if (!kept && kept.error().fault == Fault::conflict) kept = co_await accept(world_.store, sealed());
    if (!kept) {
        world_.log.error("webhook not kept", kept.error(), {{"connection", connection.name}});
        co_return refuse(503, kept.error().fault == Fault::transient ? "store_busy" : "store_failed");
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
