#include "gateway/app/config_fixed.hpp"

namespace tributary::app {

std::vector<std::string> fixed_changes(const Config& before, const Config& after) {
    std::vector<std::string> changed;
    const auto compare = [&](const char* key, const auto& was, const auto& is) {
        if (!(was == is)) changed.emplace_back(key);
    };
    const auto ledger = [](const Config& config) {
        return config.backup ? config.backup->ledger : std::filesystem::path();
    };
    compare("gateway.name", before.gateway.name, after.gateway.name);
    compare("listen", before.listen, after.listen);
    compare("store", before.store, after.store);
    compare("vault", before.vault, after.vault);
    compare("limits.body", before.limits.body, after.limits.body);
    compare("limits.connections", before.limits.connections, after.limits.connections);
    compare("limits.connections_per_address", before.limits.connections_per_address,
            after.limits.connections_per_address);
    compare("limits.dead_letters", before.limits.dead_letters, after.limits.dead_letters);
    compare("audit", before.audit, after.audit);
    compare("backup.ledger", ledger(before), ledger(after));
    compare("access", before.access, after.access);
    compare("threads", before.threads, after.threads);
    return changed;
}

}  // namespace tributary::app
