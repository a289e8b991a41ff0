#include "gateway/flow/people.hpp"

#include <algorithm>
#include <set>

#include "gateway/flow/merge_gate.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/identity/golden.hpp"
#include "gateway/identity/match_keys.hpp"
#include "gateway/identity/resolve.hpp"
#include "gateway/record/classes.hpp"

namespace tributary::flow {
namespace {

// A key held by more records than this proves nothing, whatever their names are.
constexpr std::size_t kKeyCap = 64;

// One record of the neighbourhood, from the batch or from the store.
struct Neighbour {
    store::RecordRow row;
    value::Document loaded;                 // of a stored one
    const PreparedRecord* fresh = nullptr;  // of one that the batch writes
    std::vector<store::Digest> keys;
    std::optional<store::Link> link;
    bool alone = true;  // shares no key and no pair with another record

    value::Node contact() const { return fresh ? fresh->document.root() : loaded.root(); }
    const store::RecordRow& record() const { return fresh ? fresh->row : row; }
};

// Everything that hangs together with the changed records, by keys, manual pairs and present links.
class Neighbourhood {
  public:
    explicit Neighbourhood(World& world) : world_(world) {}

    Result<void> gather(std::span<const PreparedRecord* const> changed, std::span<const Uid> touched) {
        std::vector<Uid> wave;
        for (const auto* record : changed) {
            auto& neighbour = all_[record->row.header.uid];
            neighbour.fresh = record;
            neighbour.keys = record->match_keys;
            wave.push_back(record->row.header.uid);
        }
        for (const auto& uid : touched)
            if (all_.try_emplace(uid).second) wave.push_back(uid);
        while (!wave.empty()) {
            TRY(wave, widen(wave));
        }
        return load();
    }

    std::map<Uid, Neighbour>& all() { return all_; }
    const std::vector<store::ManualPair>& pairs() const { return pairs_; }
    // Held by more records than were gathered: it links nobody.
    bool is_generic(const store::Digest& key) const {
        auto holders = holders_.find(key);
        return generic_.contains(key) || (holders != holders_.end() && holders->second.size() > kKeyCap);
    }

  private:
    // Takes in the records next to `wave` and returns those that are new.
    Result<std::vector<Uid>> widen(const std::vector<Uid>& wave) {
        std::vector<Uid> found;
        auto add = [&](const Uid& uid) {
            if (all_.try_emplace(uid).second) found.push_back(uid);
        };
        CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
            auto& identity = session.identity();
            CHECK_OK(load_rows(session, wave));
            TRY(auto stored, identity.keys_of(wave));
            TRY(auto links, identity.links_of(wave));
            TRY(auto pairs, identity.pairs_of(wave));
            std::vector<Uid> customers;
            std::vector<store::Digest> ask;
            for (std::size_t i = 0; i < wave.size(); ++i) {
                auto& neighbour = all_[wave[i]];
                neighbour.link = links[i];
                if (links[i]) customers.push_back(links[i]->customer);
                if (!neighbour.fresh) neighbour.keys = stored[i];
                for (const auto* keys : {&neighbour.keys, &stored[i]})
                    for (const auto& key : *keys)
                        if (asked_.insert(key).second) ask.push_back(key);
                // Two records of one batch may meet in a key that the store does not know yet.
                for (const auto& key : neighbour.keys) holders_[key].insert(wave[i]);
            }
            TRY(auto hits, identity.records_by_keys(ask, kKeyCap));
            for (std::size_t i = 0; i < ask.size(); ++i) {
                if (hits[i].more)
                    generic_.insert(ask[i]);
                else
                    for (const auto& uid : hits[i].records) add(uid);
            }
            TRY(auto members, identity.members(customers));
            for (const auto& links_of_customer : members)
                for (const auto& link : links_of_customer) add(link.record);
            CHECK_OK(pair_delivered(session, wave, pairs));
            for (const auto& pair : pairs) {
                add(pair.a);
                add(pair.b);
                pairs_.push_back(pair);
            }
            return {};
        }));
        return found;
    }

    Result<void> load_rows(store::ReadSession& session, const std::vector<Uid>& wave) {
        std::vector<Uid> missing;
        for (const auto& uid : wave)
            if (!all_[uid].fresh) missing.push_back(uid);
        TRY(auto rows, session.records().load(missing));
        for (std::size_t i = 0; i < missing.size(); ++i)
            if (rows[i]) all_[missing[i]].row = std::move(*rows[i]);
        return {};
    }

    // A record read from a system to which we delivered it ourselves is the customer that we delivered. A customer's
    // uid is that of its first record, so the pair is one of records.
    Result<void> pair_delivered(store::ReadSession& session, const std::vector<Uid>& wave,
                                std::vector<store::ManualPair>& pairs) {
        std::map<std::string, std::pair<std::vector<std::string>, std::vector<Uid>>> by_connection;
        for (const auto& uid : wave) {
            const auto& key = all_[uid].record().key;
            auto& [ids, uids] = by_connection[key.connection];
            ids.push_back(key.external_id);
            uids.push_back(uid);
        }
        for (const auto& [connection, asked] : by_connection) {
            TRY(auto locals, session.remote_ids().local_of(connection, "contact", asked.first));
            for (std::size_t i = 0; i < locals.size(); ++i)
                if (locals[i] && *locals[i] != asked.second[i])
                    pairs.push_back({asked.second[i], *locals[i], store::PairRule::must_link, "delivery", {}});
        }
        return {};
    }

    // Loads what the batch does not bring, and tells who stands alone.
    Result<void> load() {
        std::vector<Uid> subjects;
        for (const auto& [uid, neighbour] : all_)
            if (!neighbour.fresh && neighbour.row.header.id != 0) subjects.push_back(neighbour.row.header.subject);
        CHECK_OK(world_.subject_keys.load(subjects, world_.key_store));
        for (auto at = all_.begin(); at != all_.end();) {
            auto& [uid, neighbour] = *at;
            TRY(bool there, unseal(neighbour));
            at = there ? std::next(at) : all_.erase(at);
        }
        for (const auto& [key, uids] : holders_)
            if (uids.size() > 1 && uids.size() <= kKeyCap && !generic_.contains(key))
                for (const auto& uid : uids)
                    if (auto at = all_.find(uid); at != all_.end()) at->second.alone = false;
        for (const auto& pair : pairs_)
            for (const auto& uid : {pair.a, pair.b})
                if (auto at = all_.find(uid); at != all_.end()) at->second.alone = false;
        return {};
    }

    // False: there is no such record, or it was erased and stays as a row that nobody can read.
    Result<bool> unseal(Neighbour& neighbour) {
        if (neighbour.fresh) return true;
        const auto& header = neighbour.row.header;
        if (header.id == 0) return false;
        auto document =
            open_payload(world_, header.subject, record_place(header.uid), neighbour.row.clear, neighbour.row.sealed);
        if (!document && document.error().fault == Fault::not_found) return false;
        if (!document) return pass(std::move(document), "record " + header.uid.text());
        neighbour.loaded = std::move(*document);
        return true;
    }

    World& world_;
    std::map<Uid, Neighbour> all_;
    std::set<store::Digest> asked_, generic_;
    std::map<store::Digest, std::set<Uid>> holders_;
    std::vector<store::ManualPair> pairs_;
};

identity::Person person(const World& world, const Neighbour& neighbour, bool stays_alone = false) {
    const auto& row = neighbour.record();
    const auto* connection = world.connection(row.key.connection);
    return {row.header.uid,      row.key.connection,  row.key.stream,
            row.key.external_id, neighbour.contact(), connection && connection->trusted_contact_points,
            row.observed_at,     row.header.deleted,  connection ? connection->customer_number_space : std::string(),
            stays_alone};
}

// E3: whose records no rule may put together with others.
Result<std::set<Uid>> who_stays_alone(World& world, const std::map<Uid, Neighbour>& all,
                                      std::span<const PreparedConsent> said) {
    std::set<Uid> out;
    if (!world.purposes.find(kMergePurpose)) return out;
    std::vector<Uid> subjects;
    for (const auto& [uid, neighbour] : all)
        if (!neighbour.alone) subjects.push_back(neighbour.record().header.subject);
    if (subjects.empty()) return out;
    std::vector<store::ConsentEventRow> pending;
    for (const auto& act : said) pending.push_back(act.row);
    const auto facts = ConsentFacts::load(world, subjects, pending);
    for (const auto& [uid, neighbour] : all) {
        if (neighbour.alone) continue;
        TRY(const bool may, may_merge(world, facts, neighbour.record().header.subject, neighbour.contact()));
        if (!may) out.insert(uid);
    }
    return out;
}

std::vector<identity::Cluster> clusters_of(const World& world, const Neighbourhood& hood, std::map<Uid, Neighbour>& all,
                                           const std::set<Uid>& stay_alone) {
    std::vector<identity::Person> people;
    std::vector<identity::Cluster> clusters;
    for (const auto& [uid, neighbour] : all) {
        if (neighbour.alone)
            clusters.push_back({uid, {uid}, {}});
        else
            people.push_back(person(world, neighbour, stay_alone.contains(uid)));
    }
    if (people.empty()) return clusters;
    std::vector<identity::ManualPair> pairs;
    for (const auto& pair : hood.pairs()) pairs.push_back({pair.a, pair.b, pair.rule == store::PairRule::must_link});
    for (auto& cluster : identity::resolve(people, pairs, {.is_generic = [&](const identity::MatchKey& key) {
                                               return hood.is_generic(world.blind.of(key.type, key.value));
                                           }}))
        clusters.push_back(std::move(cluster));
    return clusters;
}

CustomerChange customer_change(const World& world, const identity::Cluster& cluster,
                               const std::map<Uid, Neighbour>& all) {
    CustomerChange change;
    std::vector<identity::Person> people;
    for (const auto& uid : cluster.records) {
        const auto& neighbour = all.at(uid);
        people.push_back(person(world, neighbour));
        change.subjects.push_back(neighbour.record().header.subject);
    }
    change.subject = all.at(cluster.records.front()).record().header.subject;
    std::ranges::sort(change.subjects);
    change.subjects.erase(std::ranges::unique(change.subjects).begin(), change.subjects.end());
    change.golden = identity::golden(people, world.survivorship).contact;
    change.row.uid = cluster.customer;
    change.row.golden_hash = record::canonical_hash(change.golden.root());
    return change;
}

}  // namespace

std::vector<store::Digest> contact_keys(const World& world, const Connection& connection, const store::RecordKey& key,
                                        value::Node contact) {
    std::vector<store::Digest> digests;
    for (const auto& one : identity::match_keys(contact, key.connection, key.external_id,
                                                {connection.trusted_contact_points, connection.customer_number_space}))
        digests.push_back(world.blind.of(one.type, one.value));
    return digests;
}

Result<PeopleChange> relink(World& world, std::span<const PreparedRecord* const> changed, std::span<const Uid> touched,
                            std::span<const PreparedConsent> said) {
    PeopleChange out;
    if (changed.empty() && touched.empty()) return out;
    Neighbourhood hood(world);
    CHECK_OK(hood.gather(changed, touched));
    auto& all = hood.all();
    TRY(const auto stay_alone, who_stays_alone(world, all, said));
    auto clusters = clusters_of(world, hood, all, stay_alone);

    Timestamp now = world.clock.now();
    std::set<Uid> before, after;
    std::vector<CustomerChange> candidates;
    for (const auto& cluster : clusters) {
        after.insert(cluster.customer);
        std::string evidence = cluster.edges.empty() ? "[]" : cluster.evidence_json();
        for (const auto& uid : cluster.records) {
            const auto& neighbour = all.at(uid);
            out.customer_of[uid] = cluster.customer;
            if (neighbour.link) before.insert(neighbour.link->customer);
            if (!neighbour.link || neighbour.link->customer != cluster.customer || neighbour.link->evidence != evidence)
                out.links.push_back({uid, cluster.customer, evidence, now});
        }
        candidates.push_back(customer_change(world, cluster, all));
    }

    std::vector<Uid> uids;
    for (const auto& candidate : candidates) uids.push_back(candidate.row.uid);
    std::vector<std::optional<store::Customer>> stored;
    std::vector<Uid> resolved;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(stored, session.identity().customers(uids));
        TRY(resolved, session.identity().resolve(uids));
        return {};
    }));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        auto& candidate = candidates[i];
        if (resolved[i] != uids[i]) out.revived.push_back(uids[i]);
        bool known = stored[i].has_value() && resolved[i] == uids[i];
        if (known && stored[i]->golden_hash == candidate.row.golden_hash) continue;
        candidate.row.version = stored[i] ? stored[i]->version + 1 : 1;
        candidate.row.updated_at = now;
        out.customers.push_back(std::move(candidate));
    }
    for (const auto& old : before) {
        if (after.contains(old)) continue;
        auto heir = std::ranges::find_if(
            all, [&](const auto& entry) { return entry.second.link && entry.second.link->customer == old; });
        out.merged.emplace_back(old, out.customer_of.at(heir->first));
    }
    return out;
}

Result<CustomerRows> read_customer(store::ReadSession& session, const Uid& customer) {
    CustomerRows rows;
    TRY(rows.records, session.records().by_customer(customer));
    TRY(auto found, session.identity().customers(std::span(&customer, 1)));
    rows.customer = found.front();
    return rows;
}

Result<CustomerChange> load_customer(World& world, const Uid& customer) {
    CustomerRows rows;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(rows, read_customer(session, customer));
        return {};
    }));
    return load_customer(world, customer, std::move(rows));
}

Result<CustomerChange> load_customer(World& world, const Uid& customer, CustomerRows rows) {
    if (rows.records.empty()) return fail(Fault::not_found, "no record is linked to customer " + customer.text());
    std::map<Uid, Neighbour> all;
    identity::Cluster cluster{customer, {}, {}};
    for (auto& row : rows.records) {
        TRY(auto document,
            open_payload(world, row.header.subject, record_place(row.header.uid), row.clear, row.sealed));
        cluster.records.push_back(row.header.uid);
        auto& neighbour = all[row.header.uid];
        neighbour.row = std::move(row);
        neighbour.loaded = std::move(document);
    }
    auto change = customer_change(world, cluster, all);
    if (rows.customer) change.row = *rows.customer;
    return change;
}

}  // namespace tributary::flow
