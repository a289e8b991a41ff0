#include "gateway/audit/checkpoint.hpp"

#include <algorithm>
#include <optional>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"

namespace tributary::audit {
namespace {

constexpr std::string_view kProofHeading = "c2sp.org/tlog-proof@v1", kIndex = "index ";
constexpr std::size_t kLongestProof = 64;  // a tree of 2^64 leaves

// Decimal without a leading zero.
std::optional<std::uint64_t> count_of(std::string_view text) {
    const auto number = to_integer(text);
    if (!number || *number < 0 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

}  // namespace

std::string Checkpoint::text() const {
    return origin + "\n" + std::to_string(size) + "\n" + to_base64(root.view()) + "\n";
}

Result<Checkpoint> Checkpoint::parse(std::string_view text) {
    const auto lines = split(text, '\n');
    if (lines.size() < 4 || lines[0].empty() || !lines.back().empty())
        return fail(Fault::bad_input, "a checkpoint is three lines: origin, size and root");
    const auto size = count_of(lines[1]);
    const auto root = hash_of(from_base64(lines[2]));
    if (!size) return fail(Fault::bad_input, "a checkpoint's second line is a count of entries");
    if (!root) return fail(Fault::bad_input, "a checkpoint's third line is a hash in base64");
    return Checkpoint{std::string(lines[0]), *size, *root};
}

Result<Checkpoint> open_checkpoint(std::string_view note, const NoteKey& key) {
    TRY(const auto text, open_note(note, key));
    TRY(auto checkpoint, Checkpoint::parse(text));
    if (checkpoint.origin != key.name()) return fail(Fault::refused, "the checkpoint is one of another trail");
    return checkpoint;
}

std::vector<std::string_view> split_notes(std::string_view text) {
    std::vector<std::string_view> notes;
    std::size_t begin = 0;
    bool signatures = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
        const bool signature = text.substr(at).starts_with(kSignatureMark);
        if (signatures && !signature) {
            notes.push_back(text.substr(begin, at - begin));
            begin = at;
        }
        signatures = signature;
        at = end;
    }
    if (begin < text.size()) notes.push_back(text.substr(begin));
    return notes;
}

OpenedNotes open_notes(std::string_view text, const NoteKey& key) {
    OpenedNotes out;
    for (auto note : split_notes(text)) {
        // What a crash left of the note before stands in front of the next one.
        const auto begin = note.rfind("\n" + key.name() + "\n");
        if (begin != std::string_view::npos && open_note(note.substr(begin + 1), key)) {
            note.remove_prefix(begin + 1);
            ++out.torn;
        }
        if (auto checkpoint = open_checkpoint(note, key))
            out.checkpoints.push_back(*std::move(checkpoint));
        else
            ++(checkpoint.error().fault == Fault::bad_input ? out.torn : out.forged);
    }
    return out;
}

std::string InclusionProof::text() const {
    auto out = std::string(kProofHeading) + "\n" + std::string(kIndex) + std::to_string(index) + "\n";
    for (const auto& hash : hashes) out += to_base64(hash.view()) + "\n";
    return out + "\n" + note;
}

Result<InclusionProof> InclusionProof::parse(std::string_view text) {
    const auto gap = text.find("\n\n");
    if (gap == std::string_view::npos)
        return fail(Fault::bad_input, "a proof is a heading, an index and hashes, an empty line and a checkpoint");
    const auto lines = split(text.substr(0, gap), '\n');
    if (lines[0] != kProofHeading)
        return fail(Fault::bad_input, "a proof begins with the line " + std::string(kProofHeading));
    const auto index =
        lines.size() > 1 && lines[1].starts_with(kIndex) ? count_of(lines[1].substr(kIndex.size())) : std::nullopt;
    if (!index) return fail(Fault::bad_input, "a proof's second line is `index` and a number");
    InclusionProof proof{*index, {}, std::string(text.substr(gap + 2))};
    if (lines.size() > 2 + kLongestProof) return fail(Fault::bad_input, "a proof has at most 64 hashes");
    for (std::size_t i = 2; i < lines.size(); ++i) {
        const auto hash = hash_of(from_base64(lines[i]));
        if (!hash)
            return fail(Fault::bad_input, "line " + std::to_string(i + 1) + " of the proof is no hash in base64");
        proof.hashes.push_back(*hash);
    }
    return proof;
}

Result<Checkpoint> InclusionProof::check(std::string_view entry, const NoteKey& key) const {
    TRY(auto checkpoint, open_checkpoint(note, key));
    if (!proves_inclusion(hashes, leaf_hash(entry), index, checkpoint.size, checkpoint.root))
        return fail(Fault::refused, "the proof does not fit this entry");
    return checkpoint;
}

}  // namespace tributary::audit
