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
    compare("vault.master", before.vault.master, after.vault.master);
    compare("vault.ring", before.vault.ring, after.vault.ring);
    compare("limits.body", before.limits.body, after.limits.body);
    compare("limits.connections", before.limits.connections, after.limits.connections);
    compare("limits.connections_per_address", before.limits.connections_per_address,
            after.limits.connections_per_address);
    compare("limits.dead_letters", before.limits.dead_letters, after.limits.dead_letters);
    compare("audit.checkpoints", before.audit.checkpoints, after.audit.checkpoints);
    compare("backup.ledger", ledger(before), ledger(after));
    compare("access.session_idle", before.access.session_idle, after.access.session_idle);
    compare("access.session_longest", before.access.session_longest, after.access.session_longest);
    compare("access.breached_passwords", before.access.breached_passwords, after.access.breached_passwords);
    compare("access.metrics", before.access.open_metrics, after.access.open_metrics);
    compare("access.requests_per_second", before.access.requests_per_second, after.access.requests_per_second);
    compare("access.requests_per_day", before.access.requests_per_day, after.access.requests_per_day);
    compare("threads", before.threads, after.threads);
    return changed;
}

}  // namespace tributary::app
