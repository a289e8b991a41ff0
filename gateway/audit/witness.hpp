// Witnesses (c2sp.org/tlog-witness): others, elsewhere, who sign a checkpoint only when the trail that it speaks of
// goes on from the one that they signed before. What enough of them signed cannot be cut off or written anew any more
// without it showing, also by whoever owns this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/audit/checkpoint.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::audit {

struct Witnessed {
    std::uint64_t size = 0;  // of the trail that it signed; 0: none
    Timestamp at;            // when, by the witness's clock
};

// A checkpoint that both signed. not_found and refused as of open_note().
Result<Witnessed> open_cosigned(std::string_view note, const NoteKey& log, const NoteKey& witness);

// The body of a request to a witness that knows the trail of `known` entries.
std::string witness_request(std::uint64_t known, const Proof& consistency, std::string_view note);

// The note with the line of the answer that this witness signed it with. Lines of others are left out. bad_input: no
// line of signatures. not_found, refused: none that fits.
Result<std::string> cosign(std::string_view note, std::string_view answer, const NoteKey& witness);

// What witnesses signed of the notes of a text (audit::split_notes), the newest of each.
struct Testimony {
    std::vector<Witnessed> of;  // in order of the witnesses
    std::size_t quorum = 0;
    // Entries that so many of them signed; 0: they did not.
    std::uint64_t witnessed() const;
};
Testimony testimony_of(std::string_view notes, const NoteKey& log, std::span<const NoteKey> witnesses,
                       std::size_t quorum);

}  // namespace tributary::audit
