#include "gateway/flow/retention.hpp"

#include <algorithm>
#include <set>

#include "gateway/base/duration.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/record/case_status.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kRetentionPage = 500;

class RetentionSweep {
  public:
    RetentionSweep(World& world, bool dry_run) : world_(world), dry_run_(dry_run), now_(world.clock.now()) {}

    Result<PolicyReport> records(const std::string& entity, Milliseconds keep) {
        PolicyReport report{"records of " + entity};
        for (std::int64_t after = 0;;) {
            std::vector<store::RecordRow> rows;
            std::set<Uid> held;
            CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
                TRY(rows, session.records().list(entity, after, kRetentionPage));
                TRY(held, held_of(session, rows));
                return {};
            }));
            if (rows.empty()) return report;
            after = rows.back().header.id;
            std::vector<Uid> due;
            for (const auto& row : rows) {
                if (row.observed_at + keep > now_ || is_open_case(row)) continue;
                ++report.due;
                if (held.contains(row.header.subject))
                    ++report.held;
                else
                    due.push_back(row.header.uid);
            }
            TRY(const auto waiting, queued_among(due));
            std::erase_if(due, [&](const Uid& uid) { return waiting.contains(uid); });
            report.waiting += waiting.size();
            CHECK_OK(remove(report, due.size(), [&](store::Session& session) { return session.records().erase(due); }));
        }
    }

    // The payload of a letter goes with it.
    Result<PolicyReport> dead_letters(Milliseconds keep) {
        PolicyReport report{"unsolved dead letters"};
        store::DeadLetterFilter filter;
        filter.failed_before = now_ - keep;
        for (std::int64_t after = 0;;) {
            std::vector<store::DeadLetter> letters;
            std::set<Uid> held;
            CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
                TRY(letters, session.dead_letters().list(filter, after, kRetentionPage));
                std::vector<Uid> subjects;
                for (const auto& letter : letters) subjects.push_back(letter.subject);
                TRY(held, held_among(session, subjects, now_));
                return {};
            }));
            if (letters.empty()) return report;
            after = letters.back().id;
            std::vector<std::int64_t> due;
            for (const auto& letter : letters) {
                ++report.due;
                if (held.contains(letter.subject))
                    ++report.held;
                else
                    due.push_back(letter.id);
            }
            CHECK_OK(remove(report, due.size(), [&](store::Session& session) -> Result<void> {
                CHECK_OK(session.dead_letters().remove(due));
                return {};
            }));
        }
    }

    // Erased people have no subject any more: their consent stands under the uid of their request.
    Result<PolicyReport> consent_evidence(Milliseconds keep) {
        PolicyReport report{"consent evidence of the erased"};
        for (Uid after;;) {
            std::vector<store::SubjectRequestRow> rows;
            std::vector<Uid> due;
            std::uint64_t events = 0;
            CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
                TRY(rows, session.subject_requests().list(false, after, kRetentionPage));
                for (const auto& row : rows)
                    if (row.kind == "erasure" && row.closed_at && *row.closed_at + keep <= now_) due.push_back(row.uid);
                TRY(const auto kept, session.consent_events().of(due));
                for (const auto& some : kept) events += some.size();
                return {};
            }));
            if (rows.empty()) return report;
            after = rows.back().uid;
            report.due += events;
            CHECK_OK(remove(report, events, [&](store::Session& session) -> Result<void> {
                CHECK_OK(session.consent_events().remove(due));
                return {};
            }));
        }
    }

    Result<PolicyReport> remainders() {
        PolicyReport report{"figures kept for the law"};
        for (Uid after;;) {
            std::vector<store::Remainder> rows;
            CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
                TRY(rows, session.remainders().list(after, kRetentionPage));
                return {};
            }));
            if (rows.empty()) break;
            after = rows.back().token;
            report.due += static_cast<std::uint64_t>(
                std::ranges::count_if(rows, [&](const auto& row) { return row.kept_until < now_; }));
        }
        for (auto left = report.due; left > 0; left -= std::min<std::uint64_t>(left, kRetentionPage))
            CHECK_OK(remove(report, std::min<std::uint64_t>(left, kRetentionPage),
                            [&](store::Session& session) -> Result<void> {
                                CHECK_OK(session.remainders().sweep(now_, kRetentionPage));
                                return {};
                            }));
        return report;
    }

  private:
    static bool is_open_case(const store::RecordRow& row) {
        if (row.entity != "case") return false;
        const auto clear = value::parse_json(row.clear);
        return clear && record::is_open_case_status(clear->root().find("status").text());
    }

    // Those that an item in the queue was made of.
    Result<std::set<Uid>> queued_among(const std::vector<Uid>& records) {
        std::set<Uid> queued;
        if (records.empty()) return queued;
        CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(const auto items, session.person_rows().items({.customers = {}, .records = records, .subjects = {}}));
            for (const auto& item : items) queued.insert(item.record);
            return {};
        }));
        return queued;
    }

    Result<std::set<Uid>> held_of(store::ReadSession& session, const std::vector<store::RecordRow>& rows) {
        std::vector<Uid> subjects;
        for (const auto& row : rows) subjects.push_back(row.header.subject);
        return held_among(session, subjects, now_);
    }

    template <class F>
    Result<void> remove(PolicyReport& report, std::uint64_t count, const F& act) {
        if (count == 0 || dry_run_) return {};
        const auto entry = audit_entry(world_.clock, "system", "retention", "retention.remove",
                                       {{"policy", report.policy}, {"count", std::to_string(count)}});
        CHECK_OK(world_.store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(act(session));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        report.removed += count;
        return {};
    }

    World& world_;
    bool dry_run_;
    Timestamp now_;
};

}  // namespace

Result<std::set<Uid>> held_among(store::ReadSession& session, std::span<const Uid> subjects, Timestamp now) {
    TRY(const auto marks, session.subject_marks().of(store::MarkKind::held, subjects, now));
    std::set<Uid> held;
    for (const auto& mark : marks) held.insert(mark.subject);
    return held;
}

std::string Term::text() const {
    return span ? format_duration(*span) : "forever";
}

const std::vector<RecordPolicy>& standard_record_policies() {
    using std::chrono::days;
    static const std::vector<RecordPolicy> policies{{"interaction", {days{730}}}, {"feedback", {days{730}}},
                                                    {"lead", {days{365}}},        {"opportunity", {days{1095}}},
                                                    {"case", {days{1095}}},       {"order", {days{3650}}},
                                                    {"payment", {days{3650}}}};
    return policies;
}

std::vector<RecordPolicy> record_policies(const std::vector<RecordPolicy>& set) {
    auto out = set;
    for (const auto& standard : standard_record_policies())
        if (std::ranges::none_of(set, [&](const auto& one) { return one.entity == standard.entity; }))
            out.push_back(standard);
    return out;
}

Result<std::vector<PolicyReport>> run_retention(World& world, const RetentionRules& rules, bool dry_run) {
    RetentionSweep sweep(world, dry_run);
    std::vector<PolicyReport> reports;
    for (const auto& policy : rules.records) {
        if (!policy.keep.span) continue;
        TRY(auto report, sweep.records(policy.entity, *policy.keep.span));
        reports.push_back(std::move(report));
    }
    if (rules.unsolved_dead_letters.span) {
        TRY(auto report, sweep.dead_letters(*rules.unsolved_dead_letters.span));
        reports.push_back(std::move(report));
    }
    TRY(auto evidence, sweep.consent_evidence(rules.consent_evidence));
    reports.push_back(std::move(evidence));
    TRY(auto remainders, sweep.remainders());
    reports.push_back(std::move(remainders));
    return reports;
}

}  // namespace tributary::flow
