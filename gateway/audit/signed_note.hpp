// Signed notes (c2sp.org/signed-note, Ed25519 alone): a text of whole lines with signatures below it, as transparency
// logs and Go's checksum database write them, so that tools of others can check ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::audit {

// What a key signs: the text of a note, or (a witness, c2sp.org/tlog-cosignature) the time and the text. The numbers
// stand in keys.
enum class NoteKind : char { text = 1, cosignature = 4 };

// Who signs: its text form, "name+id+key", may be given to anybody.
class NoteKey {
  public:
    // REQUIRES: is_note_name(name), 32 bytes of key.
    NoteKey(std::string name, std::string public_key, NoteKind kind = NoteKind::text);
    // bad_input says what is wrong; an id that is not that of name and key, and a key of the other kind too.
    static Result<NoteKey> parse(std::string_view text, NoteKind kind = NoteKind::text);
    std::string text() const;

    const std::string& name() const { return name_; }
    const std::string& public_key() const { return public_key_; }
    NoteKind kind() const { return kind_; }
    // Four bytes that tell keys apart: of SHA-256(name || LF || kind || key).
    const std::string& id() const { return id_; }
    friend bool operator==(const NoteKey&, const NoteKey&) = default;

  private:
    std::string name_, public_key_;
    NoteKind kind_;
    std::string id_;
};

// Before each signature: an em dash and a space.
inline constexpr std::string_view kSignatureMark = "\xE2\x80\x94 ";

// Not empty, no space, no plus, no control character.
bool is_note_name(std::string_view name);

// REQUIRES: is_note_name(name), a seed of 32 bytes.
class NoteSigner {
  public:
    NoteSigner(std::string name, crypto::SecretBytes seed);
    // The note: text, an empty line, the signature. REQUIRES: the text ends with a line end and has no empty line.
    std::string sign(std::string_view text) const;
    const NoteKey& key() const { return key_; }

  private:
    crypto::SecretBytes seed_;
    NoteKey key_;
};

struct OpenedNote {
    std::string_view text;       // into the note
    std::int64_t signed_at = 0;  // seconds since 1970; 0 unless the key is one of cosignatures
};
// bad_input: no note, or more than 64 KB. not_found: `key` did not sign it. refused: a signature of that key does not
// fit.
Result<OpenedNote> open_signed(std::string_view note, const NoteKey& key);
// Its text alone.
Result<std::string_view> open_note(std::string_view note, const NoteKey& key);

}  // namespace tributary::audit
