#include "gateway/flow/corrections.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "gateway/flow/payload.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/record/convert.hpp"
#include "gateway/record/issue_text.hpp"
#include "gateway/record/validate.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/plain_path.hpp"
#include "gateway/value/replace_at.hpp"

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

// Of addresses and numbers what they lead to counts, not what else is said of them.
bool same(value::Node a, value::Node b) {
    if (!a || !b) return !a && !b;
    for (const auto* part : {"norm", "e164"})
        if (const auto of_a = a.find(part), of_b = b.find(part); of_a && of_b) return of_a.text() == of_b.text();
    return record::canonical_hash(a) == record::canonical_hash(b);
}

// The form that its type has in the model. An address is compared and looked up by its parts, so they come along.
Result<value::Document> canonical(const record::Entity& entity, const std::string& path, value::Node value) {
    const bool last_indexed = path.ends_with("]");
    const auto* field = entity.fields.at_path(value::without_indexes(path));
    if (!field || field->set_by_gateway) return fail(Fault::bad_input, "a " + entity.name + " has no such field", path);
    if (field->list != last_indexed)
        return fail(Fault::bad_input,
                    field->list ? "is a list: name one element, such as " + path + "[0]" : "is no list", path);
    if (field->type == record::Type::object || field->type == record::Type::map ||
        field->type == record::Type::reference)
        return fail(Fault::bad_input, "has members: correct one of them", path);
    if (!value) return value::Document();
    TRY(const auto converter, record::Converter::compile(*field, {}));
    value::Builder out;
    record::Issue issue;
    out.begin_object().key("value");
    const auto done = converter.convert(value, out, issue);
    if (done != record::Conversion::written)
        return fail(Fault::bad_input, issue.message.empty() ? "the value does not fit" : issue.message, path);
    const auto whole = out.end().take();
    value::Builder alone;
    alone.copy(whole.root().find("value"));
    return alone.take();
}

struct CanonicalField {
    std::string path;
    value::Document value;  // empty: taken out
    value::Node node() const { return value.empty() ? value::Node() : value.root(); }
};

Result<std::vector<CanonicalField>> canonical_fields(const record::Entity& entity, value::Node fields) {
    if (!fields.is(value::Kind::object) || fields.size() == 0)
        return fail(Fault::bad_input, "takes an object of fields and what is right", "corrections");
    std::vector<CanonicalField> out;
    for (const auto member : fields) {
        const std::string path(member.key());
        TRY(auto value, canonical(entity, path, member));
        out.push_back({path, std::move(value)});
    }
    return out;
}

void write_field(value::Builder& out, const CanonicalField& field) {
    out.key(field.path);
    if (field.value.empty())
        out.null();
    else
        out.copy(field.value.root());
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
Result<value::Document> corrections_of(World& world, const store::RecordRow& row) {
    if (row.header.deleted) return value::parse_json("{}");
    TRY(auto json,
        world.subject_keys.open(row.header.subject, record_place(row.header.uid), row.sealed, world.key_store));
    return value::parse_json(json);
}

Result<std::vector<std::optional<store::RecordRow>>> load_rows(World& world, std::span<const store::RecordKey> keys) {
    std::vector<std::optional<store::RecordRow>> rows;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(rows, session.records().load(keys));
        return {};
    }));
    return rows;
}

Result<void> correct_one(World& world, const record::Entity& entity, Correctable& target,
                         const std::vector<const CanonicalField*>& fields, CorrectedRecords& out) {
    const auto key = correction_key(target.row.header.uid);
    TRY(const auto before, load_rows(world, std::span(&key, 1)));
    value::Document earlier = *value::parse_json("{}");
    if (before.front()) {
        TRY(earlier, corrections_of(world, *before.front()));
    }
    value::Builder all;
    all.begin_object();
    for (const auto member : earlier.root())
        if (std::ranges::none_of(fields, [&](const auto* field) { return field->path == member.key(); }))
            all.key(member.key()).copy(member);
    for (const auto* field : fields) {
        write_field(all, *field);
        TRY(target.document, value::replace_at(target.document.root(), field->path, field->node()));
    }
    std::vector<record::Issue> issues;
    if (!record::validate(entity, target.document.root(), issues))
        return fail(Fault::bad_input, issues.front().message, issues.front().path);
    const auto kept = all.end().take();
    out.records.push_back(correction_row(world, target.row.header.uid, target.row.header.subject, kept.root()));
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

}  // namespace

Result<CorrectedRecords> correct(World& world, std::span<const Uid> customers, value::Node fields) {
    const auto& entity = *world.model.entity("contact");
    TRY(const auto wanted, canonical_fields(entity, fields));
    CorrectedRecords out;
    for (const auto& customer : customers) {
        TRY(auto targets, correctable(world, customer));
        std::map<std::size_t, std::vector<const CanonicalField*>> by_target;
        for (const auto& field : wanted) {
            bool somewhere = false;
            for (std::size_t i = 0; i < targets.size(); ++i)
                if (targets[i].document.root().at_path(field.path)) {
                    by_target[i].push_back(&field);
                    somewhere = true;
                }
            if (!somewhere && field.node()) by_target[0].push_back(&field);
        }
        for (const auto& [i, of_it] : by_target) CHECK_OK(correct_one(world, entity, targets[i], of_it, out));
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
        auto corrections = corrections_of(world, *rows[i]);
        if (!corrections && corrections.error().fault == Fault::not_found) continue;  // its person was erased
        if (!corrections) return pass(std::move(corrections));
        auto& record = prepared.records[contacts[i]];
        value::Builder left;
        left.begin_object();
        bool changed = false;
        std::uint64_t carried = 0;
        for (const auto field : corrections->root()) {
            if (same(record.document.root().at_path(field.key()), field)) {
                carried += record.linked ? 0 : 1;  // a link shows a part alone
                if (record.linked) left.key(field.key()).copy(field);
                continue;
            }
            left.key(field.key()).copy(field);
            auto laid = value::replace_at(record.document.root(), field.key(), field);
            if (!laid) continue;  // the source has fewer elements now
            record.document = std::move(*laid);
            changed = true;
        }
        const auto rest = left.end().take();
        if (changed) settle_form(world, record, parts);
        if (carried == 0) continue;
        ended += carried;
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
