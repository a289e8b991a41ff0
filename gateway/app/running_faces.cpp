// The faces of a running gateway: they stay open while configurations change.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "gateway/app/operations.hpp"
#include "gateway/app/routes.hpp"
#include "gateway/app/running_gateway.hpp"
#include "gateway/base/hex.hpp"

namespace tributary::app {

using namespace std::chrono_literals;

namespace {

net::HttpServerOptions face(const ListenConfig& listen, unsigned threads) {
    net::HttpServerOptions options;
    options.address = listen.address.host;
    options.port = listen.address.port;
    options.threads = threads;
    if (const auto& tls = listen.tls)
        options.tls = net::ServerTls{tls->certificate.string(), tls->key.string(), tls->client_authority.string()};
    return options;
}

// The command line of the same user reads it; it changes with every start.
Result<std::string> write_token(const std::filesystem::path& path, crypto::Random& random) {
    std::string token = to_hex(crypto::random_bytes(32, random));
    std::error_code ignored;  // there may be none
    std::filesystem::remove(path, ignored);
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = file >= 0 && ::write(file, token.data(), token.size()) == static_cast<ssize_t>(token.size());
    if (file >= 0) ::close(file);
    if (!written) return fail(Fault::bad_config, "the admin token cannot be written", path.string());
    return token;
}

}  // namespace

Result<void> RunningGateway::make_admin_face() {
    const auto gateway = current();
    const auto& config = gateway->catalogue().config;
    auto& access = host_->access;
    TRY(auto token, write_token(admin_token_path(config), host_->foundation->random));
    api::AdminParts parts{
        access.bearers,
        access.writes,
        host_->pool,
        host_->foundation->random,
        host_->log,
        host_->foundation->clock,
        std::move(token),
        config.access.open_metrics,
        {static_cast<double>(config.access.requests_per_second), config.access.requests_per_day},
        admin_routes(),
        operation_infos(),
        [this](access::Caller caller, std::string name, value::Document arguments) {
            return operate(std::move(caller), std::move(name), std::move(arguments));
        },
        [this]() -> run::Task<Result<api::Snapshot>> {
            return run::on(host_->pool, [asked = current()] { return asked->snapshot(); });
        },
        [this] { return host_->foundation->store->health(); },
    };
    TRY(admin_, api::AdminFace::make(std::move(parts)));
    return {};
}

run::Task<Result<value::Document>> RunningGateway::operate(access::Caller caller, std::string name,
                                                           value::Document arguments) {
    const auto asked = current();
    co_return co_await perform(*asked, std::move(caller), std::move(name), std::move(arguments));
}

run::Task<net::HttpResponse> RunningGateway::answer_public(net::InboundHttp request) {
    const auto asked = current();
    co_return co_await asked->handle_public(std::move(request));
}

Result<void> RunningGateway::start_faces() {
    const auto gateway = current();
    const auto& config = gateway->catalogue().config;
    CHECK_OK(make_admin_face());
    admin_server_ = std::make_unique<net::HttpServer>(
        face(config.listen.admin, 1), host_->foundation->clock,
        [this](net::InboundHttp request) { return admin_->handle(std::move(request)); });

    auto options = face(config.listen.webhooks, std::max(1U, config.threads.network));
    options.max_body = config.limits.body;
    if (config.limits.connections) options.max_connections = config.limits.connections;
    if (config.limits.connections_per_address) options.max_connections_per_ip = config.limits.connections_per_address;
    options.max_requests = 10'000;  // senders reuse connections; a fresh one every ten thousand requests is enough
    webhook_server_ = std::make_unique<net::HttpServer>(
        options, host_->foundation->clock,
        [this](net::InboundHttp request) { return answer_public(std::move(request)); });
    if (const auto& tls = config.listen.admin.tls) certificates_.watch("admin", *tls, *admin_server_);
    if (const auto& tls = config.listen.webhooks.tls) certificates_.watch("webhooks", *tls, *webhook_server_);
    CHECK_OK(admin_server_->start());
    return webhook_server_->start();
}

}  // namespace tributary::app
