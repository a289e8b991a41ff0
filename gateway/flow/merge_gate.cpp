#include "gateway/flow/merge_gate.hpp"

namespace tributary::flow {

Result<bool> may_merge(World& world, const ConsentFacts& facts, const Uid& subject, value::Node contact) {
    const auto decision = facts.decide(world, DataUse{std::string(kMergePurpose)}, std::span(&subject, 1), {contact});
    if (decision.verdict == consent::Verdict::hold) return undecided(decision, "purpose " + std::string(kMergePurpose));
    return decision.allowed() || decision.row == 2;  // the status of a person is no word on this
}

Result<bool> any_stays_alone(World& world, std::span<const Uid> records) {
    if (!world.purposes.find(kMergePurpose)) return false;
    std::vector<std::optional<store::RecordRow>> rows;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(rows, session.records().load(records));
        return {};
    }));
    std::vector<Uid> subjects;
    for (const auto& row : rows)
        if (row) subjects.push_back(row->header.subject);
    const auto facts = ConsentFacts::load(world, subjects);
    for (const auto& subject : subjects) {
        TRY(const bool may, may_merge(world, facts, subject, {}));
        if (!may) return true;
    }
    return false;
}

bool is_about_merging(const consent::ConsentEvent& event) {
    return consent::is_same_or_ancestor(event.purpose, kMergePurpose);
}

}  // namespace tributary::flow
