#include <map>

#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/process_plan.hpp"

namespace tributary::flow {
namespace {

Result<void> write_records(store::Session& session, const ProcessPlan& plan) {
    std::vector<store::RecordRow> rows;
    for (const auto& record : plan.prepared.records) rows.push_back(record.row);
    for (const auto& one : plan.service.changes) rows.push_back(one.record.row);
    if (plan.keys) CHECK_OK(session.keys().put(plan.keys->fresh()));
    if (!rows.empty()) {
        CHECK_OK(session.records().put(rows));
    }
    if (!plan.remembered.empty()) CHECK_OK(session.records().remember_source(plan.remembered));
    auto& identity = session.identity();
    std::vector<store::RecordKeys> keys;
    for (const auto& record : plan.prepared.records)
        if (record.row.entity == "contact") keys.push_back({record.row.header.uid, record.match_keys});
    CHECK_OK(identity.put_keys(keys));
    if (!plan.people.links.empty()) CHECK_OK(identity.set_links(plan.people.links));
    for (const auto& revived : plan.people.revived) CHECK_OK(identity.remove_alias(revived));
    std::vector<store::Customer> customers;
    for (const auto& change : plan.people.customers) customers.push_back(change.row);
    if (!customers.empty()) CHECK_OK(identity.put_customers(customers));
    return {};
}

// The survivor takes over what other systems call the merged customer, unless it has a name of its own there.
Result<void> write_merges(const World& world, store::Session& session, const ProcessPlan& plan, Timestamp now) {
    for (const auto& [merged, survivor] : plan.people.merged) {
        CHECK_OK(session.identity().put_alias(merged, survivor, now));
        for (const auto& [name, connection] : world.connections) {
            std::array both{merged, survivor};
            TRY(auto ids, session.remote_ids().remote_of(name, "contact", both));
            if (!ids[0] || ids[1]) continue;
            store::RemoteId moved{name, "contact", survivor, *ids[0]};
            CHECK_OK(session.remote_ids().put(std::span(&moved, 1)));
        }
    }
    return {};
}

Result<void> write_routes(store::Session& session, const ProcessPlan& plan) {
    for (const auto& customer : plan.taken_back) {
        CHECK_OK(session.withheld().take(customer, std::nullopt));
    }
    std::vector<store::NewItem> items;
    std::map<std::string, std::vector<Uid>> allowed;
    for (const auto& open : plan.routed.items) {
        items.push_back(open.item);
        allowed[open.item.destination].push_back(open.item.record);
    }
    if (!items.empty()) {
        CHECK_OK(session.outbox().enqueue(items));
    }
    for (const auto& [destination, records] : allowed) CHECK_OK(session.withheld().remove(destination, records));
    if (!plan.routed.withheld.empty()) CHECK_OK(session.withheld().put(plan.routed.withheld));
    return {};
}

// A source that is read again and again shows the same broken record each time: it is kept once.
Result<bool> known_letter(store::Session& session, const store::NewDeadLetter& letter) {
    store::DeadLetterFilter filter;
    filter.stage = letter.stage;
    filter.record = letter.record;
    filter.mapping_version = letter.mapping_version;
    TRY(auto same, session.dead_letters().list(filter, 0, 20));
    for (const auto& one : same)
        if (one.op_key == letter.op_key) return true;
    return false;
}

Result<void> write_letters(store::Session& session, ProcessPlan& plan, Timestamp now) {
    auto& dead_letters = session.dead_letters();
    std::vector<store::NewDeadLetter> fresh;
    for (const auto& letter : plan.letters) {
        TRY(bool known, known_letter(session, letter));
        if (!known) fresh.push_back(letter);
    }
    plan.result.quarantined = fresh.size();
    // A record that came good ends the letters of its broken forms.
    TRY(auto room, dead_letters.room());
    std::vector<std::int64_t> ended(plan.batch.redriven);
    if (room.letters > 0) {
        for (const auto& record : plan.prepared.records) {
            if (record.restated) continue;
            store::DeadLetterFilter filter;
            filter.record = record.row.header.uid;
            filter.connection = plan.batch.connection;
            TRY(auto letters, dead_letters.list(filter, 0, 100));
            for (const auto& letter : letters)
                if (letter.destination.empty()) ended.push_back(letter.id);
        }
    }
    if (!ended.empty()) {
        CHECK_OK(dead_letters.mark_redriven(ended, now));
    }
    if (fresh.empty()) return {};
    CHECK_OK(dead_letters.put(fresh));
    return {};
}

Result<void> write_consents(World& world, store::Session& session, const ProcessPlan& plan) {
    auto suppressions = plan.forbidden;
    std::vector<bool> fresh;
    for (const auto& consent : plan.prepared.consents) {
        TRY(const auto added, session.consent_events().put(std::span(&consent.row, 1)));
        fresh.push_back(added > 0);
        if (consent.suppression) suppressions.push_back(*consent.suppression);
    }
    if (!suppressions.empty()) CHECK_OK(session.suppressions().put(suppressions));
    // An act that was read before was told before; a destination that came since got its data with a newer consent.
    for (const auto& one : plan.withdrawals)
        if (fresh[one.consent])
            CHECK_OK(open_tasks(world, session, plan.prepared.consents[one.consent], one, plan.batch.connection));
    return {};
}

Result<void> write_counts(store::Session& session, const ProcessPlan& plan) {
    const auto& connection = plan.batch.connection;
    std::vector<store::CounterDelta> deltas;
    std::map<std::string, std::uint64_t> taken;
    for (const auto& intake : plan.batch.records) ++taken[intake.stream];
    if (plan.batch.inbox.empty() && plan.batch.redriven.empty())
        for (const auto& [stream, count] : taken)
            deltas.push_back({store::Counter::accepted, connection, stream, count});
    for (const auto& [stream, count] : plan.prepared.mapped_by_stream)
        deltas.push_back({store::Counter::mapped, connection, stream, count});
    if (plan.result.unchanged > 0 && !plan.batch.records.empty())
        deltas.push_back(
            {store::Counter::unchanged, connection, plan.batch.records.front().stream, plan.result.unchanged});
    std::map<std::string, std::uint64_t> withheld;
    for (const auto& row : plan.routed.withheld) ++withheld[row.destination];
    for (const auto& [destination, count] : withheld)
        deltas.push_back({store::Counter::withheld, destination, "", count});
    if (!deltas.empty()) CHECK_OK(session.counters().add(deltas));
    if (!plan.prepared.quality.empty()) CHECK_OK(session.quality().add(plan.prepared.quality));
    return {};
}

// What was judged by an older ledger is judged again: it may hold somebody who was erased meanwhile.
Result<void> write_readmissions(store::Session& session, ProcessPlan& plan) {
    TRY(const auto newest, session.erasures().last());
    plan.erased_meanwhile = newest != plan.ledger;
    if (plan.erased_meanwhile) return fail(Fault::conflict, "somebody was erased meanwhile");
    if (plan.readmitted.empty()) return {};
    CHECK_OK(session.erasures().add(plan.readmitted));
    return {};
}

// Consent acts and refusals are audited; ordinary batches are counted, not listed.
Result<void> write_audit(World& world, store::Session& session, const ProcessPlan& plan) {
    std::vector<std::string> entries;
    if (!plan.prepared.consents.empty())
        entries.push_back(audit_entry(world.clock, "connector", plan.batch.connection, "consent.event",
                                      {{"events", std::to_string(plan.prepared.consents.size())}}));
    if (!plan.people.merged.empty())
        entries.push_back(audit_entry(world.clock, "connector", plan.batch.connection, "customer.merge",
                                      {{"customers", std::to_string(plan.people.merged.size())}}));
    std::map<std::pair<std::string, std::string>, std::uint64_t> denied;
    for (const auto& row : plan.routed.withheld) ++denied[{row.purpose, row.reason}];
    for (const auto& [what, count] : denied)
        entries.push_back(
            audit_entry(world.clock, "connector", plan.batch.connection, "consent.deny",
                        {{"purpose", what.first}, {"reason", what.second}, {"records", std::to_string(count)}}));
    const bool stored = plan.batch.connection.empty();
    for (const auto& [what, count] : plan.not_kept.by_reason)
        entries.push_back(audit_entry(world.clock, stored ? "system" : "connector",
                                      stored ? "gateway" : plan.batch.connection, "consent.deny",
                                      {{"point", stored ? "stored" : "ingest"},
                                       {"purpose", what.first},
                                       {"reason", what.second},
                                       {"records", std::to_string(count)}}));
    if (plan.prepared.corrections_ended > 0)
        entries.push_back(audit_entry(world.clock, "connector", plan.batch.connection, "correction.end",
                                      {{"fields", std::to_string(plan.prepared.corrections_ended)}}));
    for (const auto& one : plan.service.changes)
        if (!one.rule.empty())
            entries.push_back(audit_entry(world.clock, "system", "service rules", "case.open",
                                          {{"record", one.record.row.header.uid.text()}, {"rule", one.rule}}));
    if (plan.result.refused > 0)
        entries.push_back(audit_entry(world.clock, "connector", plan.batch.connection, "subject.refuse",
                                      {{"records", std::to_string(plan.result.refused)}}));
    for (const auto& one : plan.readmitted)
        entries.push_back(audit_entry(world.clock, "connector", plan.batch.connection, "subject.readmit",
                                      {{"subject", one.subject.text()}}));
    if (entries.empty()) return {};
    CHECK_OK(session.audit().append(entries));
    return {};
}

}  // namespace

Result<void> write_plan(World& world, ProcessPlan& plan) {
    return world.store.write([&](store::Session& session) -> Result<void> {
        Timestamp now = world.clock.now();
        if (const auto& fence = plan.batch.fence)
            CHECK_OK(session.leases().extend(fence->lease, fence->token, fence->extend_by, now));
        CHECK_OK(write_readmissions(session, plan));
        CHECK_OK(write_records(session, plan));
        CHECK_OK(write_merges(world, session, plan, now));
        CHECK_OK(write_consents(world, session, plan));
        CHECK_OK(write_routes(session, plan));
        CHECK_OK(write_letters(session, plan, now));
        if (!plan.batch.inbox.empty()) CHECK_OK(session.inbox().finish(plan.batch.inbox));
        if (plan.batch.checkpoint) CHECK_OK(session.checkpoints().put(*plan.batch.checkpoint));
        CHECK_OK(write_counts(session, plan));
        return write_audit(world, session, plan);
    });
}

}  // namespace tributary::flow
