#include "gateway/app/remote.hpp"

#include <fstream>
#include <sstream>

#include "gateway/app/operations.hpp"
#include "gateway/base/text.hpp"
#include "gateway/net/certificate.hpp"
#include "gateway/net/curl_client.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

// An address to listen at is not always one to call.
std::string callable(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "[::1]";
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

Fault fault_named(std::string_view name) {
    for (auto fault : {Fault::bad_input, Fault::bad_config, Fault::unauthorized, Fault::rate_limited, Fault::transient,
                       Fault::conflict, Fault::refused, Fault::not_found})
        if (name_of(fault) == name) return fault;
    return Fault::internal;
}

}  // namespace

Result<value::Document> ask_running(const Config& config, const std::string& operation, value::Node arguments,
                                    const std::string& bearer) {
    std::ifstream file(admin_token_path(config));
    std::ostringstream token;
    token << file.rdbuf();
    if (!file)
        return fail(Fault::not_found, "no gateway runs on this configuration", admin_token_path(config).string());

    run::Loop loop("remote");
    net::CurlClient client(loop);
    const auto& address = config.listen.admin.address;
    net::HttpRequest request;
    request.method = "POST";
    request.url = std::string(config.listen.admin.tls ? "https://" : "http://") + callable(address.host) + ":" +
                  std::to_string(address.port) + "/v1/operations/" + operation;
    request.headers = {{"Authorization", "Bearer " + (bearer.empty() ? std::string(trim(token.str())) : bearer)},
                       {"Content-Type", "application/json"}};
    request.body = value::to_json(arguments);
    net::HttpOptions options;
    options.total_timeout = std::chrono::hours{24};  // a sync may take its time
    options.low_speed_time = std::chrono::hours{24};
    options.max_body = 64UL << 20;
    if (const auto& tls = config.listen.admin.tls) {
        // It is our own face: its certificate need not name this address, and opens a face that demands one too.
        TRY(options.pinned_key, net::key_pin(tls->certificate));
        options.certificate_file = tls->certificate.string();
        options.key_file = tls->key.string();
    }
    options.egress.hosts = {"*"};
    options.egress.ports = {address.port};
    for (auto any : {"0.0.0.0/0", "::/0"}) {
        TRY(auto network, net::Network::parse(any));
        options.egress.networks.push_back(network);
    }
    auto answer = run::run_blocking(loop, client.send(std::move(request), options));
    if (!answer) return fail(std::move(answer.error().error).in("the running gateway"));
    TRY(auto body, value::parse_json(answer->body));
    if (answer->ok()) return body;
    auto root = body.root();
    return fail(fault_named(root.find("title").text()), root.find("detail").scalar_text(),
                root.find("where").scalar_text());
}

}  // namespace tributary::app
