#include "gateway/audit/witness.hpp"

#include <algorithm>
#include <functional>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"

namespace tributary::audit {

Result<Witnessed> open_cosigned(std::string_view note, const NoteKey& log, const NoteKey& witness) {
    TRY(const auto checkpoint, open_checkpoint(note, log));
    TRY(const auto opened, open_signed(note, witness));
    return Witnessed{checkpoint.size, Timestamp{std::chrono::seconds{opened.signed_at}}};
}

std::string witness_request(std::uint64_t known, const Proof& consistency, std::string_view note) {
    auto body = "old " + std::to_string(known) + "\n";
    for (const auto& hash : consistency) body += to_base64(hash.view()) + "\n";
    return body + "\n" + std::string(note);
}

Result<std::string> cosign(std::string_view note, std::string_view answer, const NoteKey& witness) {
    std::optional<Error> flaw;
    for (const auto line : split(answer, '\n')) {
        if (!line.starts_with(kSignatureMark)) continue;
        auto signed_by = std::string(note) + std::string(line) + "\n";
        auto opened = open_signed(signed_by, witness);
        if (opened) return signed_by;
        flaw = std::move(opened).error();
    }
    if (flaw) return fail(*std::move(flaw));
    return fail(Fault::bad_input, "a witness answers with lines of signatures");
}

std::uint64_t Testimony::witnessed() const {
    if (quorum == 0 || of.size() < quorum) return 0;
    std::vector<std::uint64_t> sizes;
    for (const auto& one : of) sizes.push_back(one.size);
    std::ranges::sort(sizes, std::greater());
    return sizes[quorum - 1];
}

Testimony testimony_of(std::string_view notes, const NoteKey& log, std::span<const NoteKey> witnesses,
                       std::size_t quorum) {
    Testimony out{std::vector<Witnessed>(witnesses.size()), quorum};
    for (const auto note : split_notes(notes))
        for (std::size_t i = 0; i < witnesses.size(); ++i)
            if (const auto one = open_cosigned(note, log, witnesses[i]); one && one->size > out.of[i].size)
                out.of[i] = *one;
    return out;
}

}  // namespace tributary::audit
