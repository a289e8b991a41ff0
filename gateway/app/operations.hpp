// Operations: what an operator can ask of a gateway, by name, JSON in and JSON out. The command line runs one on a
// gateway that it opens itself, or, when a gateway runs already, asks that one through its admin face.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gateway/app/config.hpp"
#include "gateway/audit/trail.hpp"
#include "gateway/base/result.hpp"
#include "gateway/run/task.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class Gateway;
struct Foundation;
}  // namespace tributary::app

namespace tributary::flow {
struct SyncProgress;
}

namespace tributary::app {

// not_found names the known operations; bad_input names the argument that is wrong.
run::Task<Result<value::Document>> perform(Gateway& gateway, std::string name, value::Document arguments);

// Where a running gateway keeps the token of its admin face.
std::filesystem::path admin_token_path(const Config& config);

// What a check of the audit trail found, as `audit verify` prints it: of a store and of an export.
void write_outcome(value::Builder& out, const audit::TrailCheck::Outcome& outcome, const audit::OpenedNotes& notes);

// Connections whose tokens a person grants, and whether somebody has to log in: an array. Blocks.
void write_logins(Gateway& gateway, value::Builder& out);

// One concept each: operations_<concept>.cpp.
using Operation = run::Task<Result<value::Document>> (*)(Gateway&, value::Node arguments);
struct NamedOperation {
    std::string_view name;
    Operation run;
};
// What `sync run` answers.
value::Document sync_result(const flow::SyncProgress& progress);

std::vector<NamedOperation> queue_operations();
std::vector<NamedOperation> sync_operations();
std::vector<NamedOperation> consent_operations();
std::vector<NamedOperation> customer_operations();
std::vector<NamedOperation> state_operations();
std::vector<NamedOperation> audit_operations();
std::vector<NamedOperation> backup_operations();
std::vector<NamedOperation> secret_operations();
std::vector<NamedOperation> subscription_operations();
std::vector<NamedOperation> login_operations();
std::vector<NamedOperation> alert_operations();
std::vector<NamedOperation> connection_operations();
std::vector<NamedOperation> doctor_operations();
std::vector<NamedOperation> report_operations();
// secret.set {name, field, value}, secret.remove {name}, secret.list on an open vault: it needs no connections.
Result<value::Document> perform_secret(vault::Vault& vault, std::string_view what, value::Node arguments);
std::vector<NamedOperation> vault_operations();
// secret.set {name, field, value, owner, connector, hosts}, secret.remove {name}, secret.list: they need no
// connections.
Result<value::Document> perform_secret(Foundation& foundation, std::string_view what, value::Node arguments);
// vault.status, vault.rotate {use, destroy}, vault.rewrap, vault.verify, vault.destroy {key}, vault.master {to,
// passphrase}: nor do they.
Result<value::Document> perform_vault(Foundation& foundation, const Config& config, std::string_view what,
                                      value::Node arguments);

}  // namespace tributary::app
