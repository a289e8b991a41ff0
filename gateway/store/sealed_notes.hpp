// SealedNotes: short texts of several tables that are sealed with a key of the ring itself, as they are found again
// when that key is to be retired: secrets of second factors, what approvals ask, answers kept for repeated writes, and
// the addresses of propagation tasks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::store {

enum class NoteKind : std::uint8_t { totp, totp_next, approval, answer, reach };

struct SealedNote {
    NoteKind kind = NoteKind::totp;
    std::string row;          // the user's name, the approval's id, the write's key, the task's id as text
    Uid request;              // of a reach
    std::string destination;  // of a reach
    std::string sealed;
};

class SealedNotesView {
  public:
    virtual ~SealedNotesView() = default;
    virtual Result<std::vector<SealedNote>> sealed_with(const Uid& key, std::size_t limit) = 0;
    virtual Result<std::uint64_t> count_sealed_with(const Uid& key) = 0;
};

class SealedNotes : public virtual SealedNotesView {
  public:
    // Whether it was still as it was read.
    virtual Result<bool> reseal(const SealedNote& read, std::string_view sealed) = 0;
};

}  // namespace tributary::store
