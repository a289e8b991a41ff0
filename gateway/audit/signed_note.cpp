#include "gateway/audit/signed_note.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/ed25519.hpp"

namespace tributary::audit {
namespace {

constexpr std::size_t kKeySize = 32, kIdSize = 4, kTimeSize = 8, kMostBytes = 64UL << 10, kMostSignatures = 100;

std::string tagged(NoteKind kind, std::string_view public_key) {
    return static_cast<char>(kind) + std::string(public_key);
}

// The seconds before the signature of a cosignature; nullopt: there are none, or more than fit.
std::optional<std::int64_t> time_of(std::string_view bytes) {
    if (bytes.size() < kTimeSize) return std::nullopt;
    std::uint64_t seconds = 0;
    for (const char byte : bytes.substr(0, kTimeSize)) seconds = seconds << 8 | static_cast<unsigned char>(byte);
    if (seconds > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return static_cast<std::int64_t>(seconds);
}

// What follows the key's id in a signature, judged.
std::optional<OpenedNote> judged(std::string_view text, std::string_view bytes, const NoteKey& key) {
    if (key.kind() == NoteKind::text) {
        if (!crypto::ed25519_verifies(key.public_key(), text, bytes)) return std::nullopt;
        return OpenedNote{text};
    }
    const auto at = time_of(bytes);
    if (!at) return std::nullopt;
    const auto message = "cosignature/v1\ntime " + std::to_string(*at) + "\n" + std::string(text);
    if (!crypto::ed25519_verifies(key.public_key(), message, bytes.substr(kTimeSize))) return std::nullopt;
    return OpenedNote{text, *at};
}

}  // namespace

bool is_note_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '+'; });
}

NoteKey::NoteKey(std::string name, std::string public_key, NoteKind kind)
    : name_(std::move(name)),
      public_key_(std::move(public_key)),
      kind_(kind),
      id_(crypto::sha256(name_ + "\n" + tagged(kind_, public_key_)).view().substr(0, kIdSize)) {}

Result<NoteKey> NoteKey::parse(std::string_view text, NoteKind kind) {
    const auto bad = [](std::string_view why) {
        return fail(Fault::bad_input, "a public key is name+id+key: " + std::string(why));
    };
    const auto parts = split(trim(text), '+');
    // The key itself is base64, in which a plus may stand.
    if (parts.size() < 3) return bad("it has fewer than three parts");
    const auto key_at = parts[0].size() + parts[1].size() + 2;
    const auto key = from_base64(trim(text).substr(key_at));
    if (!is_note_name(parts[0])) return bad("the name is empty or holds a space");
    if (!key || key->size() != 1 + kKeySize) return bad("the key is not 33 bytes in base64");
    if (key->front() != static_cast<char>(kind))
        return bad(kind == NoteKind::text ? "the key is not one of Ed25519" : "the key is not one of cosignature/v1");
    NoteKey parsed{std::string(parts[0]), key->substr(1), kind};
    if (from_hex(parts[1]) != parsed.id()) return bad("the id is not the one of this name and key");
    return parsed;
}

std::string NoteKey::text() const {
    return name_ + "+" + to_hex(id_) + "+" + to_base64(tagged(kind_, public_key_));
}

NoteSigner::NoteSigner(std::string name, crypto::SecretBytes seed)
    : seed_(std::move(seed)), key_(std::move(name), crypto::ed25519_public_key(seed_)) {}

std::string NoteSigner::sign(std::string_view text) const {
    std::string note(text);
    note += "\n";
    note += kSignatureMark;
    note += key_.name() + " " + to_base64(key_.id() + crypto::ed25519_sign(seed_, text)) + "\n";
    return note;
}

Result<OpenedNote> open_signed(std::string_view note, const NoteKey& key) {
    if (note.size() > kMostBytes) return fail(Fault::bad_input, "a signed note is at most 64 KB");
    const auto gap = note.rfind("\n\n");
    if (gap == std::string_view::npos || !note.ends_with('\n'))
        return fail(Fault::bad_input, "a signed note is a text, an empty line and signatures");
    const auto text = note.substr(0, gap + 1);
    auto rest = note.substr(gap + 2);
    rest.remove_suffix(std::min<std::size_t>(rest.size(), 1));
    const auto lines = split(rest, '\n');
    if (lines.size() > kMostSignatures) return fail(Fault::bad_input, "a signed note has at most 100 signatures");
    for (const auto line : lines) {
        const auto body = line.starts_with(kSignatureMark) ? line.substr(kSignatureMark.size()) : std::string_view();
        const auto space = body.rfind(' ');
        const auto bytes = space == std::string_view::npos ? std::nullopt : from_base64(body.substr(space + 1));
        if (!bytes || bytes->size() <= kIdSize) return fail(Fault::bad_input, "a line below the note is no signature");
        if (body.substr(0, space) != key.name() || !bytes->starts_with(key.id())) continue;
        const auto opened = judged(text, std::string_view(*bytes).substr(kIdSize), key);
        if (!opened) return fail(Fault::refused, "the signature does not fit");
        return *opened;
    }
    return fail(Fault::not_found, "it is not signed by " + key.text());
}

Result<std::string_view> open_note(std::string_view note, const NoteKey& key) {
    TRY(const auto opened, open_signed(note, key));
    return opened.text;
}

}  // namespace tributary::audit
