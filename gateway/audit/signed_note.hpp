// Signed notes (c2sp.org/signed-note, Ed25519 alone): a text of whole lines with signatures below it, as transparency
// logs and Go's checksum database write them, so that tools of others can check ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::audit {

// Who signs: its text form, "name+id+key", may be given to anybody.
class NoteKey {
  public:
    // REQUIRES: is_note_name(name), 32 bytes of key.
    NoteKey(std::string name, std::string public_key);
    // bad_input says what is wrong; an id that is not that of name and key too.
    static Result<NoteKey> parse(std::string_view text);
    std::string text() const;

    const std::string& name() const { return name_; }
    const std::string& public_key() const { return public_key_; }
    // Four bytes that tell keys apart: of SHA-256(name || LF || 1 || key).
    const std::string& id() const { return id_; }

  private:
    std::string name_, public_key_, id_;
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

// The text of a note, a view into it. bad_input: no note, or more than 64 KB. not_found: `key` did not sign it.
// refused: a signature of that key does not fit.
Result<std::string_view> open_note(std::string_view note, const NoteKey& key);

}  // namespace tributary::audit
