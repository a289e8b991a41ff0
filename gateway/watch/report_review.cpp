#include <fmt/format.h>

#include <map>

#include "gateway/record/timestamp.hpp"
#include "gateway/watch/page.hpp"
#include "gateway/watch/reports.hpp"

namespace tributary::watch {
namespace {

using Rows = std::vector<std::vector<std::string>>;
constexpr std::int64_t kDormant = 90;  // days

std::string moment(value::Node node) {
    const auto text = node.text();
    return text.size() < 16 ? std::string(text) : fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

std::int64_t days_since(value::Node then, value::Node now) {
    const auto from = record::parse_timestamp(then.text()), to = record::parse_timestamp(now.text());
    if (!from || !to) return 0;
    return std::chrono::duration_cast<std::chrono::hours>(*to - *from).count() / 24;
}

// Whatever a source of figures gave: a table of its members.
void any_table(Page& page, value::Node rows, std::string_view empty) {
    if (!rows.is(value::Kind::array)) return page.nothing("Not recorded.");
    if (rows.size() == 0) return page.nothing(empty);
    std::vector<Column> head;
    Rows cells;
    for (auto member : rows.at(0)) head.push_back({std::string(member.key()), member.is_number()});
    for (auto row : rows) {
        auto& line = cells.emplace_back();
        for (auto member : row) line.push_back(member.scalar_text());
    }
    page.table(head, cells);
}

void credentials(Page& page, value::Node figures) {
    page.section(
        "Credentials",
        fmt::format("Secrets of the vault that nobody changed for more than {} days may be forgotten ones.", kDormant));
    const auto secrets = figures.find("credentials");
    if (!secrets.is(value::Kind::array)) return page.nothing("Not recorded.");
    if (secrets.size() == 0) return page.nothing("The vault holds no secrets.");
    std::vector<Bar> bars;
    for (auto secret : secrets) {
        const auto days = days_since(secret.find("changed_at"), figures.find("at"));
        bars.push_back({std::string(secret.find("name").text()), static_cast<double>(days),
                        fmt::format("{} days{}", days, secret.find("used").boolean() ? "" : ", used by no connection"),
                        days > kDormant || !secret.find("used").boolean()});
    }
    page.bars("Days since each secret was changed", bars);
}

void consents(Page& page, value::Node figures) {
    page.section("Consent by purpose",
                 "Data subjects by what they said last of each purpose, in the order of arrival.");
    const auto counts = figures.find("consents");
    if (!counts.is(value::Kind::array)) return page.nothing("Not recorded.");
    if (counts.size() == 0) return page.nothing("Nobody said anything yet.");
    std::map<std::string, std::map<std::string, std::int64_t>> purposes;
    for (auto one : counts)
        purposes[std::string(one.find("purpose").text())][std::string(one.find("state").text())] +=
            one.find("subjects").integer();
    std::vector<Bar> bars;
    Rows rows;
    for (const auto& [purpose, states] : purposes) {
        std::int64_t all = 0;
        std::string others;
        for (const auto& [state, subjects] : states) {
            all += subjects;
            if (state != "given")
                others += fmt::format("{}{} {}", others.empty() ? "" : ", ", state, grouped(subjects));
        }
        const auto given = states.contains("given") ? states.at("given") : 0;
        const auto share = all > 0 ? 100.0 * static_cast<double>(given) / static_cast<double>(all) : 0;
        bars.push_back(
            {purpose, static_cast<double>(given), fmt::format("{} given, {:.0f} %", grouped(given), share), false});
        rows.push_back({purpose, grouped(given), grouped(all), others});
    }
    page.bars("Data subjects who gave consent, by purpose", bars);
    page.table({{"purpose", false}, {"given", true}, {"asked", true}, {"others", false}}, rows);
}

void audit(Page& page, value::Node figures) {
    page.section("Audit trail");
    const auto trail = figures.find("audit");
    const auto verified = trail.find("verified_at");
    page.figure(grouped(trail.find("entries").integer()), "entries");
    page.figure(verified ? moment(verified) : "never", "checked last", !verified);
    if (verified)
        page.figure(trail.find("whole").boolean() ? "whole" : "broken", "result", !trail.find("whole").boolean());
    page.figure(trail.find("checkpoint_at") ? moment(trail.find("checkpoint_at")) : "none", "newest signed checkpoint",
                !trail.find("checkpoint_at"));
    page.figure(trail.find("anchored").boolean() ? "yes" : "no", "checkpoints kept elsewhere",
                !trail.find("anchored").boolean());
}

void alerts(Page& page, value::Node figures) {
    page.section("Alerts", "Raised since the store was made, and still open.");
    const auto rules = figures.find("alerts");
    if (rules.size() == 0) return page.nothing("There were none.");
    std::vector<Bar> bars;
    for (auto rule : rules) {
        const auto open = rule.find("open").integer();
        bars.push_back({std::string(rule.find("rule").text()), static_cast<double>(rule.find("raised").integer()),
                        fmt::format("{} raised, {} open", grouped(rule.find("raised").integer()), grouped(open)),
                        open > 0});
    }
    page.bars("Alerts raised, by rule", bars);
}

}  // namespace

std::string review_page(value::Node figures) {
    Page page(fmt::format("Periodic review of {}", figures.find("gateway").text()),
              "Tributary, " + moment(figures.find("at")));
    page.section("Who has access", "Users and what they may do; dormant ones go.");
    any_table(page, figures.find("users"), "There are no users besides the operator of the command line.");
    credentials(page, figures);
    page.section("Requests of data subjects", "Open ones and those over their deadline.");
    any_table(page, figures.find("requests"), "None are open.");
    page.section("Retention", "What is kept longer than its policy says.");
    any_table(page, figures.find("retention"), "Nothing is overdue.");
    consents(page, figures);
    page.section("Deletions that are not carried on",
                 "Deliveries to systems that do not hear of a deletion at the source.");
    any_table(page, figures.find("unsupported_deletions"), "Every delivery carries deletions on.");
    audit(page, figures);
    page.section("Restore drill", "When a backup was last restored for a test, and how that went.");
    any_table(page, figures.find("drill"), "No drill was held.");
    alerts(page, figures);
    return page.html();
}

std::string review_summary(value::Node figures) {
    std::int64_t open = 0;
    for (auto rule : figures.find("alerts")) open += rule.find("open").integer();
    const auto trail = figures.find("audit");
    return fmt::format("{} open alerts; audit trail of {} entries, checked last: {}; {} secrets in the vault.", open,
                       grouped(trail.find("entries").integer()),
                       trail.find("verified_at") ? moment(trail.find("verified_at")) : "never",
                       figures.find("credentials").size());
}

}  // namespace tributary::watch
