// Archive: one backup file. Its bytes are cut into chunks of 64 KiB, each sealed with a key of this file alone, and
// with its number, its part, whether it is the part's last, and the backup's id: chunks that were changed, left out,
// cut off, put elsewhere or taken from another backup do not open. What lies in the parts is the caller's.
//
// Form: a line "tributary backup 1"; a line of JSON, the header, with the file's key, sealed with the ring's backup
// key; frames; at last the length of the manifest frame's content (4 bytes, big-endian). A frame is a letter, a length
// (4) and its content: 'p' a part begins, its name; 'c' a chunk; 'l' the part's last chunk; 'm' the signed manifest.
#pragma once

#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/audit/signed_note.hpp"
#include "gateway/backup/manifest.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::backup {

inline constexpr std::size_t kChunk = 64UL << 10;

using Sink = std::function<Result<void>(std::string_view bytes)>;

// One thread. The ring, the randomness and the sink's target outlive it.
class ArchiveWriter {
  public:
    // What is known before: id, kind, gateway, program, created, schema, ledger.
    ArchiveWriter(Manifest manifest, const vault::KeyRing& ring, crypto::Random& random, Sink sink);

    Result<void> begin();
    Result<void> begin_part(std::string_view name);
    Result<void> add(std::string_view bytes);
    Result<void> end_part(std::uint64_t rows);
    // Signs and writes the manifest. Nothing more is written after it.
    Result<Manifest> finish(Timestamp now, std::uint64_t audit_size, std::string audit_root, std::string checkpoint);

  private:
    Result<void> frame(char kind, std::string_view content);
    Result<void> chunk(bool last);

    Manifest manifest_;
    const vault::KeyRing& ring_;
    crypto::Random& random_;
    Sink sink_;
    crypto::AeadKey key_;
    std::string waiting_, hashes_;
    std::uint64_t number_ = 0;
};

// What opens an archive, piece by piece. One thread; the stream and the ring outlive it.
class ArchiveReader {
  public:
    struct Piece {
        enum class Kind { begin, bytes, end, whole } kind = Kind::whole;
        std::string bytes;  // of begin: the part's name
    };
    // bad_input: not such a file. not_found: sealed with a key that the ring does not hold. refused: changed.
    static Result<ArchiveReader> open(std::istream& in, const vault::KeyRing& ring);

    // Nothing that was given before is to be trusted until `whole` comes: then the manifest is checked against all of
    // it. Errors as of open().
    Result<Piece> next();
    // Of the header until the whole was read; complete after it.
    const Manifest& manifest() const { return manifest_; }
    Uid id() const { return manifest_.id; }

  private:
    ArchiveReader(std::istream& in, Manifest manifest, crypto::AeadKey key, audit::NoteKey signer)
        : in_(&in), manifest_(std::move(manifest)), key_(std::move(key)), signer_(std::move(signer)) {}
    Result<std::string> bytes(std::size_t size);
    Result<Piece> read_chunk(bool last, std::string_view sealed);
    Result<Piece> read_manifest(const std::string& note);

    std::istream* in_;
    Manifest manifest_;
    crypto::AeadKey key_;
    audit::NoteKey signer_;
    std::optional<std::string> part_;
    std::string hashes_;
    std::vector<Part> parts_;  // `rows` is what the manifest says
    std::uint64_t number_ = 0;
    bool ended_ = false;
};

// The manifest at the end of a file, unchecked: for lists. bad_input when there is none: the file is not whole.
Result<Manifest> peek_manifest(std::istream& in);

}  // namespace tributary::backup
