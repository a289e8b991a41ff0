// gateway, listen, limits and threads of gateway.yaml.
#include <fmt/format.h>

#include "gateway/app/config_spec.hpp"
#include "gateway/base/text.hpp"

namespace tributary::app {
namespace {

Result<Address> parse_address(std::string_view text) {
    auto colon = text.rfind(':');
    Address address{.host = std::string(text.substr(0, colon))};
    address.port = static_cast<std::uint16_t>(to_integer(text.substr(colon + 1)).value_or(0));
    if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
    if (address.host.empty()) address.host = "::";
    if (address.host == "localhost") address.host = "127.0.0.1";
    if (!net::IpAddress::parse(address.host))
        return fail(
            Fault::bad_config,
            "an address to listen at is an IP address and a port, such as 127.0.0.1:8080; a name may have several");
    return address;
}

spec::Type<Address> address_type() {
    return spec::from_text<Address>(spec::address_rule(), parse_address);
}

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

const spec::Type<TlsConfig>& tls_type() {
    static const auto type =
        spec::Object<TlsConfig>("tls", "TLS 1.2 or newer, from PEM files that are read again when they change")
            .field("certificate", &TlsConfig::certificate, path_type(), {.summary = "the certificate and its chain"})
            .field("key", &TlsConfig::key, path_type(), {.summary = "its private key"})
            .field("client_authority", &TlsConfig::client_authority, path_type(),
                   {.summary = "certificates (PEM): only clients with a certificate that one of them signed are let in",
                    .required = false,
                    .advanced = true})
            .type();
    return type;
}

spec::Type<ListenConfig> listener(std::string name, std::string summary, std::string address) {
    return spec::Object<ListenConfig>(std::move(name), std::move(summary))
        .field("address", &ListenConfig::address, address_type(),
               {.summary = "IP address and port; :8080 is every address", .fallback = std::move(address)})
        .field("tls", &ListenConfig::tls, tls_type(),
               {.summary = "without it the face speaks plain HTTP: for loopback or behind a proxy"})
        .type();
}

}  // namespace

spec::Type<std::filesystem::path> path_type() {
    auto rule = spec::TextRule{.name = "path",
                               .expected = "a path, relative to the folder of this file",
                               .holds = [](std::string_view text) { return !text.empty(); }};
    return spec::from_text<std::filesystem::path>(
        rule, [](std::string_view text) -> Result<std::filesystem::path> { return std::filesystem::path(text); });
}

const spec::Type<GatewayConfig>& describe(spec::Tag<GatewayConfig>) {
    auto url = spec::from_text<std::string>(spec::url_rule(), [](std::string_view text) -> Result<std::string> {
        return without_slash(std::string(text));
    });
    static const auto type = spec::Object<GatewayConfig>("gateway", "who this gateway is")
                                 .field("name", &GatewayConfig::name, spec::text(spec::name_rule()),
                                        {.summary = "stands in logs, metrics and requests", .example = "acme"})
                                 .field("public_url", &GatewayConfig::public_url, url,
                                        {.summary = "how senders of webhooks reach it; some sign over it",
                                         .required = false,
                                         .example = "https://hooks.acme.example"})
                                 .type();
    return type;
}

const spec::Type<ListenersConfig>& describe(spec::Tag<ListenersConfig>) {
    static const auto type =
        spec::Object<ListenersConfig>("listen", "where the two faces listen")
            .field("webhooks", &ListenersConfig::webhooks,
                   listener("listen_webhooks", "the face towards senders of webhooks", "127.0.0.1:8080"),
                   {.summary = "for senders of webhooks", .fallback = "{}"})
            .field("admin", &ListenersConfig::admin,
                   listener("listen_admin", "the face towards operators", "127.0.0.1:8081"),
                   {.summary = "for operators: API, health, metrics", .fallback = "{}"})
            .field("leave", &ListenersConfig::leave, spec::duration(Milliseconds{0}),
                   {.summary = "after a signal to stop: how long /readyz says no before the ports close; as long as a "
                               "balancer takes to notice",
                    .fallback = "0s"})
            .example(
                "webhooks: { address: 0.0.0.0:8080, tls: { certificate: tls/cert.pem, key: tls/key.pem } }\n"
                "admin: { address: 127.0.0.1:8081 }\n")
            .type();
    return type;
}

const spec::Type<LimitsConfig>& describe(spec::Tag<LimitsConfig>) {
    using L = LimitsConfig;
    static const auto type =
        spec::Object<L>("limits", "what the gateway takes at most")
            .field("body", &L::body, spec::size(1024, 64UL << 20), {.summary = "one webhook", .fallback = "1MB"})
            .field("connections", &L::connections, spec::integer<std::size_t>(16, 100'000),
                   {.summary = "open at once, for each face", .fallback = "4096"})
            .field("connections_per_address", &L::connections_per_address, spec::integer<std::size_t>(1, 100'000),
                   {.summary = "open at once from one address", .fallback = "64"})
            .field("waiting_writes", &L::waiting_writes, spec::integer<std::size_t>(100, 10'000'000),
                   {.summary = "writes that wait for the store; beyond it webhooks are answered with 503",
                    .fallback = "100000",
                    .advanced = true})
            .field("dead_letters", &L::dead_letters, spec::integer<std::uint64_t>(1000),
                   {.summary = "dead letters kept; beyond it their destinations pause",
                    .fallback = "1000000",
                    .advanced = true})
            .type();
    return type;
}

const spec::Type<ThreadsConfig>& describe(spec::Tag<ThreadsConfig>) {
    using T = ThreadsConfig;
    static const auto type = spec::Object<T>("threads", "how many threads work; 0 means one for each core")
                                 .field("network", &T::network, spec::integer<unsigned>(0, 256),
                                        {.summary = "for connections in and out", .fallback = "0"})
                                 .field("work", &T::work, spec::integer<unsigned>(0, 256),
                                        {.summary = "for mapping and sealing", .fallback = "0"})
                                 .type();
    return type;
}

}  // namespace tributary::app
