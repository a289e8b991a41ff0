#include "gateway/net/watched_client.hpp"

namespace tributary::net {
namespace {

constexpr std::size_t kLongestHost = 253;

std::string host_in(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    return std::string(url.substr(0, kLongestHost));
}

}  // namespace

run::Task<HttpResult> WatchedClient::send(HttpRequest request, const HttpOptions& options) {
    auto host = host_in(request.url);
    auto result = co_await inner_.send(std::move(request), options);
    if (!result && result.error().error.fault == Fault::refused) on_refused_(host);
    co_return result;
}

}  // namespace tributary::net
