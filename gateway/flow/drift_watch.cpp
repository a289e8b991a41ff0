#include "gateway/flow/drift_watch.hpp"

namespace tributary::flow {

void DriftWatch::observe(const std::string& connection, const std::string& stream, value::Node record, Timestamp now) {
    std::scoped_lock lock(mutex_);
    streams_[{connection, stream}].drift.observe(record, now);
}

std::vector<store::QualityCount> DriftWatch::take_new(const std::string& connection, const std::string& stream,
                                                      Timestamp now) {
    std::scoped_lock lock(mutex_);
    std::vector<store::QualityCount> counts;
    auto& watched = streams_[{connection, stream}];
    for (const auto& finding : watched.drift.findings()) {
        std::string code =
            (finding.what == mapping::DriftFinding::What::new_field ? "new_field " : "new_kind ") + finding.kind;
        auto& told = watched.told[{finding.path, code}];
        if (finding.count <= told) continue;
        counts.push_back({store::QualityKind::drift, connection, stream, finding.path, code, finding.count - told,
                          finding.first_seen, now});
        told = finding.count;
    }
    return counts;
}

}  // namespace tributary::flow
