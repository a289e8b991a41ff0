// Trail: the entries of the audit trail in order, judged by themselves and by checkpoints that were kept elsewhere.
// Pure: the same for a store and for an export that somebody else reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/audit/checkpoint.hpp"
#include "gateway/audit/tree.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::audit {

// Nothing that is written is longer.
inline constexpr std::size_t kLongestEntry = 64UL << 10;

struct Entry {
    std::int64_t seq = 0;  // 1, 2, 3, ... without gaps
    std::string bytes;     // canonical JSON, as stored
    Hash leaf{};
    Hash chain{};

    // One line of an export, without its end: the bytes as a JSON string, so that no reader lays them out anew.
    std::string line() const;
    static Result<Entry> parse(std::string_view line);
};

// How far clocks of one machine may run back between two entries.
inline constexpr Milliseconds kSkew = std::chrono::seconds(5);

class TrailCheck {
  public:
    // `checkpoints`: opened with the key.
    explicit TrailCheck(std::vector<Checkpoint> checkpoints = {});

    // The next entry; after the first flaw entries are not looked at any more. False then.
    bool add(const Entry& entry);

    struct Outcome {
        std::uint64_t entries = 0;
        std::uint64_t checkpoints = 0;  // that fit
        Hash root{};
        std::optional<std::int64_t>
            broken_at;       // the first seq that does not fit; the last one and one when entries lack
        std::string reason;  // empty: the trail is whole
        // The first entry whose time lies before that of an earlier one by more than kSkew: the clock was set back.
        // Clocks are set for good reasons too, so this alone breaks nothing.
        std::optional<std::int64_t> clock_back_at;
    };
    // After the last entry.
    Outcome finish();

  private:
    void break_at(std::int64_t seq, std::string reason);
    std::string flaw_of(const Entry& entry) const;
    void compare();

    std::vector<Checkpoint> checkpoints_;  // by size
    std::size_t next_ = 0;                 // the first that was not reached
    Tree tree_;
    Hash chain_{};
    std::optional<Timestamp> newest_;
    Outcome outcome_;
};

}  // namespace tributary::audit
