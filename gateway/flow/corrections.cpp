#include "gateway/flow/corrections.hpp"

#include <algorithm>
#include <set>

#include "gateway/flow/correction.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/record/issue_text.hpp"
#include "gateway/record/validate.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

constexpr const char* kCorrectionEntity = "correction";

store::RecordKey correction_key(const Uid& record) {
    return {std::string(kCorrections), std::string(kCorrections), record.text()};
}

// Of field to value, as canonical JSON.
PreparedRecord correction_row(const World& world, const Uid& record, const Uid& subject, value::Node fields) {
    PreparedRecord out;
    auto& row = out.row;
    row.key = correction_key(record);
    row.entity = kCorrectionEntity;
    row.observed_at = world.clock.now();
    row.header.uid = record_uid(world.blind, row.key);
    row.header.subject = subject;
    row.header.deleted = fields.size() == 0;
    row.header.hash = record::canonical_hash(fields);
    row.clear = "{}";
    out.personal = value::to_json(fields);
    return out;
}

// The contact records of one customer.
struct Correctable {
    store::RecordRow row;
    value::Document document;
};

Result<std::vector<Correctable>> correctable(World& world, const Uid& customer) {
    std::vector<store::RecordRow> rows;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto resolved, session.identity().resolve(std::span(&customer, 1)));
        TRY(rows, session.records().by_customer(resolved.front()));
        return {};
    }));
    std::vector<Correctable> out;
    for (auto& row : rows) {
        if (row.entity != "contact" || row.header.deleted) continue;
        TRY(auto document,
            open_payload(world, row.header.subject, record_place(row.header.uid), row.clear, row.sealed));
        out.push_back({std::move(row), std::move(document)});
    }
    if (out.empty()) return fail(Fault::not_found, "there is no record to correct", "customer " + customer.text());
    return out;
}

// What is corrected of a record already.
Result<std::vector<Correction>> kept_corrections(World& world, const store::RecordRow& row) {
    if (row.header.deleted) return std::vector<Correction>{};
    TRY(const auto json,
        world.subject_keys.open(row.header.subject, record_place(row.header.uid), row.sealed, world.key_store));
    TRY(const auto kept, value::parse_json(json));
    return corrections_from(kept.root());
}

Result<std::vector<std::optional<store::RecordRow>>> load_rows(World& world, std::span<const store::RecordKey> keys) {
    std::vector<std::optional<store::RecordRow>> rows;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(rows, session.records().load(keys));
        return {};
    }));
    return rows;
}

// What becomes of one record.
struct Given {
    const Correction* correction = nullptr;
    bool laid = true;  // false: it only ends earlier ones against it
};

// Lays them over one record. What names elements is kept for a record without them too: it may come to have them.
Result<void> correct_one(World& world, const record::Entity& entity, Correctable& target,
                         const std::vector<Given>& corrections, CorrectedRecords& out) {
    const auto key = correction_key(target.row.header.uid);
    TRY(const auto before, load_rows(world, std::span(&key, 1)));
    std::vector<Correction> all;
    if (before.front()) {
        TRY(all, kept_corrections(world, *before.front()));
    }
    bool kept_otherwise = false, changed = false;
    for (const auto& [one, laid] : corrections) {
        const auto ended = std::erase_if(all, [&](const Correction& earlier) { return replaces(*one, earlier); });
        kept_otherwise = kept_otherwise || laid || ended > 0;
        if (!laid) continue;
        all.push_back(*one);
        if (one->names_elements() && elements_named(target.document.root(), *one) == 0) continue;
        TRY(target.document, lay(target.document.root(), *one));
        changed = true;
    }
    if (!kept_otherwise) return {};
    std::vector<record::Issue> issues;
    if (!record::validate(entity, target.document.root(), issues))
        return fail(Fault::bad_input, issues.front().message, issues.front().path);
    const auto kept = to_document(all);
    out.records.push_back(correction_row(world, target.row.header.uid, target.row.header.subject, kept.root()));
    if (!changed) return {};
    PreparedRecord record;
    record.row = std::move(target.row);
    record.restated = true;
    record.row.header.source = {};  // the next time it is mapped and looked at
    record.contact = record.row.header.uid;
    record.document = std::move(target.document);
    record::Parts parts;
    settle_form(world, record, parts);
    out.records.push_back(std::move(record));
    ++out.corrected;
    return {};
}

// Which records of one customer each correction is for.
class Spreading {
  public:
    explicit Spreading(const std::vector<Correctable>& targets) : by_target_(targets.size()) {
        for (const auto& target : targets) views_.push_back(target.document);
    }

    Result<void> spread(const Correction& correction) {
        if (correction.names_elements()) return to_all(correction);
        if (correction.adds()) return to_first(correction);
        bool somewhere = false;
        for (std::size_t i = 0; i < views_.size(); ++i) {
            if (!views_[i].root().at_path(correction.text())) continue;
            somewhere = true;
            CHECK_OK(give(i, correction));
        }
        if (!somewhere && correction.node()) return give(0, correction);
        return {};
    }
    const std::vector<Given>& of(std::size_t target) const { return by_target_[target]; }

  private:
    Result<void> to_all(const Correction& correction) {
        std::size_t named = 0;
        for (std::size_t i = 0; i < views_.size(); ++i) {
            const auto here = elements_named(views_[i].root(), correction);
            if (here > 1)
                return fail(Fault::bad_input,
                            "several elements are so: say more of the one that is meant, such as addresses[city=...]"
                            "[postal_code=...]",
                            value::shape_of(correction.path));
            named += here;
            CHECK_OK(give(i, correction));
        }
        if (named == 0)
            return fail(Fault::bad_input, "no record of theirs has such an element", value::shape_of(correction.path));
        return {};
    }
    Result<void> to_first(const Correction& correction) {
        const bool there = std::ranges::any_of(
            views_, [&](const value::Document& view) { return is_carried(view.root(), correction); });
        for (std::size_t i = there ? 0 : 1; i < views_.size(); ++i) by_target_[i].push_back({&correction, false});
        if (there) return {};
        return give(0, correction);
    }
    Result<void> give(std::size_t target, const Correction& correction) {
        by_target_[target].push_back({&correction});
        TRY(views_[target], lay(views_[target].root(), correction));
        return {};
    }

    std::vector<value::Document> views_;  // as they are with what was spread so far
    std::vector<std::vector<Given>> by_target_;
};

}  // namespace

Result<CorrectedRecords> correct(World& world, std::span<const Uid> customers, value::Node fields) {
    const auto& entity = *world.model.entity("contact");
    TRY(const auto wanted, read_corrections(entity, fields));
    CorrectedRecords out;
    for (const auto& customer : customers) {
        TRY(auto targets, correctable(world, customer));
        Spreading spreading(targets);
        for (const auto& one : wanted) CHECK_OK(spreading.spread(one));
        for (std::size_t i = 0; i < targets.size(); ++i)
            if (!spreading.of(i).empty()) CHECK_OK(correct_one(world, entity, targets[i], spreading.of(i), out));
    }
    return out;
}

Result<std::uint64_t> lay_corrections(World& world, Prepared& prepared) {
    std::vector<std::size_t> contacts;
    std::vector<store::RecordKey> keys;
    for (std::size_t i = 0; i < prepared.records.size(); ++i) {
        const auto& record = prepared.records[i];
        if (record.row.entity != "contact" || record.row.header.deleted) continue;
        contacts.push_back(i);
        keys.push_back(correction_key(record.row.header.uid));
    }
    if (keys.empty()) return 0;
    TRY(const auto rows, load_rows(world, keys));
    std::uint64_t ended = 0;
    record::Parts parts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i] || rows[i]->header.deleted) continue;
        auto corrections = kept_corrections(world, *rows[i]);
        if (!corrections && corrections.error().fault == Fault::not_found) continue;  // its person was erased
        if (!corrections) return pass(std::move(corrections));
        auto& record = prepared.records[contacts[i]];
        std::vector<Correction> left;
        bool changed = false;
        std::uint64_t carried = 0;
        for (auto& one : *corrections) {
            if (is_carried(record.document.root(), one)) {
                carried += record.linked ? 0 : 1;  // a link shows a part alone
                if (record.linked) left.push_back(std::move(one));
                continue;
            }
            const bool concerned = !one.names_elements() || elements_named(record.document.root(), one) > 0;
            if (concerned)
                if (auto laid =
                        lay(record.document.root(), one)) {  // else: kept by position, and the list is shorter now
                    record.document = std::move(*laid);
                    changed = true;
                }
            left.push_back(std::move(one));
        }
        if (changed) settle_form(world, record, parts);
        if (carried == 0) continue;
        ended += carried;
        const auto rest = to_document(left);
        prepared.records.push_back(correction_row(world, prepared.records[contacts[i]].row.header.uid,
                                                  prepared.records[contacts[i]].row.header.subject, rest.root()));
    }
    return ended;
}

Result<void> end_corrections(World& world, Prepared& prepared) {
    if (std::ranges::none_of(prepared.records, &PreparedRecord::restated)) return {};
    std::set<Uid> there;
    std::vector<store::RecordKey> keys;
    for (const auto& record : prepared.records) {
        there.insert(record.row.header.uid);
        if (record.restated && record.row.entity == "contact" && record.personal.empty())
            keys.push_back(correction_key(record.row.header.uid));
    }
    if (keys.empty()) return {};
    TRY(const auto rows, load_rows(world, keys));
    const auto none = *value::parse_json("{}");
    for (const auto& row : rows) {
        if (!row || row->header.deleted || there.contains(row->header.uid)) continue;
        const auto of = Uid::parse(row->key.external_id);
        if (of) prepared.records.push_back(correction_row(world, *of, row->header.subject, none.root()));
    }
    return {};
}

Result<bool> has_corrections(World& world) {
    bool any = false;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto rows, session.records().list(kCorrectionEntity, 0, 1));
        any = !rows.empty();
        return {};
    }));
    return any;
}

}  // namespace tributary::flow
