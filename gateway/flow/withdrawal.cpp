#include "gateway/flow/withdrawal.hpp"

#include <algorithm>

#include "gateway/flow/audit_entry.hpp"

namespace tributary::flow {
namespace {

bool touches(const World& world, const consent::ConsentEvent& act, const store::Disclosure& told) {
    if (!consent::is_same_or_ancestor(act.purpose, told.purpose)) return false;
    const auto* purpose = world.purposes.find(told.purpose);
    return !purpose || purpose->takes(act.channel);
}

// An act about one address ends its use alone; one about the person, that of all of them.
Reach reach_for(const PreparedConsent& act, const Withdrawal& ended) {
    if (act.address.empty()) return ended.reach;
    Reach reach;
    if (act.address_kind == "email") reach.emails.push_back(act.address);
    if (act.address_kind == "phone") reach.phones.push_back(act.address);
    if (act.event.contact_point) return reach;
    for (const auto& email : ended.reach.emails)
        if (email != act.address) reach.emails.push_back(email);
    reach.phones.insert(reach.phones.end(), ended.reach.phones.begin(), ended.reach.phones.end());
    return reach;
}

}  // namespace

bool ends_use(const consent::ConsentEvent& event) {
    using consent::State;
    return event.state == State::withdrawn || event.state == State::refused || event.state == State::revoked;
}

Result<void> open_tasks(World& world, store::Session& session, const PreparedConsent& act, const Withdrawal& ended,
                        const std::string& origin) {
    auto subjects = ended.subjects;
    std::ranges::sort(subjects);
    subjects.erase(std::ranges::unique(subjects).begin(), subjects.end());
    auto reach = reach_for(act, ended);
    Timestamp now = world.clock.now();
    std::vector<store::NewPropagationTask> tasks;
    for (const auto& subject : subjects) {
        TRY(auto disclosures, session.disclosures().of(subject));
        for (auto& told : disclosures) {
            if (told.destination == origin || !touches(world, act.event, told)) continue;
            store::NewPropagationTask task{.request = act.row.event, .subject = subject, .customer = ended.customer};
            task.sealed = seal_reach(world, task.request, told.destination, reach);
            task.destination = std::move(told.destination);
            task.external_id = std::move(told.external_id);
            task.purpose = std::move(told.purpose);
            task.created_at = task.next_run_at = now;
            task.due_at = now + kToldWithin;
            tasks.push_back(std::move(task));
        }
    }
    if (tasks.empty()) return {};
    TRY(const auto opened, session.propagation().put(tasks));
    if (opened == 0) return {};
    auto entry = audit_entry(world.clock, "system", "gateway", "propagation.open",
                             {{"request", act.row.event.text()}, {"tasks", std::to_string(opened)}});
    CHECK_OK(session.audit().append(std::span(&entry, 1)));
    return {};
}

}  // namespace tributary::flow
