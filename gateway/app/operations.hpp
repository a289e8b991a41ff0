// Operations: what an operator can ask of a gateway, by name, JSON in and JSON out. The command line runs one on a
// gateway that it opens itself, or, when a gateway runs already, asks that one through its admin face.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gateway/access/caller.hpp"
#include "gateway/api/operation_info.hpp"
#include "gateway/app/config.hpp"
#include "gateway/audit/trail.hpp"
#include "gateway/audit/witness.hpp"
#include "gateway/base/result.hpp"
#include "gateway/run/task.hpp"
#include "gateway/store/session.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class Gateway;
struct Foundation;
}  // namespace tributary::app

namespace tributary::flow {
struct SyncProgress;
}

namespace tributary::app {

// refused: the caller lacks the permission, which is audited. not_found names the known operations; bad_input names the
// argument that is wrong. What takes two persons is kept and answered with {approval, state, expires_at}.
run::Task<Result<value::Document>> perform(Gateway& gateway, access::Caller caller, std::string name,
                                           value::Document arguments);

// Where a running gateway keeps the token of its admin face.
std::filesystem::path admin_token_path(const Config& config);

// What a check of the audit trail found, as `audit verify` prints it: of a store and of an export. Without a quorum
// nobody was asked for.
bool is_whole(const audit::TrailCheck::Outcome& outcome, const audit::OpenedNotes& notes,
              const audit::Testimony& testimony);
void write_outcome(value::Builder& out, const audit::TrailCheck::Outcome& outcome, const audit::OpenedNotes& notes,
                   const audit::Testimony& testimony);

// Connections whose tokens a person grants, and whether somebody has to log in: an array. Blocks.
void write_logins(Gateway& gateway, value::Builder& out);
api::Fields login_fields();

// The gateways on the store, as an array; of a store of its own: none.
Result<void> write_nodes(value::Builder& out, store::ReadSession& session, Timestamp now);
api::Fields node_fields();

// One concept each: operations_<concept>.cpp.
// An operation takes the caller where it writes an audit entry or shows less to some.
class Operation {
  public:
    using Answer = run::Task<Result<value::Document>>;
    Operation(Answer (*run)(Gateway&, value::Node arguments)) : plain_(run) {}
    Operation(Answer (*run)(Gateway&, const access::Caller&, value::Node arguments)) : with_caller_(run) {}

    // REQUIRES: all three outlive the task.
    Answer operator()(Gateway& gateway, const access::Caller& caller, value::Node arguments) const {
        return plain_ ? plain_(gateway, arguments) : with_caller_(gateway, caller, arguments);
    }

  private:
    Answer (*plain_)(Gateway&, value::Node) = nullptr;
    Answer (*with_caller_)(Gateway&, const access::Caller&, value::Node) = nullptr;
};

// Whatever can be asked declares its permission and all that it takes: without the first it does not compile, what it
// does not name is refused. `api::Persons::two` at the end makes it wait for a second person.
struct NamedOperation {
    std::string_view name;
    access::Permission permission;
    Operation run;
    api::Fields takes = {}, gives = {};
    api::Persons persons = api::Persons::one;
    std::string_view two_if = {};  // the flag without which one person is enough; empty: it always takes two

    bool takes_two(value::Node arguments) const;
};
const std::vector<NamedOperation>& all_operations();
std::vector<api::OperationInfo> operation_infos();
// For a command that opens the store itself, where nobody could confirm: refused when the act takes two persons and
// there is somebody who could be the second. Blocks.
Result<void> check_alone(Foundation& foundation, std::string_view name, value::Node arguments);
// Runs what a second person confirmed, in the name of the one who asked.
run::Task<Result<value::Document>> perform_confirmed(Gateway& gateway, access::Caller asked_by, std::string name,
                                                     value::Document arguments);
// What `sync run` answers.
value::Document sync_result(const flow::SyncProgress& progress);

std::vector<NamedOperation> queue_operations();
std::vector<NamedOperation> sync_operations();
std::vector<NamedOperation> consent_operations();
std::vector<NamedOperation> propagation_operations();
std::vector<NamedOperation> receipt_operations();
std::vector<NamedOperation> customer_operations();
std::vector<NamedOperation> state_operations();
std::vector<NamedOperation> audit_operations();
std::vector<NamedOperation> backup_operations();
std::vector<NamedOperation> secret_operations();
std::vector<NamedOperation> subscription_operations();
std::vector<NamedOperation> login_operations();
std::vector<NamedOperation> alert_operations();
std::vector<NamedOperation> connection_operations();
std::vector<NamedOperation> config_operations();
std::vector<NamedOperation> node_operations();
std::vector<NamedOperation> doctor_operations();
std::vector<NamedOperation> report_operations();
std::vector<NamedOperation> account_operations();
std::vector<NamedOperation> user_operations();
std::vector<NamedOperation> approval_operations();
std::vector<NamedOperation> vault_operations();
// secret.set {name, field, value, owner, connector, hosts}, secret.bind {name, owner, connector, hosts}, secret.remove
// {name}, secret.list: they need no connections.
Result<value::Document> perform_secret(Foundation& foundation, const access::Caller& caller, std::string_view what,
                                       value::Node arguments);
// vault.status, vault.rotate {use, destroy}, vault.rewrap, vault.verify, vault.destroy {key}, vault.master {to,
// passphrase}: nor do they.
Result<value::Document> perform_vault(Foundation& foundation, const Config& config, const access::Caller& caller,
                                      std::string_view what, value::Node arguments);
std::vector<NamedOperation> subject_operations();
std::vector<NamedOperation> subject_run_operations();
std::vector<NamedOperation> subject_mark_operations();
std::vector<NamedOperation> retention_operations();
std::vector<NamedOperation> analytics_operations();
std::vector<NamedOperation> propagation_operations();
std::vector<NamedOperation> receipt_operations();

}  // namespace tributary::app
