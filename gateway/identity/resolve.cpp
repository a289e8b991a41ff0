#include "gateway/identity/resolve.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "gateway/identity/rules.hpp"
#include "gateway/value/json.hpp"

namespace tributary::identity {

namespace {

using Index = std::size_t;  // into the people, sorted by record uid: comparing indexes compares uids

struct Link {
    Rule rule{};
    Index a = 0, b = 0;  // a < b
    std::string_view key_type;
    friend auto operator<=>(const Link&, const Link&) = default;
};

class Resolver {
  public:
    Resolver(std::span<const Person> people, std::span<const ManualPair> pairs, const ResolveOptions& options)
        : options_(options), guards_(options.guards ? *options.guards : ValueGuards::standard()) {
        for (const auto& person : people) people_.push_back(&person);
        std::ranges::sort(people_, {}, [](const Person* person) { return person->record; });
        thread_local const NameFolder folder;  // remembers transliterated names from call to call
        for (Index i = 0; i < people_.size(); ++i) {
            const auto& person = *people_[i];
            index_.emplace(person.record, i);
            facts_.push_back(
                facts_of(person.contact,
                         match_keys(person.contact, person.connection, person.external_id,
                                    {person.trusted_contact_points, person.customer_number_space, &guards_}),
                         folder));
        }
        link_by_hand(pairs);
        link_by_keys();
    }

    std::vector<Cluster> run() {
        parent_.resize(people_.size());
        std::iota(parent_.begin(), parent_.end(), Index{0});
        members_.resize(people_.size());
        for (Index i = 0; i < people_.size(); ++i) members_[i] = {i};
        std::ranges::sort(links_);
        for (const auto& link : links_) take(link);
        return gather();
    }

  private:
    void link_by_hand(std::span<const ManualPair> pairs) {
        for (const auto& pair : pairs) {
            const auto a = index_.find(pair.a), b = index_.find(pair.b);
            if (a == index_.end() || b == index_.end() || a->second == b->second) continue;
            const auto [low, high] = std::minmax(a->second, b->second);
            if (pair.must_link)
                links_.push_back({Rule::manual, low, high, {}});
            else
                apart_.emplace(low, high);
        }
        std::ranges::sort(links_);
        links_.erase(std::ranges::unique(links_).begin(), links_.end());
    }

    void link_by_keys() {
        std::map<MatchKey, std::vector<Index>> holders;
        for (Index i = 0; i < people_.size(); ++i)
            for (const auto& key : facts_[i].keys) holders[key].push_back(i);
        for (const auto& [key, group] : holders) {
            if (group.size() < 2 || is_generic(key, group)) continue;
            const auto rule = rule_of(key.type);
            // The type's text lives in the facts of the group's first record.
            const std::string_view type = std::ranges::find(facts_[group.front()].keys, key)->type;
            for (std::size_t x = 0; x < group.size(); ++x)
                for (std::size_t y = x + 1; y < group.size(); ++y)
                    if (!needs_name(rule) || name_fits(facts_[group[x]], facts_[group[y]]))
                        links_.push_back({rule, group[x], group[y], type});
        }
    }

    bool is_generic(const MatchKey& key, const std::vector<Index>& group) const {
        if (key.type == "system") return false;
        if (options_.is_generic && options_.is_generic(key)) return true;
        std::set<std::string_view> names;
        for (const auto i : group)
            if (!facts_[i].name.sorted.empty()) names.insert(facts_[i].name.sorted);
        return names.size() > guards_.names_per_value();
    }

    Index root(Index i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }

    void take(const Link& link) {
        auto a = root(link.a), b = root(link.b);
        if (a != b) {
            if (const auto reason = obstacle(a, b, link.rule); !reason.empty()) {
                cuts_.emplace_back(link, reason);
                return;
            }
            if (b < a) std::swap(a, b);
            parent_[b] = a;
            members_[a].insert(members_[a].end(), members_[b].begin(), members_[b].end());
            members_[b].clear();
        }
        taken_.push_back(link);
    }

    // Why two clusters must not become one; empty when they may.
    std::string_view obstacle(Index a, Index b, Rule rule) const {
        bool contradiction = false, objection = false;
        for (const auto x : members_[a]) {
            for (const auto y : members_[b]) {
                if (apart_.contains(std::minmax(x, y))) return "cannot_link";
                if (rule == Rule::manual) continue;
                contradiction = contradiction || contradict(facts_[x], facts_[y]);
                // The same id at the same system is no recognition.
                objection =
                    objection || (rule != Rule::remote_id && (people_[x]->stays_alone || people_[y]->stays_alone));
            }
        }
        if (objection) return "objection";
        return contradiction ? "contradiction" : "";
    }

    Edge edge(const Link& link) const {
        return {people_[link.a]->record, people_[link.b]->record, std::string(name_of(link.rule)),
                std::string(link.key_type)};
    }

    std::vector<Cluster> gather() {
        std::map<Index, Cluster> by_root;
        for (Index i = 0; i < people_.size(); ++i) {
            auto& cluster = by_root[root(i)];
            if (cluster.records.empty()) cluster.customer = people_[i]->record;
            cluster.records.push_back(people_[i]->record);
        }
        for (const auto& link : taken_) by_root[root(link.a)].edges.push_back(edge(link));
        for (const auto& [link, reason] : cuts_)
            for (const auto end : {link.a, link.b})
                by_root[root(end)].cuts.push_back({edge(link), std::string(reason)});
        std::vector<Cluster> clusters;
        for (auto& [first, cluster] : by_root) {
            std::ranges::sort(cluster.edges);
            std::ranges::sort(cluster.cuts, {}, &CutEdge::edge);
            clusters.push_back(std::move(cluster));
        }
        return clusters;  // a root is its cluster's smallest index, so they are in order
    }

    const ResolveOptions& options_;
    const ValueGuards& guards_;
    std::vector<const Person*> people_;
    std::unordered_map<Uid, Index> index_;
    std::vector<Facts> facts_;
    std::vector<Link> links_, taken_;
    std::set<std::pair<Index, Index>> apart_;
    std::vector<std::pair<Link, std::string_view>> cuts_;
    std::vector<Index> parent_;
    std::vector<std::vector<Index>> members_;
};

void write_edge(const Edge& edge, std::string_view cut, value::Builder& out) {
    out.begin_object();
    out.key("a").text(edge.a.text());
    out.key("b").text(edge.b.text());
    out.key("rule").text(edge.rule);
    if (!edge.key_type.empty()) out.key("key").text(edge.key_type);
    if (!cut.empty()) out.key("cut").text(cut);
    out.end();
}

}  // namespace

std::string Cluster::evidence_json() const {
    value::Builder out;
    out.begin_array();
    for (const auto& edge : edges) write_edge(edge, {}, out);
    for (const auto& [edge, reason] : cuts) write_edge(edge, reason, out);
    out.end();
    return value::to_json(out.take().root());
}

std::vector<Cluster> resolve(std::span<const Person> people, std::span<const ManualPair> pairs,
                             const ResolveOptions& options) {
    return Resolver(people, pairs, options).run();
}

}  // namespace tributary::identity
