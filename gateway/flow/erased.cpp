#include "gateway/flow/erased.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "gateway/consent/event.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kLedgerPage = 500;

// What the ledger says about everything in a batch.
struct ErasedLedger {
    std::map<Uid, Timestamp> subjects;
    std::map<store::Digest, Timestamp> keys;
};

template <class Key>
void keep_found(const std::vector<Key>& asked, const std::vector<std::optional<Timestamp>>& since,
                std::map<Key, Timestamp>& into) {
    for (std::size_t i = 0; i < asked.size(); ++i)
        if (since[i]) into.emplace(asked[i], *since[i]);
}

Result<ErasedLedger> look_up(store::ReadSession& session, const Prepared& prepared) {
    std::vector<Uid> subjects;
    std::vector<store::Digest> keys;
    for (const auto& record : prepared.records) {
        subjects.push_back(record.row.header.subject);
        keys.insert(keys.end(), record.match_keys.begin(), record.match_keys.end());
    }
    for (const auto& consent : prepared.consents) subjects.push_back(consent.row.subject);
    for (const auto& letter : prepared.dead) subjects.push_back(letter.subject);
    ErasedLedger ledger;
    TRY(const auto by_subject, session.erasures().contains(subjects));
    TRY(const auto by_key, session.erasures().contains_keys(keys));
    keep_found(subjects, by_subject, ledger.subjects);
    keep_found(keys, by_key, ledger.keys);
    return ledger;
}

// Since when the person of a record is erased, as far as its own subject and keys tell.
std::optional<Timestamp> erased_since(const ErasedLedger& ledger, const Uid& subject,
                                      std::span<const store::Digest> keys) {
    std::optional<Timestamp> since;
    const auto take = [&](Timestamp at) { since = std::max(at, since.value_or(at)); };
    if (auto found = ledger.subjects.find(subject); found != ledger.subjects.end()) take(found->second);
    for (const auto& key : keys)
        if (auto found = ledger.keys.find(key); found != ledger.keys.end()) take(found->second);
    return since;
}

// When the person last did something, as far as this record says.
std::optional<Timestamp> act_of(const PreparedRecord& record) {
    const auto root = record.document.root();
    std::string_view field;
    if (record.row.entity == "contact") field = "first_seen_at";
    if (record.row.entity == "order") field = "placed_at";
    if (record.row.entity == "interaction" && root.find("direction").text() == "inbound") field = "started_at";
    if (field.empty()) return std::nullopt;
    return record::parse_timestamp(root.find(field).text());
}

std::optional<Timestamp> act_of(const PreparedConsent& consent) {
    const auto event = consent::event_from_json(consent.row.body);
    if (!event || !event->is_grant() || !event->by_subject()) return std::nullopt;
    return event->event_time;
}

// The person of each thing in the batch is its contact record; what belongs to none is a person of its own.
Uid person_of(const Uid& contact, const Uid& subject) {
    return contact.is_nil() ? subject : contact;
}

class ErasedPeople {
  public:
    ErasedPeople(const ErasedLedger& ledger, const Prepared& prepared) {
        for (const auto& record : prepared.records) {
            const auto& header = record.row.header;
            auto& person = people_[person_of(record.contact, header.subject)];
            note(person, erased_since(ledger, header.subject, record.match_keys), act_of(record));
            person.subjects.push_back(header.subject);
            person.keys.insert(person.keys.end(), record.match_keys.begin(), record.match_keys.end());
        }
        for (const auto& consent : prepared.consents) {
            auto& person = people_[person_of(consent.contact, consent.row.subject)];
            note(person, erased_since(ledger, consent.row.subject, {}), act_of(consent));
            person.subjects.push_back(consent.row.subject);
        }
    }

    bool refused(const Uid& contact, const Uid& subject) const {
        const auto found = people_.find(person_of(contact, subject));
        return found != people_.end() && found->second.erased && !found->second.is_back();
    }

    // Their rows for the ledger.
    std::vector<store::Erasure> readmitted(const World& world, const ErasedLedger& ledger) {
        std::vector<store::Erasure> rows;
        for (auto& [uid, person] : people_) {
            if (!person.erased || !person.is_back()) continue;
            std::ranges::sort(person.subjects);
            person.subjects.erase(std::ranges::unique(person.subjects).begin(), person.subjects.end());
            std::erase_if(person.keys, [&](const store::Digest& key) { return !ledger.keys.contains(key); });
            const auto request = crypto::make_uid(world.clock, world.random);
            for (const auto& subject : person.subjects)
                rows.push_back({0, request, subject, person.keys, true, world.clock.now()});
        }
        return rows;
    }

  private:
    struct Person {
        std::optional<Timestamp> erased, acted;
        std::vector<Uid> subjects;
        std::vector<store::Digest> keys;
        bool is_back() const { return acted && *acted > *erased; }
    };
    static void note(Person& person, std::optional<Timestamp> erased, std::optional<Timestamp> acted) {
        if (erased) person.erased = std::max(*erased, person.erased.value_or(*erased));
        if (acted) person.acted = std::max(*acted, person.acted.value_or(*acted));
    }
    std::map<Uid, Person> people_;
};

}  // namespace

Result<Refusals> refuse_erased(World& world, Prepared& prepared) {
    Refusals out;
    ErasedLedger ledger;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(out.ledger, session.erasures().last());
        if (out.ledger == 0) return {};
        TRY(ledger, look_up(session, prepared));
        return {};
    }));
    if (ledger.subjects.empty() && ledger.keys.empty()) return out;
    ErasedPeople people(ledger, prepared);
    out.refused += std::erase_if(prepared.records, [&](const PreparedRecord& record) {
        return people.refused(record.contact, record.row.header.subject);
    });
    out.refused += std::erase_if(prepared.consents, [&](const PreparedConsent& consent) {
        const bool refused = people.refused(consent.contact, consent.row.subject);
        if (refused && consent.suppression) out.suppressions.push_back(*consent.suppression);
        return refused;
    });
    // Of a record that cannot be mapped nothing shows that it is newer.
    out.refused += std::erase_if(
        prepared.dead, [&](const store::NewDeadLetter& letter) { return ledger.subjects.contains(letter.subject); });
    out.readmitted = people.readmitted(world, ledger);
    if (out.readmitted.empty()) return out;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        for (auto& row : out.readmitted) {
            TRY(const auto keys, keys_erased_with(session, row.subject));
            row.keys.insert(row.keys.end(), keys.begin(), keys.end());
        }
        return {};
    }));
    return out;
}

Result<std::vector<store::Digest>> keys_erased_with(store::ReadSession& session, const Uid& subject) {
    std::set<Uid> requests;
    std::set<store::Digest> keys;
    // The keys stand in one row of a request, which may come before that of the subject.
    for (const bool gather : {false, true}) {
        for (std::int64_t after = 0;;) {
            TRY(const auto rows, session.erasures().after(after, kLedgerPage));
            if (rows.empty()) break;
            after = rows.back().seq;
            for (const auto& row : rows) {
                if (row.readmitted) continue;
                if (!gather && row.subject == subject) requests.insert(row.request);
                if (gather && requests.contains(row.request)) keys.insert(row.keys.begin(), row.keys.end());
            }
        }
    }
    return std::vector<store::Digest>(keys.begin(), keys.end());
}

}  // namespace tributary::flow
