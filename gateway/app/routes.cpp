#include "gateway/app/routes.hpp"

#include <fstream>
#include <iostream>

#include "gateway/api/open_api.hpp"
#include "gateway/app/operations.hpp"

namespace tributary::app {
namespace {

using api::serves;
using Routes = std::vector<api::Route>;

// Who may read what is not an operation stands in the route itself.
Routes fixed_routes() {
    using api::Guard;
    return {
        {.method = "GET", .path = "/healthz", .guard = Guard::open, .about = "whether the store works"},
        {.method = "GET", .path = "/readyz", .guard = Guard::open, .about = "whether it takes work"},
        {.method = "GET", .path = "/metrics", .guard = Guard::metrics, .about = "metrics for Prometheus"},
        {.method = "GET",
         .path = "/v1/openapi.json",
         .guard = Guard::permission,
         .permission = access::Permission::status_read,
         .about = "this interface as OpenAPI 3.1"},
        {.method = "POST",
         .path = "/v1/operations/{operation}",
         .guard = Guard::named,
         .about = "any operation by its name, as the command line asks"},
    };
}

Routes people_routes() {
    return {
        serves("POST", "/v1/login", "session.open", "open a session with name, password and code"),
        serves("POST", "/v1/logout", "session.close", "end the session"),
        serves("GET", "/v1/account", "account.show", "who asks, and what they may do"),
        serves("PUT", "/v1/account/password", "account.password", "change one's own password; ends all sessions"),
        serves("POST", "/v1/account/totp", "account.totp", "begin a second factor"),
        serves("PUT", "/v1/account/totp", "account.totp_confirm",
               "confirm it with its first code; gives recovery codes"),
        serves("GET", "/v1/users", "user.list", "users and their roles"),
        serves("POST", "/v1/users", "user.add", "add a user"),
        serves("PUT", "/v1/users/{name}/roles", "user.role", "give a user other roles; ends their sessions"),
        serves("PUT", "/v1/users/{name}/password", "user.password", "give a user another password"),
        serves("POST", "/v1/users/{name}/totp", "user.totp", "begin, confirm or remove a user's second factor"),
        serves("DELETE", "/v1/users/{name}", "user.remove", "remove a user with sessions and tokens"),
        serves("GET", "/v1/tokens", "token.list", "API tokens, never what opens them"),
        serves("POST", "/v1/tokens", "token.add", "give out an API token, shown once"),
        serves("DELETE", "/v1/tokens/{id}", "token.revoke", "revoke an API token"),
        serves("GET", "/v1/approvals", "approval.list", "what waits for a second person"),
        serves("GET", "/v1/approvals/{approval}", "approval.show", "what one of them asks"),
        serves("POST", "/v1/approvals/{approval}/confirm", "approval.confirm", "confirm it: it runs now"),
        serves("POST", "/v1/approvals/{approval}/refuse", "approval.refuse", "refuse it"),
    };
}

Routes data_routes() {
    return {
        serves("GET", "/v1/status", "status", "what happened to every record so far"),
        serves("GET", "/v1/quality", "quality", "drift and data-quality issues by field"),
        serves("GET", "/v1/customers", "customer.list", "customers"),
        serves("GET", "/v1/customers/{customer}", "customer.show", "golden view and source records"),
        serves("POST", "/v1/customers/link", "customer.link", "these two records are one customer"),
        serves("POST", "/v1/customers/separate", "customer.separate", "these two records are not one customer"),
        serves("POST", "/v1/customers/undecide", "customer.undecide", "take back what was decided by hand"),
        serves("GET", "/v1/consent", "consent.show", "the consent events of a person"),
        serves("POST", "/v1/consent", "consent.record", "record one consent act"),
        serves("POST", "/v1/consent/import", "consent.import", "record many"),
        serves("POST", "/v1/consent/doi", "consent.doi_request", "ask a person back: the link of a confirmation"),
        serves("GET", "/v1/consent/receipt", "consent.receipt", "a signed receipt"),
        serves("GET", "/v1/consent/tasks", "consent.tasks", "what destinations still have to be told"),
        serves("POST", "/v1/consent/tasks/{id}/done", "consent.task_done", "it was told by hand"),
        serves("POST", "/v1/consent/tasks/{id}/retry", "consent.task_retry", "try a failed or unsupported one again"),
        serves("GET", "/v1/dead-letters", "queue.list", "dead letters"),
        serves("GET", "/v1/dead-letters/{id}", "queue.show", "one dead letter"),
        serves("DELETE", "/v1/dead-letters/{id}", "queue.drop", "remove it for good"),
        serves("POST", "/v1/dead-letters/redrive", "queue.redrive", "take up again; a dry run unless confirm"),
        serves("GET", "/v1/lanes", "queue.lanes", "what waits, by customer"),
        serves("GET", "/v1/lanes/oldest", "queue.oldest", "what waits, the longest first"),
        serves("GET", "/v1/destinations", "queue.summary", "what waits, by destination"),
        serves("POST", "/v1/lanes/{lane}/unblock", "queue.unblock", "let a blocked lane go on"),
        serves("GET", "/v1/withheld", "queue.withheld", "what consent keeps back"),
        serves("POST", "/v1/destinations/{destination}/pause", "queue.pause", "send nothing there"),
        serves("POST", "/v1/destinations/{destination}/resume", "queue.resume", "send again"),
    };
}

Routes system_routes() {
    return {
        serves("GET", "/v1/sync", "sync.status", "the newest sync runs"),
        serves("POST", "/v1/sync/{connection}/{stream}/run", "sync.run", "sync one stream now"),
        serves("POST", "/v1/sync/{connection}/{stream}/reset", "sync.reset", "forget its checkpoint"),
        serves("GET", "/v1/connections/{connection}/subscriptions", "subscription.list", "where it sends webhooks"),
        serves("POST", "/v1/connections/{connection}/subscriptions", "subscription.settle", "make and renew them"),
        serves("DELETE", "/v1/connections/{connection}/subscriptions", "subscription.remove", "remove them"),
        serves("POST", "/v1/connections/{connection}/login", "login.begin", "begin a login at its provider"),
        serves("GET", "/v1/connection-logins/{state}", "login.await", "what the browser brought back"),
        serves("PUT", "/v1/connections/{connection}/login", "login.finish", "finish the login"),
        serves("GET", "/v1/secrets", "secret.list", "names, fields and versions, never values"),
        serves("PUT", "/v1/secrets/{name}", "secret.set", "seal one field"),
        serves("PUT", "/v1/secrets/{name}/binding", "secret.bind", "change where it may be used"),
        serves("DELETE", "/v1/secrets/{name}", "secret.remove", "forget a secret"),
        serves("POST", "/v1/audit/verify", "audit.verify", "recompute the audit trail"),
        serves("GET", "/v1/audit/entries", "audit.read", "entries, as an export holds them"),
        serves("GET", "/v1/audit/entries/{seq}/proof", "audit.prove", "a proof that an entry is in the trail"),
        serves("POST", "/v1/audit/checkpoint", "audit.checkpoint", "sign a checkpoint now"),
        serves("POST", "/v1/audit/witnesses", "audit.witness_ask", "have the witnesses sign it that have an address"),
        serves("GET", "/v1/audit/witnesses/{witness}/request", "audit.witness_request",
               "what to send to a witness that is asked by hand"),
        serves("POST", "/v1/audit/witnesses/{witness}/answer", "audit.witness_answer", "what it answered"),
    };
}

Routes subject_routes() {
    return {
        serves("GET", "/v1/subject-requests", "subject.list", "what people ask of their data"),
        serves("POST", "/v1/subject-requests", "subject.request", "file a request"),
        serves("GET", "/v1/subject-requests/{request}", "subject.show", "one request, and how far it is"),
        serves("POST", "/v1/subject-requests/{request}/challenge", "subject.challenge", "make a code that proves"),
        serves("POST", "/v1/subject-requests/{request}/verify", "subject.verify", "who asks was proven"),
        serves("POST", "/v1/subject-requests/{request}/approve", "subject.approve", "let it run"),
        serves("POST", "/v1/subject-requests/{request}/reject", "subject.reject", "end it, with the reason"),
        serves("POST", "/v1/subject-requests/{request}/run", "subject.run", "do what was approved"),
        serves("POST", "/v1/subject-requests/{request}/rectify", "subject.rectify",
               "put right what a person asked for"),
        serves("GET", "/v1/subject-requests/{request}/certificate", "subject.certificate", "of an erasure, signed"),
        serves("POST", "/v1/customers/{customer}/hold", "subject.hold", "legal hold"),
        serves("POST", "/v1/customers/{customer}/release", "subject.release", "end a legal hold"),
        serves("POST", "/v1/customers/{customer}/restrict", "subject.restrict", "use the data for hardly anything"),
        serves("POST", "/v1/customers/{customer}/unrestrict", "subject.unrestrict", "use them again"),
        serves("POST", "/v1/readmissions", "subject.readmit", "let an erased person's records in again"),
        serves("POST", "/v1/analytics/{export}", "analytics.export", "write an export for reports, without names"),
        serves("POST", "/v1/retention/run", "retention.run", "the daily sweep, now"),
    };
}

Routes care_routes() {
    return {
        serves("POST", "/v1/connections/{connection}/pause", "connection.pause", "read, accept and deliver nothing"),
        serves("POST", "/v1/connections/{connection}/resume", "connection.resume", "go on"),
        serves("GET", "/v1/alerts", "alerts.list", "open alerts"),
        serves("POST", "/v1/alerts/{id}/ack", "alerts.ack", "somebody looks after it"),
        serves("GET", "/v1/alerts/{id}/incident", "alerts.incident", "what an incident report needs"),
        serves("POST", "/v1/config/reload", "config.reload", "take up the files of the configuration as they are now"),
        serves("GET", "/v1/nodes", "node.list", "the gateways on this store, when several share it"),
        serves("GET", "/v1/doctor", "doctor", "what a doctor sees from within"),
        serves("GET", "/v1/reports/{report}", "report", "the page of a report"),
        serves("POST", "/v1/backups", "backup.run", "make a backup"),
        serves("POST", "/v1/backups/drill", "backup.drill", "restore the newest into a scratch folder and try it"),
        serves("GET", "/v1/vault/keys", "vault.status", "the keys, their states, and what each wraps"),
        serves("POST", "/v1/vault/rotate", "vault.rotate", "new primary keys, and everything wrapped anew"),
        serves("POST", "/v1/vault/rewrap", "vault.rewrap", "wrap everything with the primary keys"),
        serves("POST", "/v1/vault/verify", "vault.verify", "open everything that is wrapped"),
        serves("DELETE", "/v1/vault/keys/{key}", "vault.destroy", "destroy an old key"),
        serves("PUT", "/v1/vault/master", "vault.master", "seal the key ring with another master"),
    };
}

}  // namespace

std::vector<api::Route> admin_routes() {
    Routes all;
    for (const auto& part :
         {fixed_routes(), people_routes(), data_routes(), system_routes(), care_routes(), subject_routes()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

std::vector<std::pair<std::string, std::string>> generated_api_files() {
    const auto routes = admin_routes();
    const auto operations = operation_infos();
    const std::string head =
        "# Routes of the admin face\n\nGenerated by `tributary schema openapi docs`; do not edit. Arguments and "
        "answers: "
        "[openapi.json](openapi.json). Who has which permission: [access.md](access.md).\n\n";
    return {{"openapi.json", api::open_api(routes, operations)},
            {"routes.md", head + api::route_table(routes, operations)}};
}

Result<void> export_api_files(const std::filesystem::path& folder) {
    for (const auto& [name, text] : generated_api_files()) {
        if (folder.empty()) {
            std::cout << text;
            return {};
        }
        std::ofstream stream(folder / name, std::ios::binary | std::ios::trunc);
        stream << text;
        stream.close();
        if (!stream) return fail(Fault::bad_config, "the file cannot be written", (folder / name).string());
    }
    return {};
}

}  // namespace tributary::app
