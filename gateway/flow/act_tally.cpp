#include "gateway/flow/act_tally.hpp"

#include <vector>

#include "gateway/record/timestamp.hpp"

namespace tributary::flow {

void ActTally::count(const std::string& action, const ActDetails& details) {
    const std::scoped_lock lock(mutex_);
    auto kind = kinds_.find({action, details});
    if (kind == kinds_.end()) {
        const bool full = kinds_.size() >= kKinds;
        kind = kinds_.try_emplace(full ? Kind{action, {{"kind", "others"}}} : Kind{action, details}).first;
    }
    if (kind->second.count++ == 0) kind->second.first = clock_.now();
}

Result<void> ActTally::flush(store::Store& store, bool all) {
    const auto now = clock_.steady();
    std::vector<std::pair<Kind, std::uint64_t>> taken;
    std::vector<std::string> entries;
    {
        const std::scoped_lock lock(mutex_);
        for (auto kind = kinds_.begin(); kind != kinds_.end();) {
            auto& counted = kind->second;
            const bool rested = counted.written == SteadyTime{} || now - counted.written >= kPeriod;
            if (counted.count == 0 && rested) {
                kind = kinds_.erase(kind);
                continue;
            }
            if (counted.count > 0 && (rested || all)) {
                auto details = kind->first.second;
                details["count"] = std::to_string(counted.count);
                details["since"] = record::timestamp_text(counted.first);
                entries.push_back(audit_entry(clock_, "system", "gateway", kind->first.first, details));
                taken.emplace_back(kind->first, counted.count);
                counted.count = 0;
                counted.written = now;
            }
            ++kind;
        }
    }
    if (entries.empty()) return {};
    auto written = store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.audit().append(entries));
        return {};
    });
    if (written) return {};
    const std::scoped_lock lock(mutex_);
    for (const auto& [kind, count] : taken) {
        kinds_[kind].count += count;
        kinds_[kind].written = {};
    }
    return written;
}

}  // namespace tributary::flow
