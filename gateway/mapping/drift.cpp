#include "gateway/mapping/drift.hpp"

#include <algorithm>
#include <array>

namespace tributary::mapping {

namespace {

// One bit for each; by Kind, with the two numbers as one.
constexpr std::array<std::string_view, 5> kKinds = {"boolean", "number", "text", "array", "object"};

std::uint8_t bit_of(value::Kind kind) {
    switch (kind) {
        case value::Kind::boolean:
            return 1;
        case value::Kind::integer:
        case value::Kind::decimal:
            return 2;
        case value::Kind::text:
            return 4;
        case value::Kind::array:
            return 8;
        case value::Kind::object:
            return 16;
        default:
            return 0;
    }
}

std::string names_of(std::uint8_t bits) {
    std::string names;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if ((bits >> i & 1U) == 0) continue;
        if (!names.empty()) names += ", ";
        names += kKinds[i];
    }
    return names;
}

std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return (hash ^ 0x2E) * 0x100000001B3ULL;
}

constexpr std::uint64_t kStart = 0xCBF29CE484222325ULL;

// The same hash as walking the path gives; arrays stand as "[]".
std::uint64_t hash_of(std::string_view path) {
    auto hash = kStart;
    while (!path.empty()) {
        if (path.starts_with("[]")) {
            hash = mixed(hash, "[]");
            path.remove_prefix(2);
        } else {
            if (path.front() == '.') path.remove_prefix(1);
            const auto end = std::min(path.find('.'), path.find("[]"));
            hash = mixed(hash, path.substr(0, end));
            path.remove_prefix(std::min(end, path.size()));
        }
    }
    return hash;
}

}  // namespace

void Drift::observe(value::Node record, Timestamp now) {
    const auto number = records_++;
    if (learning_ && number >= kLearned) learning_ = false;
    if (!learning_ && number % kSampled != 0) return;
    std::string path;
    walk(record, kStart, path, 0, now);
}

void Drift::walk(value::Node node, std::uint64_t hash, std::string& path, std::size_t depth, Timestamp now) {
    if (depth == kDeepest) return;
    const bool object = node.is(value::Kind::object);
    if (!object && !node.is(value::Kind::array)) return;
    const auto size = path.size();
    for (const auto child : node) {
        if (!object)
            path += "[]";
        else {
            if (size != 0) path += '.';
            path += child.key();
        }
        const auto below = mixed(hash, object ? child.key() : std::string_view("[]"));
        see(child, below, path, now);
        walk(child, below, path, depth + 1, now);
        path.resize(size);
    }
}

void Drift::see(value::Node node, std::uint64_t hash, std::string_view path, Timestamp now) {
    const auto kind = bit_of(node.kind());
    auto found = paths_.find(hash);
    if (found == paths_.end()) {
        if (paths_.size() >= kMostPaths) {
            ++overflow_;
            return;
        }
        found = paths_.emplace(hash, Seen{.path = std::string(path), .new_field = !learning_}).first;
        if (!learning_) found->second.first_seen = now;
    }
    auto& seen = found->second;
    if (learning_) {
        seen.known |= kind;
        return;
    }
    // A field that had only null so far has no kind yet: its first one is no change.
    if (!seen.new_field && seen.known == 0) seen.known = kind;
    if ((kind & ~seen.known) == 0 && !seen.new_field) return;
    if (seen.count == 0) seen.first_seen = now;
    seen.added |= kind;
    ++seen.count;
}

void Drift::merge(const Drift& other) {
    for (const auto& [hash, theirs] : other.paths_) {
        const auto found = paths_.find(hash);
        if (found == paths_.end()) {
            if (paths_.size() < kMostPaths)
                paths_.emplace(hash, theirs);
            else
                ++overflow_;
            continue;
        }
        auto& ours = found->second;
        const bool both_noticed = ours.count != 0 && theirs.count != 0;
        if (theirs.count != 0)
            ours.first_seen = both_noticed ? std::min(ours.first_seen, theirs.first_seen) : theirs.first_seen;
        ours.known |= theirs.known;
        ours.added = static_cast<std::uint8_t>((ours.added | theirs.added) & ~ours.known);
        ours.new_field = ours.new_field && theirs.new_field;
        ours.count = ours.added == 0 && !ours.new_field ? 0 : ours.count + theirs.count;
    }
    records_ += other.records_;
    overflow_ += other.overflow_;
    learning_ = learning_ && other.learning_;
}

std::vector<DriftFinding> Drift::findings() const {
    std::vector<DriftFinding> all;
    for (const auto& [hash, seen] : paths_)
        if (seen.count != 0)
            all.push_back({seen.new_field ? DriftFinding::What::new_field : DriftFinding::What::new_kind, seen.path,
                           names_of(seen.added), seen.count, seen.first_seen});
    std::ranges::sort(all, {}, &DriftFinding::path);
    return all;
}

void Drift::accept() {
    for (auto& [hash, seen] : paths_) {
        seen.known |= seen.added;
        seen.added = 0;
        seen.count = 0;
        seen.new_field = false;
    }
    overflow_ = 0;
}

value::Document Drift::save() const {
    value::Builder out;
    out.begin_object();
    out.key("records").integer(static_cast<std::int64_t>(records_));
    out.key("overflow").integer(static_cast<std::int64_t>(overflow_));
    out.key("learning").boolean(learning_);
    out.key("paths").begin_array();
    std::vector<const Seen*> sorted;
    for (const auto& [hash, seen] : paths_) sorted.push_back(&seen);
    std::ranges::sort(sorted, {}, &Seen::path);
    for (const auto* seen : sorted) {
        out.begin_object().key("path").text(seen->path).key("known").integer(seen->known);
        if (seen->count != 0) {
            out.key("added").integer(seen->added).key("new_field").boolean(seen->new_field);
            out.key("count").integer(static_cast<std::int64_t>(seen->count));
            out.key("first_seen_ms").integer(seen->first_seen.time_since_epoch().count());
        }
        out.end();
    }
    return out.end().end().take();
}

Result<Drift> Drift::load(value::Node saved) {
    if (!saved.find("paths").is(value::Kind::array))
        return fail(Fault::bad_input, "saved drift counters have a list of paths");
    Drift drift;
    drift.records_ = static_cast<std::uint64_t>(saved.find("records").integer());
    drift.overflow_ = static_cast<std::uint64_t>(saved.find("overflow").integer());
    drift.learning_ = saved.find("learning").boolean();
    for (const auto entry : saved.find("paths")) {
        if (drift.paths_.size() == kMostPaths) break;
        Seen seen{.path = std::string(entry.find("path").text())};
        seen.known = static_cast<std::uint8_t>(entry.find("known").integer());
        seen.added = static_cast<std::uint8_t>(entry.find("added").integer());
        seen.new_field = entry.find("new_field").boolean();
        seen.count = static_cast<std::uint64_t>(entry.find("count").integer());
        seen.first_seen = Timestamp(Milliseconds(entry.find("first_seen_ms").integer()));
        const auto hash = hash_of(seen.path);
        drift.paths_.emplace(hash, std::move(seen));
    }
    return drift;
}

}  // namespace tributary::mapping
