#include "gateway/store/sql/identity_table.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace tributary::store {
namespace {

constexpr const char* kByKey = "SELECT record FROM identity_key WHERE key = ?1 ORDER BY record LIMIT ?2";
constexpr const char* kKeysOf = "SELECT key FROM identity_key WHERE record = ?1 ORDER BY key";
constexpr const char* kLink = "SELECT record, customer, evidence, decided_at FROM identity_link WHERE record = ?1";
constexpr const char* kMembers =
    "SELECT record, customer, evidence, decided_at FROM identity_link WHERE customer = ?1 ORDER BY record";
constexpr const char* kPairs =
    "SELECT a, b, rule, decided_by, decided_at FROM manual_pair WHERE a = ?1 OR b = ?1 ORDER BY a, b";
constexpr const char* kCustomer = "SELECT uid, golden_hash, version, updated_at FROM customer WHERE uid = ?1";
constexpr const char* kAlias = "SELECT survivor FROM customer_alias WHERE merged = ?1";
constexpr const char* kListIdentities =
    "SELECT uid, golden_hash, version, updated_at FROM customer WHERE uid > ?1 ORDER BY uid LIMIT ?2";
constexpr const char* kCountIdentities = "SELECT count(*) FROM customer";
constexpr const char* kPutIdentityKey = "INSERT INTO identity_key (key, record) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
constexpr const char* kDropKey = "DELETE FROM identity_key WHERE key = ?1 AND record = ?2";
constexpr const char* kPutLink =
    "INSERT INTO identity_link (record, customer, evidence, decided_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (record) "
    "DO "
    "UPDATE SET customer = excluded.customer, evidence = excluded.evidence, decided_at = excluded.decided_at";
constexpr const char* kDropLink = "DELETE FROM identity_link WHERE record = ?1";
constexpr const char* kPutPair =
    "INSERT INTO manual_pair (a, b, rule, decided_by, decided_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (a, b) DO "
    "UPDATE SET rule = excluded.rule, decided_by = excluded.decided_by, decided_at = excluded.decided_at";
constexpr const char* kDropPair = "DELETE FROM manual_pair WHERE a = ?1 AND b = ?2";
constexpr const char* kPutCustomer =
    "INSERT INTO customer (uid, golden_hash, version, updated_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (uid) DO "
    "UPDATE SET golden_hash = excluded.golden_hash, version = excluded.version, updated_at = excluded.updated_at";
constexpr const char* kDropCustomer = "DELETE FROM customer WHERE uid = ?1";
constexpr const char* kPutAlias =
    "INSERT INTO customer_alias (merged, survivor, at) VALUES (?1, ?2, ?3) ON CONFLICT (merged) DO "
    "UPDATE SET survivor = excluded.survivor, at = excluded.at";
constexpr const char* kDropAlias = "DELETE FROM customer_alias WHERE merged = ?1";

// A chain of merges is short; a longer one is a circle.
constexpr int kLongestChain = 64;

Link read_link(const Row& row) {
    Link link;
    row.read(link.record, link.customer, link.evidence, link.decided_at);
    return link;
}

Customer read_customer(const Row& row) {
    Customer customer;
    row.read(customer.uid, customer.golden_hash, customer.version, customer.updated_at);
    return customer;
}

}  // namespace

IdentityReads::IdentityReads(Connection& connection)
    : by_key_(connection, kByKey),
      keys_of_(connection, kKeysOf),
      link_(connection, kLink),
      members_(connection, kMembers),
      pairs_(connection, kPairs),
      customer_(connection, kCustomer),
      alias_(connection, kAlias),
      list_(connection, kListIdentities),
      count_(connection, kCountIdentities) {}

Result<std::vector<KeyHits>> IdentityReads::records_by_keys(std::span<const Digest> keys, std::size_t cap) {
    std::vector<KeyHits> hits(keys.size());
    CHECK_OK(by_key_.each_of_all(
        keys.size(), [&](std::size_t i, auto&& with) { return with(keys[i], cap + 1); },
        [&](std::size_t i, const Row& row) { row.read(hits[i].records.emplace_back()); }));
    for (auto& [records, more] : hits) {
        more = records.size() > cap;
        if (more) records.pop_back();
    }
    return hits;
}

Result<std::vector<std::vector<Digest>>> IdentityReads::keys_of(std::span<const Uid> records) {
    std::vector<std::vector<Digest>> keys(records.size());
    CHECK_OK(keys_of_.each_for(records, [&](std::size_t i, const Row& row) { row.read(keys[i].emplace_back()); }));
    return keys;
}

Result<std::vector<std::optional<Link>>> IdentityReads::links_of(std::span<const Uid> records) {
    std::vector<std::optional<Link>> links(records.size());
    CHECK_OK(link_.each_for(records, [&](std::size_t i, const Row& row) { links[i] = read_link(row); }));
    return links;
}

Result<std::vector<std::vector<Link>>> IdentityReads::members(std::span<const Uid> customers) {
    std::vector<std::vector<Link>> members(customers.size());
    CHECK_OK(
        members_.each_for(customers, [&](std::size_t i, const Row& row) { members[i].push_back(read_link(row)); }));
    return members;
}

Result<std::vector<ManualPair>> IdentityReads::pairs_of(std::span<const Uid> records) {
    std::vector<ManualPair> pairs;
    std::set<std::pair<Uid, Uid>> seen;
    CHECK_OK(pairs_.each_for(records, [&](std::size_t, const Row& row) {
        ManualPair pair;
        int rule = 0;
        row.read(pair.a, pair.b, rule, pair.decided_by, pair.decided_at);
        pair.rule = static_cast<PairRule>(rule);
        if (seen.emplace(pair.a, pair.b).second) pairs.push_back(std::move(pair));
    }));
    return pairs;
}

Result<std::vector<std::optional<Customer>>> IdentityReads::customers(std::span<const Uid> uids) {
    std::vector<std::optional<Customer>> found(uids.size());
    CHECK_OK(customer_.each_for(uids, [&](std::size_t i, const Row& row) { found[i] = read_customer(row); }));
    return found;
}

Result<std::vector<Uid>> IdentityReads::resolve(std::span<const Uid> customers) {
    std::vector<Uid> survivors(customers.begin(), customers.end());
    std::vector<std::size_t> open(survivors.size());  // whose chain may go on
    std::iota(open.begin(), open.end(), 0);
    for (int steps = 0; !open.empty(); ++steps) {
        if (steps == kLongestChain) return fail(Fault::internal, "customer aliases form a circle");
        std::vector<std::size_t> further;
        CHECK_OK(alias_.each_of_all(
            open.size(), [&](std::size_t i, auto&& with) { return with(survivors[open[i]]); },
            [&](std::size_t i, const Row& row) {
                row.read(survivors[open[i]]);
                further.push_back(open[i]);
            }));
        open = std::move(further);
    }
    return survivors;
}

Result<std::vector<Customer>> IdentityReads::list_customers(Uid after, std::size_t limit) {
    std::vector<Customer> found;
    CHECK_OK(list_.each([&](const Row& row) { found.push_back(read_customer(row)); }, Blob{after.view()}, limit));
    return found;
}

Result<std::uint64_t> IdentityReads::customer_count() {
    std::uint64_t count = 0;
    CHECK_OK(count_.first([&](const Row& row) { row.read(count); }));
    return count;
}

IdentityTable::IdentityTable(Connection& connection)
    : IdentityReads(connection),
      put_key_(connection, kPutIdentityKey),
      drop_key_(connection, kDropKey),
      put_link_(connection, kPutLink),
      drop_link_(connection, kDropLink),
      put_pair_(connection, kPutPair),
      drop_pair_(connection, kDropPair),
      put_customer_(connection, kPutCustomer),
      drop_customer_(connection, kDropCustomer),
      put_alias_(connection, kPutAlias),
      drop_alias_(connection, kDropAlias) {}

// Only the difference is written: most changes of a record leave its keys as they are.
Result<void> IdentityTable::put_keys(std::span<const RecordKeys> records) {
    std::vector<Uid> uids;
    for (const auto& record : records) uids.push_back(record.record);
    TRY(const auto before, keys_of(uids));
    std::vector<std::pair<Digest, Uid>> drop, put;
    for (std::size_t i = 0; i < records.size(); ++i) {
        std::vector<Digest> wanted(records[i].keys.begin(), records[i].keys.end());
        std::ranges::sort(wanted);
        for (const auto& key : before[i])
            if (!std::ranges::binary_search(wanted, key)) drop.emplace_back(key, uids[i]);
        for (const auto& key : wanted)
            if (!std::ranges::binary_search(before[i], key)) put.emplace_back(key, uids[i]);
    }
    const auto give = [](const auto& pairs) {
        return [&](std::size_t i, auto&& with) { return with(pairs[i].first, pairs[i].second); };
    };
    CHECK_OK(drop_key_.run_all(drop.size(), give(drop)));
    return put_key_.run_all(put.size(), give(put));
}

Result<void> IdentityTable::set_links(std::span<const Link> links) {
    return put_link_.run_all(links.size(), [&](std::size_t i, auto&& with) {
        const auto& link = links[i];
        return with(link.record, link.customer, link.evidence, link.decided_at);
    });
}

Result<void> IdentityTable::remove_links(std::span<const Uid> records) {
    CHECK_OK(drop_link_.run_for(records));
    return {};
}

Result<void> IdentityTable::put_pairs(std::span<const ManualPair> pairs) {
    for (const auto& pair : pairs) {
        const auto [a, b] = std::minmax(pair.a, pair.b);
        CHECK_OK(put_pair_.run(a, b, static_cast<int>(pair.rule), pair.decided_by, pair.decided_at));
    }
    return {};
}

Result<void> IdentityTable::remove_pair(Uid a, Uid b) {
    CHECK_OK(drop_pair_.run(std::min(a, b), std::max(a, b)));
    return {};
}

Result<void> IdentityTable::put_customers(std::span<const Customer> customers) {
    return put_customer_.run_all(customers.size(), [&](std::size_t i, auto&& with) {
        const auto& customer = customers[i];
        return with(customer.uid, customer.golden_hash, customer.version, customer.updated_at);
    });
}

Result<void> IdentityTable::put_alias(Uid merged, Uid survivor, Timestamp at) {
    TRY(const auto end, resolve(std::span(&survivor, 1)));
    if (end.front() == merged)
        return fail(Fault::conflict, "this alias would close a circle: the survivor is merged into it");
    CHECK_OK(drop_customer_.run(merged));
    CHECK_OK(put_alias_.run(merged, survivor, at));
    return {};
}

Result<void> IdentityTable::remove_alias(Uid merged) {
    CHECK_OK(drop_alias_.run(merged));
    return {};
}

}  // namespace tributary::store
