#include "gateway/flow/process.hpp"

#include <functional>

#include "gateway/flow/corrections.hpp"
#include "gateway/flow/erased.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/flow/process_plan.hpp"
#include "gateway/flow/stored_basis.hpp"

namespace tributary::flow {

namespace {

constexpr int kTries = 3;  // a conflict is a race with a writer outside this process step

Result<std::vector<std::optional<store::RecordHeader>>> stored(World& world,
                                                               const std::vector<store::RecordKey>& keys) {
    std::vector<std::optional<store::RecordHeader>> found;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(found, session.records().find(keys));
        return {};
    }));
    return found;
}

// What is stored may change between reading it and writing it anew: then it is read again.
Result<BatchResult> restate(const std::function<Result<BatchResult>()>& act) {
    for (int attempt = 1;; ++attempt) {
        auto done = act();
        if (done || done.error().fault != Fault::conflict || attempt == kTries) return done;
    }
}

}  // namespace

// Pages of a sync are mostly what is known already. Webhooks come because something changed: no look-up for them.
Prepared Process::prepare(const Batch& batch) {
    if (!batch.checkpoint) return preparer_.prepare(batch);
    std::vector<store::RecordKey> keys;
    keys.reserve(batch.records.size());
    for (const auto& intake : batch.records)
        keys.push_back({batch.connection, intake.stream, intake.record.external_id});
    auto known = stored(world_, keys);
    if (!known) return preparer_.prepare(batch);  // the commit meets the same store, and tells
    return preparer_.prepare(batch, *known);
}

Result<BatchResult> Process::process(Batch batch) {
    auto prepared = prepare(batch);
    return commit(std::move(batch), std::move(prepared));
}

Result<BatchResult> Process::commit(Batch batch, Prepared prepared) {
    std::scoped_lock lock(mutex_);
    CHECK_OK(map_changed_meanwhile(batch, prepared));
    // Another gateway may have made the first one meanwhile.
    if (!corrections_ || (!*corrections_ && world_.store.shared())) {
        TRY(corrections_, has_corrections(world_));
    }
    if (*corrections_) {
        TRY(prepared.corrections_ended, lay_corrections(world_, prepared));
    }
    return commit_locked(batch, prepared, {});
}

Result<BatchResult> Process::relink_records(std::vector<Uid> records) {
    std::scoped_lock lock(mutex_);
    Batch batch;
    Prepared prepared;
    return commit_locked(batch, prepared, {.touched = std::move(records)});
}

Result<BatchResult> Process::record_consents(std::vector<PreparedConsent> consents) {
    std::scoped_lock lock(mutex_);
    Batch batch;
    Prepared prepared;
    prepared.consents = std::move(consents);
    return commit_locked(batch, prepared, {});
}

Result<BatchResult> Process::correct(std::span<const Uid> customers, value::Node fields) {
    std::scoped_lock lock(mutex_);
    return restate([&]() -> Result<BatchResult> {
        TRY(auto corrected, flow::correct(world_, customers, fields));
        Batch batch;
        Prepared prepared;
        prepared.records = std::move(corrected.records);
        TRY(auto done, commit_locked(batch, prepared, {}));
        corrections_ = true;
        done.changed = corrected.corrected;
        return done;
    });
}

Result<BatchResult> Process::judge_stored(std::span<const Uid> records) {
    std::scoped_lock lock(mutex_);
    return judge_locked(records);
}

Result<BatchResult> Process::judge_locked(std::span<const Uid> records) {
    return restate([&]() -> Result<BatchResult> {
        TRY(auto stored, load_judged(world_, records));
        if (stored.records.empty()) return BatchResult{};
        Batch batch;
        Prepared prepared;
        prepared.records = std::move(stored.records);
        return commit_locked(batch, prepared, {});
    });
}

// The use that ended may have been what records were kept for. The contacts go at once; what else hangs on them in the
// daily sweep, which also makes up for a failure here: the acts themselves are durable.
void Process::judge_withdrawn(const ProcessPlan& plan) {
    if (plan.withdrawals.empty()) return;
    std::vector<Uid> records;
    const auto read = world_.store.read([&](store::ReadSession& session) -> Result<void> {
        for (const auto& ended : plan.withdrawals) {
            if (ended.customer.is_nil() || !is_kept_for(world_, plan.prepared.consents[ended.consent].event)) continue;
            TRY(const auto rows, session.records().by_customer(ended.customer));
            for (const auto& row : rows) records.push_back(row.header.uid);
        }
        return {};
    });
    if (read && records.empty()) return;
    const auto judged = read ? judge_locked(records) : Result<BatchResult>(fail(read.error()));
    if (!judged) world_.log.error("what has no basis any more is left to the daily sweep", judged.error());
}

Result<BatchResult> Process::release_withheld(const Uid& customer) {
    std::scoped_lock lock(mutex_);
    Batch batch;
    Prepared prepared;
    return commit_locked(batch, prepared, {.reconsider = {customer}});
}

Result<BatchResult> Process::redeliver(std::vector<store::DeadLetter> letters) {
    std::scoped_lock lock(mutex_);
    Batch batch;
    Prepared prepared;
    for (const auto& letter : letters) batch.redriven.push_back(letter.id);
    return commit_locked(batch, prepared, {.redeliver = std::move(letters)});
}

Result<BatchResult> Process::commit_locked(const Batch& batch, Prepared& prepared, Again again) {
    // What one try left out stays left out in the next.
    std::uint64_t unchanged = prepared.familiar.size(), stale = 0, refused = 0;
    std::vector<store::Suppression> forbidden;
    NotKept not_kept;
    for (int attempt = 1;; ++attempt) {
        ProcessPlan plan{batch, prepared, again};
        plan.result.records = prepared.taken;
        plan.result.skipped = prepared.skipped;
        plan.result.unchanged = unchanged;
        plan.result.stale = stale;
        TRY(auto judged, refuse_erased(world_, prepared));
        plan.result.refused = refused += judged.refused;
        forbidden.insert(forbidden.end(), judged.suppressions.begin(), judged.suppressions.end());
        plan.forbidden = forbidden;
        plan.ledger = judged.ledger;
        plan.readmitted = std::move(judged.readmitted);
        TRY(const auto dropped, drop_without_basis(world_, prepared));
        CHECK_OK(end_corrections(world_, prepared));
        not_kept.refused += dropped.refused;
        for (const auto& [why, count] : dropped.by_reason) not_kept.by_reason[why] += count;
        plan.not_kept = not_kept;
        plan.result.no_basis = not_kept.refused;
        CHECK_OK(drop_unchanged(plan));
        unchanged = plan.result.unchanged;
        stale = plan.result.stale;
        CHECK_OK(follow_up(plan));
        CHECK_OK(seal(plan));
        auto written = write_plan(world_, plan);
        if (written) {
            if (plan.keys) plan.keys->committed();
            judge_withdrawn(plan);
            return plan.result;
        }
        // A stale fence is a conflict as well, and no second try mends that one.
        if (plan.erased_meanwhile && attempt < kTries) continue;
        if (written.error().fault != Fault::conflict || batch.fence || attempt == kTries)
            return pass(std::move(written));
    }
}

// What was left out as familiar while another batch was on its way may be a change by now: then all of it is mapped.
Result<void> Process::map_changed_meanwhile(const Batch& batch, Prepared& prepared) {
    if (prepared.familiar.empty()) return {};
    std::vector<store::RecordKey> keys;
    keys.reserve(prepared.familiar.size());
    for (const auto& one : prepared.familiar) keys.push_back(one.key);
    TRY(auto found, stored(world_, keys));
    for (std::size_t i = 0; i < found.size(); ++i)
        if (!found[i] || found[i]->source != prepared.familiar[i].source) {
            prepared = preparer_.prepare(batch);
            break;
        }
    return {};
}

// Compares with what is stored, leaves out what must not be written, and takes over the rows' ids and versions.
Result<void> Process::drop_unchanged(ProcessPlan& plan) {
    auto& prepared = plan.prepared;
    auto& result = plan.result;
    std::vector<store::RecordKey> keys;
    for (const auto& record : prepared.records) keys.push_back(record.row.key);
    std::vector<std::optional<store::RecordHeader>> found;
    std::vector<Uid> changed;
    std::vector<std::optional<store::RecordRow>> rows;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(found, session.records().find(keys));
        for (std::size_t i = 0; i < found.size(); ++i)
            if (found[i] && found[i]->hash != prepared.records[i].row.header.hash) changed.push_back(found[i]->uid);
        TRY(rows, session.records().load(changed));
        return {};
    }));
    const auto now = world_.clock.now();
    std::map<Uid, const store::RecordRow*> stored;
    for (const auto& row : rows)
        if (row) stored[row->header.uid] = &*row;
    std::vector<PreparedRecord> kept;
    for (std::size_t i = 0; i < prepared.records.size(); ++i) {
        auto& record = prepared.records[i];
        if (found[i]) {
            if (record.restated && record.row.header.version != found[i]->version)
                return fail(Fault::conflict, "the record changed meanwhile", "record " + found[i]->uid.text());
            auto before = stored.find(found[i]->uid);
            bool same = before == stored.end();
            bool only_linked = !same && record.linked && !before->second->mapping_version.ends_with("#link");
            // A time of ours that is still to come was written before the clock was set back, so it is the older one.
            bool older = !same && !record.linked && before->second->observed_at > record.row.observed_at &&
                         (record.dated || before->second->observed_at <= now);
            if (same && !record.linked)
                ++result.unchanged;
            else if (older)
                ++result.stale;
            if (same && !record.linked && found[i]->source != record.row.header.source) {
                plan.remembered.push_back(*found[i]);
                plan.remembered.back().source = record.row.header.source;
            }
            if (same || only_linked || older) continue;
            record.row.header.id = found[i]->id;
            record.row.header.version = found[i]->version;
        }
        ++result.changed;
        kept.push_back(std::move(record));
    }
    prepared.records = std::move(kept);
    return {};
}
Result<void> Process::seal(ProcessPlan& plan) {
    auto& prepared = plan.prepared;
    std::vector<Uid> subjects;
    for (const auto& record : prepared.records)
        if (!record.personal.empty()) subjects.push_back(record.row.header.subject);
    for (const auto& consent : prepared.consents)
        if (!consent.personal.empty()) subjects.push_back(consent.row.subject);
    for (const auto& one : plan.service.changes) subjects.push_back(one.record.row.header.subject);
    for (const auto& open : plan.routed.items)
        if (!open.personal.empty()) subjects.push_back(open.item.subject);
    plan.letters = plan.batch.broken;
    plan.letters.insert(plan.letters.end(), prepared.dead.begin(), prepared.dead.end());
    for (const auto& letter : plan.letters) subjects.push_back(letter.subject);
    if (subjects.empty()) return {};
    TRY(auto keys, world_.subject_keys.batch(subjects, world_.key_store));
    plan.keys.emplace(std::move(keys));
    auto seal_record = [&](PreparedRecord& record) -> Result<void> {
        if (record.personal.empty()) return {};
        TRY(record.row.sealed,
            plan.keys->seal(record.row.header.subject, record_place(record.row.header.uid), record.personal));
        return {};
    };
    for (auto& record : prepared.records) CHECK_OK(seal_record(record));
    for (auto& one : plan.service.changes) CHECK_OK(seal_record(one.record));
    for (auto& consent : prepared.consents) {
        if (consent.personal.empty()) continue;
        TRY(consent.row.sealed,
            plan.keys->seal(consent.row.subject, consent_place(consent.row.event), consent.personal));
    }
    for (auto& [item, personal] : plan.routed.items) {
        if (personal.empty()) continue;
        TRY(item.sealed,
            plan.keys->seal(item.subject, item_place(item.destination, item.record, item.op_key.view()), personal));
    }
    for (auto& letter : plan.letters) {
        TRY(letter.sealed,
            plan.keys->seal(letter.subject, raw_place(letter.connection, letter.stream, letter.record_key),
                            letter.clear));
        letter.clear.clear();
    }
    return {};
}

}  // namespace tributary::flow
