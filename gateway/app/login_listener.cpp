#include "gateway/app/login_listener.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>

#include "gateway/app/login_page.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/connector/login.hpp"
#include "gateway/net/http_server.hpp"

namespace tributary::app {

namespace {

constexpr Milliseconds kDrain = std::chrono::seconds(2);

std::string path_of(std::string_view target) {
    return std::string(target.substr(0, target.find('?')));
}

}  // namespace

struct LoginListener::Impl {
    std::string path;
    std::mutex mutex;
    std::condition_variable came;
    std::optional<std::string> query;  // the first one that came with a code or an error
    std::optional<net::HttpServer> server;

    run::Task<net::HttpResponse> handle(net::InboundHttp request) {
        const bool fits = request.method == "GET" && request.path() == path;
        if (!fits || !ends_login(request.query())) co_return login_page(404, "not the address of a login\n");
        const std::lock_guard lock(mutex);
        if (query) co_return login_page(409, "this login is over\n");
        query = std::string(request.query());
        came.notify_all();
        co_return login_page(200, std::string(kBackToTerminal));
    }
};

LoginListener::LoginListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LoginListener::~LoginListener() {
    if (impl_->server) impl_->server->stop(kDrain);
}

Result<std::unique_ptr<LoginListener>> LoginListener::open(const std::string& redirect_uri, const Clock& clock) {
    auto url = connector::parse_url(redirect_uri);
    if (!url) return pass(std::move(url), "redirect_uri");
    const bool v6 = url->host == "[::1]";
    if (url->scheme != "http" || (!v6 && url->host != "127.0.0.1" && url->host != "localhost"))
        return fail(Fault::bad_config,
                    "the browser is sent to " + url->origin() +
                        ", where this command cannot wait: use --public, --paste, or --redirect-uri with an address on "
                        "loopback "
                        "that is registered at the provider",
                    "redirect_uri");
    net::HttpServerOptions options;
    options.address = v6 ? "::1" : "127.0.0.1";
    options.port = static_cast<std::uint16_t>(url->port.empty() ? 80 : to_integer(url->port).value_or(0));
    options.max_connections = 32;
    auto impl = std::make_unique<Impl>();
    impl->path = path_of(url->target);
    impl->server.emplace(options, clock,
                         [raw = impl.get()](net::InboundHttp request) { return raw->handle(std::move(request)); });
    if (auto started = impl->server->start(); !started) return pass(std::move(started), "redirect_uri");
    return std::unique_ptr<LoginListener>(new LoginListener(std::move(impl)));
}

Result<connector::Redirected> LoginListener::wait(const std::string& state, Milliseconds at_most) {
    std::unique_lock lock(impl_->mutex);
    if (!impl_->came.wait_for(lock, at_most, [&] { return impl_->query.has_value(); }))
        return fail(Fault::transient, "nobody came back from the login in time: begin it again");
    return connector::read_redirect(*impl_->query, state);
}

}  // namespace tributary::app
