// The hosts of an Exchange: where its requests may lead.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/exchange.hpp"
#include "gateway/connector/declarative/url.hpp"

namespace tributary::connector {
namespace {

// Pages of 2000 records are common.
constexpr std::uint64_t kMostAnswer = 32UL << 20;

// A port that the file names is one that may be spoken to.
void open_port(net::HttpOptions& network, const Url& url) {
    if (!url.port.empty()) network.egress.ports.push_back(static_cast<std::uint16_t>(*to_integer(url.port)));
}

}  // namespace

// Their names without a port; the ports are opened.
Result<std::vector<std::string>> Exchange::hosts_of(const std::vector<Template>& hosts) {
    std::vector<std::string> out;
    for (const auto& host : hosts) {
        TRY(const auto name, host.render(scope()));
        if (!name) continue;
        TRY(const auto url, parse_url("https://" + *name));
        out.push_back(url.host);
        open_port(network_, url);
    }
    return out;
}

Result<void> Exchange::allow_host_of(const Template& text) {
    TRY(const auto rendered, text.render(scope()));
    if (!rendered || rendered->empty()) return {};
    TRY(const auto url, parse_url(*rendered));
    network_.egress.hosts.push_back(url.host);
    open_port(network_, url);
    return {};
}

// Once a log-in has given the URL it is an answer's word, which must not choose http.
Result<void> Exchange::note_plain(const Template& text) {
    if (text.uses("session")) return {};
    TRY(const auto rendered, text.render(scope()));
    if (!rendered || !rendered->starts_with("http://")) return {};
    TRY(const auto url, parse_url(*rendered));
    plain_hosts_.push_back(url.host);
    return {};
}

Result<void> Exchange::prepare() {
    const auto here = scope();
    auto allowed = hosts_of(definition_.allowed_hosts);
    if (!allowed) return pass(std::move(allowed), "allowed_hosts");
    std::ranges::move(*allowed, std::back_inserter(network_.egress.hosts));
    auto open = hosts_of(definition_.public_hosts);
    if (!open) return pass(std::move(open), "public_hosts");
    public_hosts_ = *std::move(open);
    if (std::ranges::count_if(definition_.auth.sessions(),
                              [&](const auto* auth) { return auth->grant && active(auth->when); }) > 1)
        return fail(Fault::bad_config, "two of its logins keep tokens: a connection takes one", "auth");
    // A base URL out of a log-in is only known later: then allowed_hosts says where it may lead.
    if (!definition_.base_url.empty() && !definition_.base_url.uses("session")) {
        auto text = definition_.base_url.render_required(here);
        if (!text) return pass(std::move(text), "base_url");
        auto url = parse_url(*text);
        if (!url) return pass(std::move(url), "base_url");
        if (definition_.allowed_hosts.empty()) network_.egress.hosts.push_back(url->host);
        open_port(network_, *url);
    }
    // Nothing but token endpoints is called.
    if (definition_.base_url.empty() && definition_.allowed_hosts.empty()) {
        for (const auto* auth : definition_.auth.sessions()) {
            if (!active(auth->when)) continue;
            if (auto allowed_too = allow_host_of(auth->login.url); !allowed_too)
                return pass(std::move(allowed_too), "token_url");
            if (!auth->grant || !auth->grant->device_ask) continue;
            if (auto allowed_too = allow_host_of(auth->grant->device_ask->url); !allowed_too)
                return pass(std::move(allowed_too), "device_url");
        }
    }
    if (auto plain = note_plain(definition_.base_url); !plain) return pass(std::move(plain), "base_url");
    // A system that is spoken to without TLS may name itself in its links by another of its allowed names.
    all_plain_ = !plain_hosts_.empty();
    for (const auto* auth : definition_.auth.sessions())
        if (active(auth->when))
            if (auto plain = note_plain(auth->login.url); !plain) return pass(std::move(plain), "token_url");
    if (definition_.defaults.timeout) network_.total_timeout = *definition_.defaults.timeout;
    network_.max_body = definition_.defaults.max_answer.value_or(kMostAnswer);
    return {};
}

// Whether the file or the settings say that this host is spoken to without TLS.
bool Exchange::plain(const std::string& host, const RequestTemplate& rule) const {
    if (all_plain_ || std::ranges::count(plain_hosts_, host) > 0) return true;
    // A URL of the request's own, unless an answer or a record is part of it: those are no names here.
    const auto written = rule.url.empty() ? Result<std::optional<std::string>>() : rule.url.render(scope());
    if (!written || !*written || !(*written)->starts_with("http://")) return false;
    const auto url = parse_url(**written);
    return url && url->host == host;
}

// The host check. Fault::refused.
Result<net::HttpOptions> Exchange::options_for(const net::HttpRequest& request, const RequestTemplate& rule) const {
    TRY(const auto url, parse_url(request.url));
    // An answer that leads elsewhere, or a file that was widened: the same sign as a request stopped on its way.
    const auto refuse = [&](std::string what) {
        if (setup_.on_refused_host) setup_.on_refused_host(url.host);
        return fail(Fault::refused, std::move(what));
    };
    auto options = network_;
    if (rule.anonymous) std::ranges::copy(public_hosts_, std::back_inserter(options.egress.hosts));
    if (!host_allowed(url.host, options.egress.hosts) && !std::ranges::count(options.egress.hosts, "*"))
        return refuse(fmt::format("credentials are not sent to '{}': allowed are {}", url.host,
                                  join(options.egress.hosts, ", ")));
    if (url.scheme == "http" && !rule.anonymous && !plain(url.host, rule))
        return refuse(fmt::format("an answer leads to http://{}: credentials are sent there with TLS alone", url.host));
    return options;
}

}  // namespace tributary::connector
