#include "gateway/net/curl_client.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "gateway/net/curl_engine.hpp"

namespace tributary::net {

namespace asio = boost::asio;

CurlClient::CurlClient(run::Loop& loop, CurlLimits limits)
    : engine_(std::make_shared<CurlEngine>(loop, std::move(limits))) {}

CurlClient::~CurlClient() {
    engine_->close();
}

namespace {

// Calls an Asio handler on its own executor, whatever thread the result comes from.
template <class Handler>
CurlTransfer::Completion completion_of(Handler handler) {
    auto executor = asio::get_associated_executor(handler);
    return [handler = std::move(handler), executor](HttpResult result) mutable {
        asio::post(executor, [handler = std::move(handler), result = std::move(result)]() mutable {
            std::move(handler)(std::move(result));
        });
    };
}

}  // namespace

run::Task<HttpResult> CurlClient::send(HttpRequest request, const HttpOptions& options) {
    auto url = check_url(request.url, options.egress);
    if (!url) co_return std::unexpected(HttpFailure{std::move(url).error()});
    auto checked = check_request_headers(request);
    if (!checked) co_return std::unexpected(HttpFailure{std::move(checked).error().in(url->host)});

    auto initiate = [](auto handler, std::shared_ptr<CurlEngine> engine, HttpRequest sent, OutboundUrl to,
                       const HttpOptions* rules) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto transfer =
            std::make_shared<CurlTransfer>(std::move(sent), std::move(to), *rules, completion_of(std::move(handler)));
        if (slot.is_connected()) {
            slot.assign([weak_engine = std::weak_ptr(engine), weak = std::weak_ptr(transfer)](asio::cancellation_type) {
                auto owner = weak_engine.lock();
                if (!owner) return;
                asio::post(owner->context(), [owner, weak] {
                    if (auto running = weak.lock()) owner->abandon(running);
                });
            });
        }
        auto& context = engine->context();
        asio::dispatch(context,
                       [engine = std::move(engine), transfer = std::move(transfer)] { engine->start(transfer); });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(HttpResult)>(
        initiate, asio::use_awaitable, engine_, std::move(request), std::move(*url), &options);
}

}  // namespace tributary::net
