#include "gateway/store/sql/person_rows_table.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

// A list of uids is bound as one blob: ?1 customers, ?2 records, ?3 subjects.
#define TRIBUTARY_UIDS(list)                                        \
    " IN (WITH RECURSIVE n(i) AS (SELECT 0 WHERE length(CAST(" list \
    " AS BLOB)) > 0 UNION ALL SELECT i + 1 FROM n "                 \
    "WHERE (i + 2) * 16 <= length(" list ")) SELECT substr(" list ", i * 16 + 1, 16) FROM n) "
#define TRIBUTARY_ROW_OF_PERSON \
    "(customer" TRIBUTARY_UIDS("?1") "OR record" TRIBUTARY_UIDS("?2") "OR subject" TRIBUTARY_UIDS("?3") ") "

constexpr const char* kAliasesOfPerson = "SELECT merged FROM customer_alias WHERE survivor" TRIBUTARY_UIDS("?1");
constexpr const char* kLinkedToPerson = "SELECT record FROM identity_link WHERE customer" TRIBUTARY_UIDS("?1");
constexpr const char* kSubjectsOfPerson =
    "SELECT subject FROM source_record WHERE subject IS NOT NULL AND uid" TRIBUTARY_UIDS("?2");
constexpr const char* kRecordsOfPerson = "SELECT uid FROM source_record WHERE subject" TRIBUTARY_UIDS("?3");
constexpr const char* kItemsOfPerson =
    "SELECT i.lane, i.seq, l.destination, l.lane_key, i.entity, i.record, i.customer, i.operation, i.op_key, "
    "i.subject, i.origin, i.mapping_version, i.created_at, i.supersede, i.clear, i.sealed FROM item i JOIN lane l ON "
    "l.id = i.lane WHERE i.id IN (SELECT id FROM item WHERE " TRIBUTARY_ROW_OF_PERSON ") ORDER BY i.lane, i.seq";
constexpr const char* kLettersOfPerson = "SELECT id FROM dead_letter WHERE " TRIBUTARY_ROW_OF_PERSON "ORDER BY id";
constexpr const char* kRemotesOfPerson =
    "SELECT connection, entity, local, remote FROM remote_id WHERE local" TRIBUTARY_UIDS(
        "?1") "OR local" TRIBUTARY_UIDS("?2") "ORDER BY connection, entity, local";
constexpr const char* kUnderWay =
    "SELECT count(*) FROM lane WHERE lease_until IS NOT NULL AND id IN (SELECT lane FROM item WHERE "  //
    TRIBUTARY_ROW_OF_PERSON ")";

// Each table, how its rows of a person are told, and where their number stands.
struct Holding {
    const char* table;
    const char* condition;
    std::uint64_t PersonCounts::* count;
};
constexpr std::array kHoldings{
    Holding{"source_record", "uid" TRIBUTARY_UIDS("?2"), &PersonCounts::records},
    Holding{"identity_key", "record" TRIBUTARY_UIDS("?2"), &PersonCounts::match_keys},
    Holding{"identity_link", "record" TRIBUTARY_UIDS("?2"), &PersonCounts::links},
    Holding{"manual_pair", "a" TRIBUTARY_UIDS("?2") "OR b" TRIBUTARY_UIDS("?2"), &PersonCounts::manual_pairs},
    Holding{"customer", "uid" TRIBUTARY_UIDS("?1"), &PersonCounts::customers},
    Holding{"customer_alias", "merged" TRIBUTARY_UIDS("?1") "OR survivor" TRIBUTARY_UIDS("?1"), &PersonCounts::aliases},
    Holding{"remote_id", "local" TRIBUTARY_UIDS("?1") "OR local" TRIBUTARY_UIDS("?2"), &PersonCounts::remote_ids},
    Holding{"item", TRIBUTARY_ROW_OF_PERSON, &PersonCounts::items},
    Holding{"withheld", "customer" TRIBUTARY_UIDS("?1") "OR record" TRIBUTARY_UIDS("?2"), &PersonCounts::withheld},
    Holding{"dead_letter", TRIBUTARY_ROW_OF_PERSON, &PersonCounts::dead_letters},
    Holding{"attempt", "customer" TRIBUTARY_UIDS("?1") "OR record" TRIBUTARY_UIDS("?2"), &PersonCounts::attempts},
    Holding{"disclosure", "subject" TRIBUTARY_UIDS("?3"), &PersonCounts::disclosures},
    Holding{"consent_event", "subject" TRIBUTARY_UIDS("?3"), &PersonCounts::consent_events},
    Holding{"subject_mark", "subject" TRIBUTARY_UIDS("?3"), &PersonCounts::marks},
    Holding{"subject_key", "subject" TRIBUTARY_UIDS("?3"), &PersonCounts::keys},
};

constexpr const char* kKeepEvidence =
    "UPDATE consent_event SET subject = ?4, sealed = x'', body = json_set(json_remove(body, '$.contact_point', "
    "'$.capture', '$.actor', '$.proof.stored_ref'), '$.subject_ref', ?5) WHERE subject" TRIBUTARY_UIDS("?3");

// Bound for every statement, so that the numbers of the parameters are the same in all.
struct Lists {
    std::string customers, records, subjects;
};

std::string joined(const std::vector<Uid>& uids) {
    std::string bytes;
    bytes.reserve(uids.size() * 16);
    for (const auto& uid : uids) bytes += uid.view();
    return bytes;
}

Lists lists_of(const PersonUids& person) {
    return {joined(person.customers), joined(person.records), joined(person.subjects)};
}

template <class F>
Result<void> each_row(Statement& statement, const PersonUids& person, F&& use) {
    const auto lists = lists_of(person);
    return statement.each(std::forward<F>(use), Blob{lists.customers}, Blob{lists.records}, Blob{lists.subjects});
}

// Adds what a statement finds. Whether there was anything new.
Result<bool> add_found(Statement& statement, const PersonUids& person, std::vector<Uid>& into) {
    std::vector<Uid> found(into);
    CHECK_OK(each_row(statement, person, [&](const Row& row) { row.read(found.emplace_back()); }));
    std::ranges::sort(found);
    found.erase(std::ranges::unique(found).begin(), found.end());
    const bool more = found.size() > into.size();
    into = std::move(found);
    return more;
}

}  // namespace

PersonRowsReads::PersonRowsReads(Connection& connection)
    : aliases_(connection, kAliasesOfPerson),
      linked_(connection, kLinkedToPerson),
      subjects_(connection, kSubjectsOfPerson),
      records_(connection, kRecordsOfPerson),
      items_(connection, kItemsOfPerson),
      letters_(connection, kLettersOfPerson),
      remotes_(connection, kRemotesOfPerson),
      under_way_(connection, kUnderWay),
      connection_(connection) {}

Result<PersonUids> PersonRowsReads::widen(PersonUids person) {
    for (bool more = true; more;) {
        TRY(more, add_found(aliases_, person, person.customers));
    }
    TRY([[maybe_unused]] const bool linked, add_found(linked_, person, person.records));
    TRY([[maybe_unused]] const bool subjects, add_found(subjects_, person, person.subjects));
    TRY([[maybe_unused]] const bool records, add_found(records_, person, person.records));
    return person;
}

Result<PersonCounts> PersonRowsReads::count(const PersonUids& person) {
    PersonCounts counts;
    for (const auto& holding : kHoldings) {
        const auto sql = std::string("SELECT count(*) FROM ") + holding.table + " WHERE " + holding.condition;
        Statement statement(connection_, sql.c_str());
        CHECK_OK(each_row(statement, person, [&](const Row& row) { row.read(counts.*holding.count); }));
    }
    return counts;
}

Result<std::vector<Item>> PersonRowsReads::items(const PersonUids& person) {
    std::vector<Item> items;
    CHECK_OK(each_row(items_, person, [&](const Row& row) {
        auto& item = items.emplace_back();
        std::int64_t lane = 0;
        row.read(lane, item.seq, Named{item.destination}, item.lane_key, Named{item.entity}, item.record, item.customer,
                 Named{item.operation}, item.op_key, item.subject, Named{item.origin}, Named{item.mapping_version},
                 item.created_at, item.supersede, item.clear, item.sealed);
    }));
    return items;
}

Result<std::vector<std::int64_t>> PersonRowsReads::dead_letters(const PersonUids& person) {
    std::vector<std::int64_t> ids;
    CHECK_OK(each_row(letters_, person, [&](const Row& row) { row.read(ids.emplace_back()); }));
    return ids;
}

Result<std::vector<RemoteId>> PersonRowsReads::remote_ids(const PersonUids& person) {
    std::vector<RemoteId> ids;
    CHECK_OK(each_row(remotes_, person, [&](const Row& row) {
        auto& id = ids.emplace_back();
        row.read(Named{id.connection}, Named{id.entity}, id.local, id.remote_id);
    }));
    return ids;
}

Result<std::uint64_t> PersonRowsReads::lanes_under_way(const PersonUids& person) {
    std::uint64_t lanes = 0;
    CHECK_OK(each_row(under_way_, person, [&](const Row& row) { row.read(lanes); }));
    return lanes;
}

PersonRowsTable::PersonRowsTable(Connection& connection, OutboxTable& outbox, DeadLettersTable& dead_letters)
    : PersonRowsReads(connection), outbox_(outbox), letters_table_(dead_letters) {}

// Through the outbox, which keeps the lanes' depths.
Result<void> PersonRowsTable::remove_items(const PersonUids& person) {
    std::map<std::int64_t, std::vector<std::int64_t>> by_lane;
    CHECK_OK(each_row(items_, person, [&](const Row& row) { by_lane[row.integer(0)].push_back(row.integer(1)); }));
    for (const auto& [lane, seqs] : by_lane) {
        CHECK_OK(outbox_.drop(lane, seqs));
    }
    return {};
}

Result<PersonCounts> PersonRowsTable::remove(const PersonUids& person, Uid pseudonym) {
    TRY(const auto counts, count(person));
    CHECK_OK(remove_items(person));
    TRY(const auto letters, dead_letters(person));
    CHECK_OK(letters_table_.remove(letters));
    const auto lists = lists_of(person);
    Statement evidence(connection_, kKeepEvidence);
    CHECK_OK(
        evidence.run(Blob{lists.customers}, Blob{lists.records}, Blob{lists.subjects}, pseudonym, pseudonym.text()));
    for (const auto& holding : kHoldings) {
        if (holding.count == &PersonCounts::consent_events) continue;
        const auto sql = std::string("DELETE FROM ") + holding.table + " WHERE " + holding.condition;
        Statement statement(connection_, sql.c_str());
        CHECK_OK(statement.run(Blob{lists.customers}, Blob{lists.records}, Blob{lists.subjects}));
    }
    return counts;
}

}  // namespace tributary::store
