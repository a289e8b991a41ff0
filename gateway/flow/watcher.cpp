#include "gateway/flow/watcher.hpp"

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/audit_keeper.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

constexpr const char* kSeen = "watch.seen";

}  // namespace

std::optional<watch::Act> act_of(const audit::Entry& entry) {
    const auto document = value::parse_json(entry.bytes);
    if (!document) return std::nullopt;
    const auto root = document->root();
    const auto at = record::parse_timestamp(root.find("ts").text());
    if (!at) return std::nullopt;
    watch::Act act{
        entry.seq, *at, std::string(root.at_path("actor.id").text()), std::string(root.find("action").text()), {}};
    for (auto detail : root.find("details")) act.details.emplace(detail.key(), detail.scalar_text());
    return act;
}

// Where the last look ended; on the way there, what is usual.
Result<void> Watcher::begin() {
    std::optional<std::string> mark;
    std::optional<audit::Entry> last;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(mark, session.marks().get(kSeen));
        TRY(last, session.audit().last());
        return {};
    }));
    const auto newest = last ? last->seq : 0;
    // A store that was watched by nobody yet has a history alone.
    const auto known = mark ? to_integer(*mark) : std::nullopt;
    const auto seen = std::min<std::int64_t>(known.value_or(newest), newest);
    CHECK_OK(each_entry(world_.store, std::max<std::int64_t>(0, seen - kHistory), [&](const audit::Entry& entry) {
        if (entry.seq > seen) return false;
        if (const auto act = act_of(entry)) rules_.see(*act, true);
        return entry.seq < seen;
    }));
    // From here on everything counts, also what is written before the next look and a stop.
    if (!known)
        CHECK_OK(world_.store.write(
            [&](store::Session& session) { return session.marks().put(kSeen, std::to_string(seen)); }));
    seen_ = seen;
    return {};
}

Result<void> Watcher::look(const watch::Figures& figures) {
    const std::scoped_lock lock(mutex_);
    if (!seen_) CHECK_OK(begin());
    auto signs = std::move(owed_);
    owed_.clear();
    const auto before = *seen_;
    auto read = each_entry(world_.store, before, [&](const audit::Entry& entry) {
        if (const auto act = act_of(entry))
            for (auto& sign : rules_.see(*act)) signs.push_back(std::move(sign));
        seen_ = entry.seq;
        return true;
    });
    for (auto& sign : rules_.look(figures)) signs.push_back(std::move(sign));
    if (signs.empty() && *seen_ == before) return read;
    if (auto kept = keep(signs, figures.now, *seen_); !kept) {
        owed_ = std::move(signs);
        return kept;
    }
    return read;
}

Result<void> Watcher::keep(const std::vector<watch::Sign>& signs, Timestamp now, std::int64_t seq) {
    std::vector<store::Alert> raised;
    CHECK_OK(world_.store.write([&](store::Session& session) -> Result<void> {
        std::vector<std::string> entries;
        for (const auto& sign : signs) {
            const store::NewAlert alert{sign.rule, sign.subject, sign.critical ? "critical" : "warning", sign.what};
            TRY(const auto row, session.alerts().raise(alert, now, sign.lasting ? now - repeat_ : Timestamp::max()));
            if (!row) continue;
            raised.push_back(*row);
            if (row->times == 1)
                entries.push_back(audit_entry(world_.clock, "system", "gateway", "alert.raised",
                                              {{"alert", std::to_string(row->id)},
                                               {"rule", sign.rule},
                                               {"subject", sign.subject},
                                               {"what", sign.what}}));
        }
        if (!entries.empty()) CHECK_OK(session.audit().append(entries));
        return session.marks().put(kSeen, std::to_string(seq));
    }));
    for (const auto& alert : raised)
        world_.log.warn("alert", {{"id", alert.id},
                                  {"rule", alert.rule},
                                  {"subject", alert.subject},
                                  {"severity", alert.severity},
                                  {"times", alert.times},
                                  {"what", alert.what}});
    return {};
}

}  // namespace tributary::flow
