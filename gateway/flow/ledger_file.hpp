// LedgerFile: what must not be forgotten when a store goes back in time, outside of it: consent that was withdrawn or
// refused, contact points that were suppressed, who was erased. Ids and keyed hashes alone.
//
// A line is a JSON object, a space, and HMAC-SHA256(key, code of the line before | JSON) in hex, under a key that
// follows from a key of the ring. So a line that is changed, left out, put in or moved shows. An end that is cut off
// shows only to who knows of it: the store knows (store/ledger_position.hpp), and each backup.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/store/consent_events.hpp"
#include "gateway/store/erasures.hpp"
#include "gateway/store/suppressions.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

using LedgerEntry = std::variant<store::ConsentEventRow, store::Suppression, store::Erasure>;

struct LedgerLine {
    LedgerEntry entry;
    std::string mac;
};

struct LedgerContent {
    std::vector<LedgerLine> lines;
    // Bytes after the last whole line: what a crash left of a write.
    std::size_t torn = 0;

    std::string mac() const { return lines.empty() ? std::string() : lines.back().mac; }
    // Whether it holds `mac` as its line number `number`; line 0 is always there.
    bool has(std::uint64_t number, std::string_view mac) const;
};

// refused: a line does not follow from the one before. not_found: the ring does not hold its key. Each names the line.
Result<LedgerContent> parse_ledger(std::string_view text, const vault::KeyRing& ring);
// The line that follows on `previous`, without its end. Seqs are not kept, nor the sealed part of a consent event.
LedgerLine ledger_line(const LedgerEntry& entry, std::string_view previous, const vault::KeyRing& ring,
                       std::string& text);

// No file is an empty one.
Result<LedgerContent> read_ledger(const std::filesystem::path& path, const vault::KeyRing& ring);
// Whole and durable when it returns; what was torn before is cut off first.
Result<void> append_ledger(const std::filesystem::path& path, std::string_view lines, std::size_t torn);

}  // namespace tributary::flow
