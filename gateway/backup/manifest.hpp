// Manifest: what one backup file holds, signed (audit/signed_note.hpp), at its end and readable without a key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::backup {

// Personal rows open only with what stands in `keys`. So a backup of rows may be kept long, and what was erased is gone
// from it once older backups of keys are.
enum class Kind : std::uint8_t { data, keys };
std::string_view name_of(Kind kind);

// The rows of one table.
struct Part {
    std::string name;
    std::uint64_t rows = 0, chunks = 0;
    std::string digest;  // SHA-256 over the SHA-256 of each chunk, as they lie in the file
    friend bool operator==(const Part&, const Part&) = default;
};

struct Manifest {
    Uid id;  // both files of one run have the same
    Kind kind = Kind::data;
    std::string gateway, program;
    Timestamp created{}, finished{};  // the rows are those of `created`
    std::uint32_t schema = 0;
    std::string header;  // SHA-256 of the file's header
    std::vector<Part> parts;
    // The audit trail up to then, and the newest signed checkpoint of it.
    std::uint64_t audit_size = 0;
    std::string audit_root, checkpoint;
    // How far the ledger outside the store (flow/ledger_file.hpp) had come.
    std::uint64_t ledger_lines = 0;
    std::string ledger_mac;

    std::uint64_t rows() const;
    // Two lines, to be signed.
    std::string text() const;
    // bad_input says what is missing or wrong.
    static Result<Manifest> parse(std::string_view text);
    friend bool operator==(const Manifest&, const Manifest&) = default;
};

}  // namespace tributary::backup
