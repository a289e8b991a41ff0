#include "gateway/app/operations.hpp"

#include "gateway/app/gateway.hpp"
#include "gateway/base/text.hpp"

namespace tributary::app {

std::filesystem::path admin_token_path(const Config& config) {
    if (const auto* sqlite = std::get_if<SqliteConfig>(&config.store))
        return sqlite->path.parent_path() / "admin.token";
    return config.directory() / "admin.token";
}

run::Task<Result<value::Document>> perform(Gateway& gateway, std::string name, value::Document arguments) {
    std::vector<std::string> known;
    for (const auto& operations :
         {queue_operations(), sync_operations(), consent_operations(), customer_operations(), state_operations(),
          audit_operations(), backup_operations(), secret_operations(), subscription_operations(), login_operations(),
          alert_operations(), connection_operations(), doctor_operations(), report_operations(), vault_operations()})
        for (const auto& operation : operations) {
            if (operation.name == name) co_return co_await operation.run(gateway, arguments.root());
            known.emplace_back(operation.name);
        }
    auto near = nearest(name, known);
    co_return fail(
        Fault::not_found,
        near ? "no such operation: did you mean " + *near + "?" : "no such operation; known: " + join(known, ", "),
        name);
}

}  // namespace tributary::app
