// Parts of the periodic review that other areas of the gateway keep.
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations_subject.hpp"
#include "gateway/app/report_figures.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/retention.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::app {
namespace {

constexpr std::size_t kReviewPage = 500;

void number(value::Builder& out, std::string_view name, std::uint64_t count) {
    out.key(name).integer(static_cast<std::int64_t>(count));
}

Result<value::Document> users(Gateway& gateway) {
    value::Builder out;
    out.begin_array();
    CHECK_OK(gateway.foundation().store->read([&](store::ReadSession& session) -> Result<void> {
        for (std::string after;;) {
            TRY(const auto page, session.accounts().users(after, kReviewPage));
            for (const auto& user : page) {
                std::vector<std::string> roles;
                for (const auto role : user.roles) roles.emplace_back(access::name_of(role));
                out.begin_object().key("user").text(user.name).key("roles").text(join(roles, ", "));
                out.key("second factor").text(user.has_second_factor() ? "yes" : "no");
                out.key("since").text(record::timestamp_text(user.created).substr(0, 10));
                out.key("changed").text(record::timestamp_text(user.changed).substr(0, 10)).end();
            }
            if (page.size() < kReviewPage) return {};
            after = page.back().name;
        }
    }));
    return out.end().take();
}

Result<value::Document> requests(Gateway& gateway) {
    const auto now = gateway.foundation().clock.now();
    value::Builder out;
    out.begin_array();
    CHECK_OK(gateway.foundation().store->read([&](store::ReadSession& session) -> Result<void> {
        for (Uid after;;) {
            TRY(const auto page, session.subject_requests().list(true, after, kReviewPage));
            for (const auto& row : page) {
                out.begin_object().key("request").text(row.uid.text()).key("kind").text(row.kind);
                out.key("state").text(row.state);
                out.key("received").text(record::timestamp_text(row.received_at).substr(0, 10));
                out.key("due").text(record::timestamp_text(row.due_at).substr(0, 10));
                out.key("overdue").text(row.due_at < now ? "yes" : "no").end();
            }
            if (page.size() < kReviewPage) return {};
            after = page.back().uid;
        }
    }));
    return out.end().take();
}

// Those that a sweep would take now, and those that a hold keeps.
Result<value::Document> retention(Gateway& gateway) {
    TRY(const auto reports, sweep_retention(gateway, true));
    value::Builder out;
    out.begin_array();
    for (const auto& report : reports) {
        if (report.due == 0 && report.held == 0) continue;
        out.begin_object().key("policy").text(report.policy);
        number(out, "due", report.due);
        number(out, "under hold", report.held);
        out.end();
    }
    return out.end().take();
}

Result<value::Document> drill(Gateway& gateway) {
    if (!gateway.backups()) return value::Document();
    const auto state = gateway.backups()->state();
    value::Builder out;
    out.begin_array();
    if (state.drilled) {
        const auto seconds = [](Milliseconds span) { return std::to_string(span.count() / 1000) + " s"; };
        out.begin_object().key("held").text(record::timestamp_text(*state.drilled).substr(0, 10));
        out.key("result").text(state.drill_failed ? "failed" : "passed");
        out.key("data that would be lost").text(seconds(state.rpo)).key("time to restore").text(seconds(state.rto));
        out.end();
    }
    return out.end().take();
}

}  // namespace

const std::vector<ReviewSource>& review_sources() {
    static const std::vector<ReviewSource> sources{
        {"users", users}, {"requests", requests}, {"retention", retention}, {"drill", drill}};
    return sources;
}

}  // namespace tributary::app
