#include "gateway/app/connection_setup.hpp"

#include "gateway/app/credentials.hpp"

namespace tributary::app {

Result<connector::Setup> connection_setup(const ConnectionConfig& config, const Config& whole, Foundation& foundation,
                                          ConnectionParts parts) {
    const VaultResolver resolver(*foundation.vault, {config.name, config.connector.value});
    TRY(auto settings, resolved_settings(config.settings ? &*config.settings : nullptr, resolver));
    connector::Setup setup{
        .connection = config.name,
        .settings = std::move(settings),
        .credential = credential_reader(config, *foundation.vault),
        .keep_credential = credential_keeper(config.credentials, *foundation.vault),
        .directory = whole.directory(),
        .topics = {},
        .budget_key = budget_key(config),
        .grants = foundation.grants.get(),
        .grant_name = grant_name(config),
        .network = {},
        .on_refused_host = std::move(parts.on_refused_host),
        .http = parts.http,
        .timers = parts.timers,
        .blocking = parts.pool,
        .random = foundation.random,
        .log = parts.log,
    };
    if (config.webhooks)
        for (const auto& topic : config.webhooks->topics) setup.topics.push_back(topic.value);
    setup.network.egress.networks = config.network.allow;
    setup.network.egress.ports = config.network.ports;
    setup.network.connect_timeout = config.network.connect_timeout;
    setup.network.total_timeout = config.network.timeout;
    setup.network.ca_file = config.network.ca_file.string();
    setup.network.certificate_file = config.network.certificate.string();
    setup.network.key_file = config.network.key.string();
    return setup;
}

}  // namespace tributary::app
