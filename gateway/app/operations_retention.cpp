#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/operations_subject.hpp"
#include "gateway/base/duration.hpp"
#include "gateway/flow/retention.hpp"
#include "gateway/flow/stored_basis.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

run::Task<Result<value::Document>> retain(Gateway& gateway, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Result<value::Document> {
        TRY(const bool dry_run, flag_argument(arguments, "dry_run"));
        TRY(const auto reports, sweep_retention(gateway, dry_run));
        value::Builder out;
        out.begin_object().key("dry_run").boolean(dry_run).key("policies").begin_array();
        const auto number = [&](std::string_view name, std::uint64_t count) {
            out.key(name).integer(static_cast<std::int64_t>(count));
        };
        for (const auto& report : reports) {
            out.begin_object().key("policy").text(report.policy);
            number("due", report.due);
            number("removed", report.removed);
            number("held", report.held);
            number("waiting", report.waiting);
            number("overdue", report.overdue());
            out.end();
        }
        return out.end().end().take();
    });
}

}  // namespace

Result<std::vector<flow::PolicyReport>> sweep_retention(Gateway& gateway, bool dry_run) {
    const auto& keep = gateway.catalogue().config.retention;
    const flow::RetentionRules rules{flow::record_policies(keep.records), keep.unsolved_dead_letters,
                                     keep.consent_evidence};
    TRY(auto reports, flow::run_retention(gateway.world(), rules, dry_run));
    TRY(auto baseless, flow::sweep_stored_basis(gateway.world(), gateway.process(), dry_run));
    reports.push_back(std::move(baseless));
    return reports;
}

flow::RetentionNotes retention_notes(const RetentionConfig& keep) {
    flow::RetentionNotes notes{
        {"what could not be worked on, once it was taken up again", format_duration(keep.dead_letters)},
        {"that something was delivered", format_duration(keep.attempts)},
        {"ids of webhooks", format_duration(keep.delivery_ids)}};
    notes.emplace_back("what could not be worked on and nobody took up", keep.unsolved_dead_letters.text());
    for (const auto& policy : flow::record_policies(keep.records))
        notes.emplace_back("records of " + policy.entity, policy.keep.text());
    notes.emplace_back("consent events, after an erasure, under a pseudonym", format_duration(keep.consent_evidence));
    for (const auto& rule : keep.remainders)
        notes.emplace_back("figures of each " + rule.entity + ", after an erasure, for the law",
                           format_duration(rule.keep));
    return notes;
}

std::vector<NamedOperation> retention_operations() {
    using api::field::flag, api::field::integer, api::field::list, api::field::text;
    const api::Fields policy{text("policy"),  integer("due"),     integer("removed"),
                             integer("held"), integer("waiting"), integer("overdue")};
    return {{"retention.run",
             access::Permission::retention_change,
             retain,
             {flag("dry_run")},
             {flag("dry_run"), list("policies", policy)}}};
}

}  // namespace tributary::app
