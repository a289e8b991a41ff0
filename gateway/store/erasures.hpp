// Erasures: the ledger of who was erased, so that what was erased does not come back: by a source that still knows the
// person, or by a backup made before. Append-only; it holds keyed hashes alone, and nothing that opens or names
// anybody.
//
// A restored store is given what came after its own last row, in order of seq, before anything else may read it: each
// row that is no readmission is erased again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::store {

struct Erasure {
    std::int64_t seq = 0;      // given by the store
    Uid request;               // why
    Uid subject;               // vault::BlindIndex::subject_of: a keyed hash of one source's name for the person
    std::vector<Digest> keys;  // blinded match keys that its records held
    bool readmitted = false;   // takes the erasure back for what comes in later; what was erased stays erased
    Timestamp at;
};

class ErasuresView {
  public:
    virtual ~ErasuresView() = default;
    // Since when each is erased, in order; nullopt: it is not, or was readmitted since.
    virtual Result<std::vector<std::optional<Timestamp>>> contains(std::span<const Uid> subjects) = 0;
    virtual Result<std::vector<std::optional<Timestamp>>> contains_keys(std::span<const Digest> keys) = 0;
    // The seq of the newest row, 0 for none: while it stays the same, so do the answers.
    virtual Result<std::int64_t> last() = 0;
    // For followers: in order of seq; pass the last one seen, 0 to begin.
    virtual Result<std::vector<Erasure>> after(std::int64_t seq, std::size_t limit) = 0;
};

class Erasures : public virtual ErasuresView {
  public:
    // How many were new: the same subject of the same request again changes nothing, so an erasure may be repeated.
    virtual Result<std::uint64_t> add(std::span<const Erasure> erasures) = 0;
};

}  // namespace tributary::store
