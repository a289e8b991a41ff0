// Checkpoint (c2sp.org/tlog-checkpoint): what the whole audit trail was when it had `size` entries. Signed and kept
// elsewhere, it shows a tail that was cut off and a trail that was written anew, which the trail alone cannot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/audit/signed_note.hpp"
#include "gateway/audit/tree.hpp"
#include "gateway/base/result.hpp"

namespace tributary::audit {

struct Checkpoint {
    std::string origin;  // which trail: one line, the name of the key that signs
    std::uint64_t size = 0;
    Hash root{};

    // The lines that are signed.
    std::string text() const;
    // Lines after the third are extensions of others and left alone. bad_input otherwise.
    static Result<Checkpoint> parse(std::string_view text);
};

// Opened with the key; refused when the checkpoint's origin is not the key's name.
Result<Checkpoint> open_checkpoint(std::string_view note, const NoteKey& key);
// Signed notes one after the other, as they were appended to a file; views into it.
std::vector<std::string_view> split_notes(std::string_view text);

// All checkpoints of such a file.
struct OpenedNotes {
    std::vector<Checkpoint> checkpoints;
    std::size_t torn = 0;    // what is no note: a line that a crash cut off
    std::size_t forged = 0;  // notes whose signature does not fit, or of another key or trail
};
OpenedNotes open_notes(std::string_view text, const NoteKey& key);

// That one entry is in the trail, for somebody who has the entry, this and the key (c2sp.org/tlog-proof).
struct InclusionProof {
    std::uint64_t index = 0;  // seq - 1
    Proof hashes;
    std::string note;  // the signed checkpoint

    std::string text() const;
    static Result<InclusionProof> parse(std::string_view text);
    // bad_input, not_found and refused as of open_checkpoint; refused too when the entry is not in the tree.
    Result<Checkpoint> check(std::string_view entry, const NoteKey& key) const;
};

}  // namespace tributary::audit
