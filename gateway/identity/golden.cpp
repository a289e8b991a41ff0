#include "gateway/identity/golden.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "gateway/record/classes.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::identity {

namespace {

using value::Kind;
using value::Node;

// Set by the gateway for each record; a customer has none of them.
constexpr std::array<std::string_view, 8> kOfRecord = {"id",     "tenant", "type",      "schema_version",
                                                       "source", "dq",     "retention", "subject_ref"};

// One record that takes part, with what it is ranked by.
struct Source {
    const Person* person = nullptr;
    Timestamp changed{};
    std::size_t priority = 0;
};

// A value that competes for a place.
struct Claim {
    const Source* source = nullptr;
    std::size_t index = 0;  // of a list's item
    Node node;
    std::size_t votes = 0;  // how many records hold the same value; counted when asked for
};

bool is_verified(Node node, const Source& source) {
    if (node.is(Kind::object)) {
        const bool contact_point = node.find("norm") || node.find("raw");
        return node.find("verified_at") || (source.person->trusted_contact_points && contact_point);
    }
    if (node.is(Kind::array))
        for (const auto item : node)
            if (is_verified(item, source)) return true;
    return false;
}

std::size_t weight(Node node) {
    if (node.is(Kind::text)) return node.text().size();
    if (!node.is(Kind::object) && !node.is(Kind::array)) return node ? 1 : 0;
    std::size_t sum = 0;
    for (const auto child : node)
        sum += child.is(Kind::object) || child.is(Kind::array) ? weight(child) : child ? 1 : 0;
    return sum;
}

// Numbers by size, all else as text: canonical dates and times sort that way.
int compare(Node a, Node b) {
    if (a.is(Kind::integer) && b.is(Kind::integer)) return a.integer() < b.integer() ? -1 : a.integer() > b.integer();
    const auto order = a.scalar_text().compare(b.scalar_text());
    return order < 0 ? -1 : order > 0;
}

template <class T>
int descending(const T& a, const T& b) {
    return a > b ? -1 : a < b;
}

class Contest {
  public:
    Contest(const FieldRule& rule, const std::vector<Strategy>& strategies) : rule_(rule), strategies_(strategies) {}

    // Orders the claims, the winner first. Always the same for the same set.
    void sort(std::vector<Claim>& claims) const {
        if (std::ranges::find(strategies_, Strategy::most_frequent) != strategies_.end()) count(claims);
        std::ranges::sort(claims, [this](const Claim& a, const Claim& b) {
            for (const auto strategy : strategies_)
                if (const int order = by(strategy, a, b); order != 0) return order < 0;
            if (a.source != b.source) return a.source->person->record < b.source->person->record;
            return a.index < b.index;
        });
    }

  private:
    int by(Strategy strategy, const Claim& a, const Claim& b) const {
        switch (strategy) {
            case Strategy::most_recent:
                return descending(a.source->changed, b.source->changed);
            case Strategy::oldest:
                return descending(b.source->changed, a.source->changed);
            case Strategy::most_complete:
                return descending(weight(a.node), weight(b.node));
            case Strategy::verified:
                return descending(is_verified(a.node, *a.source), is_verified(b.node, *b.source));
            case Strategy::source_priority:
                return descending(b.source->priority, a.source->priority);
            case Strategy::most_frequent:
                return descending(a.votes, b.votes);
            case Strategy::earliest:
                return compare(a.node, b.node);
            case Strategy::latest:
                return compare(b.node, a.node);
            case Strategy::precedence:
                return descending(rank(b.node), rank(a.node));
            default:
                return 0;  // how the field is put together says nothing about who wins
        }
    }

    std::size_t rank(Node node) const {
        return static_cast<std::size_t>(std::ranges::find(rule_.precedence, node.text()) - rule_.precedence.begin());
    }

    static void count(std::vector<Claim>& claims) {
        std::map<crypto::Digest<32>, std::size_t> votes;
        for (const auto& claim : claims) ++votes[record::canonical_hash(claim.node)];
        for (auto& claim : claims) claim.votes = votes[record::canonical_hash(claim.node)];
    }

    const FieldRule& rule_;
    const std::vector<Strategy>& strategies_;
};

class Composer {
  public:
    explicit Composer(const Survivorship& rules) : rules_(rules) { record_.begin_object(), origin_.begin_object(); }

    void field(std::string_view name, std::vector<Claim> claims) {
        FieldRule rule;
        if (const auto found = rules_.fields.find(name); found != rules_.fields.end())
            rule = found->second;
        else if (claims.front().node.is(Kind::array))
            rule.strategies = {Strategy::all};
        const auto how = rule.strategies.empty() ? Strategy::most_recent : rule.strategies.front();
        // After what the rule says comes the fallback: the less is left to the record ids the better.
        auto strategies = rule.strategies;
        strategies.insert(strategies.end(), rules_.fallback.begin(), rules_.fallback.end());
        const Contest contest(rule, strategies);
        if (how == Strategy::all) return items(name, rule, contest, claims);
        if (how == Strategy::members || how == Strategy::any_true) return members(name, contest, claims, how);
        contest.sort(claims);
        put(name, claims.front());
    }

    GoldenView take() {
        record_.end();
        origin_.end();
        return {record_.take(), origin_.take()};
    }

  private:
    void put(std::string_view name, const Claim& winner) {
        record_.key(name).copy(winner.node);
        origin_.key(name).text(winner.source->person->record.text());
    }

    static crypto::Digest<32> identity_of(Node item, const FieldRule& rule) {
        value::Builder same;
        same.begin_array();
        for (const auto& member : rule.same) {
            const auto part = item.find(member);
            if (!part) return record::canonical_hash(item);
            same.copy(part);
        }
        same.end();
        return rule.same.empty() ? record::canonical_hash(item) : record::canonical_hash(same.take().root());
    }

    void items(std::string_view name, const FieldRule& rule, const Contest& contest, const std::vector<Claim>& lists) {
        std::vector<Claim> all;
        for (const auto& list : lists) {
            if (!list.node.is(Kind::array)) continue;
            std::size_t index = 0;
            for (const auto item : list.node) all.push_back({list.source, index++, item});
        }
        contest.sort(all);
        record_.key(name).begin_array();
        origin_.key(name).begin_array();
        std::set<crypto::Digest<32>> seen;
        for (const auto& claim : all) {
            if (!seen.insert(identity_of(claim.node, rule)).second) continue;
            record_.copy(claim.node);
            origin_.text(claim.source->person->record.text());
        }
        record_.end();
        origin_.end();
    }

    void members(std::string_view name, const Contest& contest, const std::vector<Claim>& objects, Strategy how) {
        std::map<std::string_view, std::vector<Claim>> by_member;
        for (const auto& object : objects)
            for (const auto member : object.node)
                if (member && object.node.is(Kind::object))
                    by_member[member.key()].push_back({object.source, 0, member});
        record_.key(name).begin_object();
        origin_.key(name).begin_object();
        for (auto& [member, claims] : by_member) {
            contest.sort(claims);
            auto winner = claims.begin();
            if (how == Strategy::any_true) {
                const auto yes = std::ranges::find_if(claims, [](const Claim& claim) { return claim.node.boolean(); });
                if (yes != claims.end()) winner = yes;
            }
            put(member, *winner);
        }
        record_.end();
        origin_.end();
    }

    const Survivorship& rules_;
    value::Builder record_, origin_;
};

Source source_of(const Person& person, const Survivorship& rules) {
    const auto stated = record::parse_timestamp(person.contact.find("updated_at").text());
    const auto place = std::ranges::find(rules.sources, person.connection) - rules.sources.begin();
    return {&person, stated.value_or(person.observed_at), static_cast<std::size_t>(place)};
}

}  // namespace

GoldenView golden(std::span<const Person> people, const Survivorship& rules) {
    std::vector<Source> sources;
    for (const auto& person : people)
        if (!person.deleted) sources.push_back(source_of(person, rules));
    if (sources.empty()) return {};
    std::ranges::sort(sources, {}, [](const Source& source) { return source.person->record; });
    std::map<std::string_view, std::vector<Claim>> fields;
    for (const auto& source : sources)
        for (const auto member : source.person->contact)
            if (member && std::ranges::find(kOfRecord, member.key()) == kOfRecord.end())
                fields[member.key()].push_back({&source, 0, member});
    Composer composer(rules);
    for (auto& [name, claims] : fields) composer.field(name, std::move(claims));
    return composer.take();
}

}  // namespace tributary::identity
