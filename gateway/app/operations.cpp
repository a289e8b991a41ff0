#include "gateway/app/operations.hpp"

#include <algorithm>

#include "gateway/app/gateway.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

using Performed = Result<value::Document>;

Result<const NamedOperation*> operation_named(std::string_view name) {
    const auto& all = all_operations();
    const auto found = std::ranges::find(all, name, &NamedOperation::name);
    if (found != all.end()) return &*found;
    std::vector<std::string> known;
    for (const auto& one : all) known.emplace_back(one.name);
    const auto near = nearest(name, known);
    return fail(
        Fault::not_found,
        near ? "no such operation: did you mean " + *near + "?" : "no such operation; known: " + join(known, ", "),
        std::string(name));
}

// Who tried what they may not: those with a name. A nameless one could fill the trail.
run::Task<Result<void>> write_denial(Gateway& gateway, const access::Caller& caller, const NamedOperation& operation) {
    if (caller.kind == access::Caller::Kind::anonymous) co_return Result<void>{};
    co_return co_await run::on(gateway.world().pool, [&]() -> Result<void> {
        const auto entry = flow::audit_entry(gateway.world().clock, caller, "access.deny",
                                             {{"operation", std::string(operation.name)},
                                              {"permission", std::string(access::name_of(operation.permission))}});
        return flow::write_entry(gateway.world().store, entry);
    });
}

// On a machine without users nobody could be the second person: there, whoever holds its token acts alone.
Result<bool> has_second_person(store::Store& store) {
    bool found = false;
    CHECK_OK(store.read([&](store::ReadSession& session) -> Result<void> {
        for (std::string after;;) {
            TRY(const auto users, session.accounts().users(after, 100));
            for (const auto& user : users) found = found || user.permissions().has(access::Permission::approval_decide);
            if (found || users.size() < 100) return {};
            after = users.back().name;
        }
    }));
    return found;
}

run::Task<Performed> ask_second_person(Gateway& gateway, const access::Caller& caller, const NamedOperation& operation,
                                       value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Performed {
        TRY(const auto asked, gateway.access().approvals.ask(caller, operation.name, value::to_json(arguments)));
        value::Builder out;
        out.begin_object().key("approval").text(asked.id).key("state").text(access::name_of(asked.state));
        out.key("expires_at").text(record::timestamp_text(asked.expires)).end();
        return out.take();
    });
}

}  // namespace

std::filesystem::path admin_token_path(const Config& config) {
    if (const auto* sqlite = std::get_if<SqliteConfig>(&config.store))
        return sqlite->path.parent_path() / "admin.token";
    return config.directory() / "admin.token";
}

const std::vector<NamedOperation>& all_operations() {
    static const auto all = [] {
        std::vector<NamedOperation> joined;
        for (const auto& part :
             {queue_operations(),     sync_operations(),        consent_operations(),      customer_operations(),
              state_operations(),     audit_operations(),       secret_operations(),       subscription_operations(),
              login_operations(),     account_operations(),     user_operations(),         approval_operations(),
              backup_operations(),    alert_operations(),       connection_operations(),   doctor_operations(),
              report_operations(),    vault_operations(),       propagation_operations(),  receipt_operations(),
              subject_operations(),   subject_run_operations(), subject_mark_operations(), retention_operations(),
              analytics_operations(), config_operations(),      node_operations()})
            joined.insert(joined.end(), part.begin(), part.end());
        return joined;
    }();
    return all;
}

std::vector<api::OperationInfo> operation_infos() {
    std::vector<api::OperationInfo> infos;
    for (const auto& one : all_operations())
        infos.push_back({one.name, one.permission, one.takes, one.gives, one.persons, one.two_if});
    return infos;
}

run::Task<Performed> perform(Gateway& gateway, access::Caller caller, std::string name, value::Document arguments) {
    CO_TRY(const auto* operation, operation_named(name));
    if (auto may = access::check_permission(caller, operation->permission); !may) {
        CO_CHECK_OK(co_await write_denial(gateway, caller, *operation));
        co_return pass(std::move(may));
    }
    CO_CHECK_OK(api::check_arguments(operation->takes, arguments.root()));
    if (operation->takes_two(arguments.root())) {
        CO_TRY(const bool waits,
               co_await run::on(gateway.world().pool, [&] { return has_second_person(gateway.world().store); }));
        if (waits || caller.kind != access::Caller::Kind::local)
            co_return co_await ask_second_person(gateway, caller, *operation, arguments.root());
    }
    co_return co_await operation->run(gateway, caller, arguments.root());
}

bool NamedOperation::takes_two(value::Node arguments) const {
    return persons == api::Persons::two && (two_if.empty() || arguments.find(two_if).boolean());
}

Result<void> check_alone(Foundation& foundation, std::string_view name, value::Node arguments) {
    TRY(const auto* operation, operation_named(name));
    if (!operation->takes_two(arguments)) return {};
    TRY(const bool waits, has_second_person(*foundation.store));
    if (!waits) return {};
    return fail(Fault::refused, "this takes a second person: start the gateway, ask again, and let another confirm it",
                std::string(name));
}

run::Task<Performed> perform_confirmed(Gateway& gateway, access::Caller asked_by, std::string name,
                                       value::Document arguments) {
    CO_TRY(const auto* operation, operation_named(name));
    CO_CHECK_OK(access::check_permission(asked_by, operation->permission));
    CO_CHECK_OK(api::check_arguments(operation->takes, arguments.root()));
    co_return co_await operation->run(gateway, asked_by, arguments.root());
}

}  // namespace tributary::app
