#include "gateway/flow/ingest_gate.hpp"

#include <algorithm>
#include <ranges>

#include "gateway/base/text.hpp"
#include "gateway/flow/consent_gate.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/mapping/skip.hpp"
#include "gateway/record/sensitive.hpp"
#include "gateway/record/validate.hpp"

namespace tributary::flow {
namespace {

constexpr std::string_view kCode = "no_basis";

bool is_judged(const PreparedRecord& record) {
    return record.stream && !record.stream->purposes.empty() && !record.personal.empty();
}

struct Allowed {
    bool personal = false, sensitive = false;
    std::string_view reason;  // of the first refusal
};

// What is known of the people of a batch before it is written.
class KnownPeople {
  public:
    static Result<KnownPeople> load(World& world, const Prepared& prepared) {
        KnownPeople known;
        std::vector<Uid> contacts, subjects;
        for (const auto& record : prepared.records) {
            if (record.row.entity == "contact") known.fresh_[record.contact] = &record;
            if (!is_judged(record)) continue;
            subjects.push_back(record.row.header.subject);
            if (!record.contact.is_nil()) contacts.push_back(record.contact);
        }
        std::vector<std::optional<store::Link>> links;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(links, session.identity().links_of(contacts));
            return {};
        }));
        for (std::size_t i = 0; i < contacts.size(); ++i) {
            if (!links[i]) continue;
            const auto& uid = links[i]->customer;
            known.customer_of_[contacts[i]] = uid;
            if (known.customers_.contains(uid)) continue;
            auto customer = load_customer(world, uid);
            if (!customer && customer.error().fault != Fault::not_found) return pass(std::move(customer));
            known.customers_.emplace(uid, customer ? std::move(*customer) : CustomerChange{});
        }
        for (const auto& [uid, customer] : known.customers_)
            subjects.insert(subjects.end(), customer.subjects.begin(), customer.subjects.end());
        std::vector<store::ConsentEventRow> pending;
        for (const auto& consent : prepared.consents) pending.push_back(consent.row);
        known.facts_ = ConsentFacts::load(world, subjects, pending);
        return known;
    }

    // Whether one purpose of the stream allows it: by what the record, its contact and the known customer say together.
    Result<Allowed> judge(World& world, const PreparedRecord& record) const {
        std::vector subjects{record.row.header.subject};
        std::vector<value::Node> persons;
        const auto fresh = fresh_.find(record.contact);
        persons.push_back(fresh == fresh_.end() ? value::Node() : fresh->second->document.root());
        if (const auto found = customer_of_.find(record.contact); found != customer_of_.end()) {
            const auto& customer = customers_.at(found->second);
            subjects.insert(subjects.end(), customer.subjects.begin(), customer.subjects.end());
            if (!customer.golden.empty()) persons.push_back(customer.golden.root());
        }
        Allowed allowed;
        for (const auto& purpose : record.stream->purposes) {
            TRY(const bool personal, asked(world, {.purpose = purpose}, subjects, record, persons, false, allowed));
            if (!personal) continue;
            allowed.personal = true;
            TRY(const bool sensitive, asked(world, {.purpose = purpose}, subjects, record, persons, true, allowed));
            allowed.sensitive = allowed.sensitive || sensitive;
        }
        return allowed;
    }

  private:
    Result<bool> asked(World& world, const DataUse& use, std::span<const Uid> subjects, const PreparedRecord& record,
                       const std::vector<value::Node>& persons, bool has_sensitive, Allowed& allowed) const {
        for (const auto person : persons) {
            const auto decision = facts_.decide(world, use, subjects, {record.document.root(), person, has_sensitive});
            if (decision.verdict == consent::Verdict::hold) return undecided(decision, "purpose " + use.purpose);
            if (decision.allowed() || decision.reason == "C-RESTRICTED") continue;
            if (allowed.reason.empty()) allowed.reason = decision.reason;
            return false;
        }
        return true;
    }

    std::map<Uid, const PreparedRecord*> fresh_;  // contact records of the batch
    std::map<Uid, Uid> customer_of_;
    std::map<Uid, CustomerChange> customers_;
    ConsentFacts facts_;
};

bool is_whole(const World& world, const PreparedRecord& record, value::Node left) {
    if (record.row.header.deleted) return true;
    std::vector<record::Issue> issues;
    record::validate(*world.model.entity(record.row.entity), left, issues, record.linked);
    return issues.empty() && (record.linked || mapping::has_required(*record.stream->plan, left));
}

void note_missing(const PreparedRecord& record, value::Node left, Timestamp now, Prepared& prepared) {
    const auto& key = record.row.key;
    for (const auto member : record.document.root())
        if (member && record::canonical_hash(left.find(member.key())) != record::canonical_hash(member))
            prepared.quality.push_back({store::QualityKind::issue, key.connection, key.stream,
                                        std::string(member.key()), std::string(kCode), 1, now, now});
}

}  // namespace

Result<NotKept> drop_without_basis(World& world, Prepared& prepared) {
    NotKept out;
    if (std::ranges::none_of(prepared.records, is_judged)) return out;
    TRY(const auto known, KnownPeople::load(world, prepared));
    std::vector<std::pair<std::size_t, value::Document>> changed;
    std::vector<std::size_t> refused;
    record::Parts parts;
    for (std::size_t i = 0; i < prepared.records.size(); ++i) {
        const auto& record = prepared.records[i];
        if (!is_judged(record)) continue;
        TRY(const auto allowed, known.judge(world, record));
        const auto& entity = *world.model.entity(record.row.entity);
        const auto root = record.document.root();
        if (allowed.personal && (allowed.sensitive || !record::holds_sensitive(entity, root))) continue;
        value::Document left;
        if (allowed.personal) {
            left = record::without_sensitive(entity, root);
        } else {
            record::split(entity, root, parts);
            TRY(left, record::join(parts.clear, {}));
        }
        ++out.by_reason[{join(record.stream->purposes, " "), std::string(allowed.reason)}];
        note_missing(record, left.root(), world.clock.now(), prepared);
        if (is_whole(world, record, left.root())) {
            changed.emplace_back(i, std::move(left));
        } else if (record.restated) {
            prepared.records[i].row.header.deleted = true;
            changed.emplace_back(i, *value::parse_json("{}"));
        } else {
            refused.push_back(i);
        }
    }
    for (auto& [i, left] : changed) {
        auto& record = prepared.records[i];
        record.document = std::move(left);
        settle_form(world, record, parts);
        record.row.header.source = {};  // the next time there may be a basis for all of it
    }
    out.refused = refused.size();
    for (const auto i : std::views::reverse(refused))
        prepared.records.erase(prepared.records.begin() + static_cast<std::ptrdiff_t>(i));
    return out;
}

}  // namespace tributary::flow
