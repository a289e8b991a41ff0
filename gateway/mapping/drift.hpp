// Drift: notices when a source begins to send fields that it never sent, or values of another kind. One for each
// (connection, stream); bounded, cheap, mergeable.
//
// The first kLearned records teach what is normal; of later ones every kSampled-th is looked at, so a rare field may be
// noticed late, and counts are of the records looked at. Elements of an array share one path ("line_items[].sku"); null
// is no kind of its own; integers and decimals are one kind. Beyond kMostPaths only the overflow is counted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::mapping {

struct DriftFinding {
    enum class What : std::uint8_t { new_field, new_kind };
    What what = What::new_field;
    std::string path;
    std::string kind;         // the new one
    std::uint64_t count = 0;  // records looked at that had it
    Timestamp first_seen{};
};

class Drift {
  public:
    static constexpr std::uint64_t kLearned = 200, kSampled = 16;
    static constexpr std::size_t kMostPaths = 2000, kDeepest = 12;

    // REQUIRES: `record` was accepted by the parser; its content does not matter.
    void observe(value::Node record, Timestamp now);
    // Adds what another one has seen of the same stream, such as another thread's.
    void merge(const Drift& other);
    // New fields and kinds, by path.
    std::vector<DriftFinding> findings() const;
    // What the source sends now is normal from here on.
    void accept();

    std::uint64_t records() const { return records_; }
    std::uint64_t overflow() const { return overflow_; }

    // For the store; load(save()) is the same.
    value::Document save() const;
    static Result<Drift> load(value::Node saved);

  private:
    struct Seen {
        std::string path;
        std::uint8_t known = 0, added = 0;  // kinds as bits: learned, and noticed later
        bool new_field = false;
        std::uint64_t count = 0;  // of what was noticed later
        Timestamp first_seen{};
    };

    void walk(value::Node node, std::uint64_t hash, std::string& path, std::size_t depth, Timestamp now);
    void see(value::Node node, std::uint64_t hash, std::string_view path, Timestamp now);

    std::unordered_map<std::uint64_t, Seen> paths_;  // by the hash of the path
    std::uint64_t records_ = 0, overflow_ = 0;
    bool learning_ = true;
};

}  // namespace tributary::mapping
