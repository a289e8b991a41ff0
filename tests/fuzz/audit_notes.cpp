// What an auditor is given: notes, keys, proofs and lines of an export. What is read is written as it was.
#include <cstdint>
#include <cstdlib>

#include "gateway/audit/trail.hpp"

using namespace tributary;
using namespace tributary::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    static const NoteSigner signer("acme/audit", crypto::SecretBytes(std::string(32, 'k')));
    const auto notes = open_notes(text, signer.key());
    for (const auto& checkpoint : notes.checkpoints)
        if (Checkpoint::parse(checkpoint.text())->root != checkpoint.root) std::abort();
    std::size_t bytes = 0;
    for (const auto note : split_notes(text)) bytes += note.size();
    if (bytes != text.size()) std::abort();
    if (const auto key = NoteKey::parse(text); key && NoteKey::parse(key->text())->id() != key->id()) std::abort();
    if (const auto proof = InclusionProof::parse(text)) {
        const auto again = InclusionProof::parse(proof->text());
        if (!again || again->index != proof->index || again->hashes != proof->hashes) std::abort();
        std::ignore = proof->check("entry", signer.key());
    }
    if (const auto entry = Entry::parse(text)) {
        if (Entry::parse(entry->line())->bytes != entry->bytes) std::abort();
        TrailCheck check(notes.checkpoints);
        check.add(*entry);
        std::ignore = check.finish();
    }
    return 0;
}
