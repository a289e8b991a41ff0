#include "gateway/audit/witness.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"
#include "gateway/crypto/ed25519.hpp"
#include "gateway/record/timestamp.hpp"

using namespace tributary;
using namespace tributary::audit;

namespace {

crypto::SecretBytes witness_seed(char fill) {
    return crypto::SecretBytes(std::string(32, fill));
}

// A witness as the specification describes it.
struct Witness {
    std::string name;
    char fill;
    NoteKey key() const { return {name, crypto::ed25519_public_key(witness_seed(fill)), NoteKind::cosignature}; }
    std::string line(std::string_view text, std::int64_t at) const {
        std::string time;
        for (int shift = 56; shift >= 0; shift -= 8) time += static_cast<char>(at >> shift & 0xff);
        const auto message = "cosignature/v1\ntime " + std::to_string(at) + "\n" + std::string(text);
        return std::string(kSignatureMark) + name + " " +
               to_base64(key().id() + time + crypto::ed25519_sign(witness_seed(fill), message)) + "\n";
    }
};

std::string checkpoint_text(int entries) {
    Tree tree;
    for (int i = 0; i < entries; ++i) tree.append(leaf_hash(std::to_string(i)));
    return Checkpoint{"acme/audit", tree.size(), tree.root()}.text();
}

}  // namespace

// A checkpoint of a public log, and what the witness remora.n621.de signed of it.
TEST_CASE("requirement 25: a cosignature of a public witness opens, with its time", "[audit]") {
    const auto key =
        NoteKey::parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2", NoteKind::cosignature);
    REQUIRE(key);
    CHECK(key->text() == "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");
    const std::string text =
        "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n";
    std::string note = text + "\n" + std::string(kSignatureMark) +
                       "remora.n621.de "
                       "2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/"
                       "zZ0WBxtqB0DrAWfBw==\n";
    const auto opened = open_signed(note, *key);
    REQUIRE(opened);
    CHECK(opened->text == text);
    CHECK(opened->signed_at == 1779573024);
    note[note.find("1432088532")] = '2';
    CHECK(open_signed(note, *key).error().fault == Fault::refused);
    // A key of one kind is none of the other.
    CHECK(NoteKey::parse(key->text()).error().what.contains("not one of Ed25519"));
    CHECK(NoteKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", NoteKind::cosignature)
              .error()
              .what.contains("cosignature/v1"));
}

TEST_CASE("requirement 25: an answer is taken when its witness signed the note, and the time is part of it",
          "[audit]") {
    const NoteSigner log("acme/audit", witness_seed('k'));
    const Witness w1{"one.example", 'a'}, w2{"two.example", 'b'};
    const auto text = checkpoint_text(5);
    const auto note = log.sign(text);
    const auto cosigned = cosign(note, w2.line(text, 7) + w1.line(text, 1'700'000'000), w1.key());
    REQUIRE(cosigned);
    const auto opened = open_cosigned(*cosigned, log.key(), w1.key());
    REQUIRE(opened);
    CHECK(opened->size == 5);
    CHECK(record::timestamp_text(opened->at) == "2023-11-14T22:13:20.000Z");
    CHECK(open_cosigned(*cosigned, log.key(), w2.key()).error().fault == Fault::not_found);
    CHECK(open_checkpoint(*cosigned, log.key()));  // the log's own signature stands as it stood
    CHECK(cosign(note, w1.line(checkpoint_text(4), 7), w1.key()).error().fault == Fault::refused);
    CHECK(cosign(note, "no line\n", w1.key()).error().fault == Fault::bad_input);
    CHECK(cosign(note, std::string(kSignatureMark) + "one.example AAAA\n", w1.key()).error().fault == Fault::bad_input);
    // A plain signature with the witness's key is no cosignature.
    const auto plain = NoteSigner("one.example", witness_seed('a')).sign(text);
    CHECK_FALSE(cosign(note, plain.substr(plain.find("\n\n") + 2), w1.key()));
}

TEST_CASE("requirement 25: a trail is witnessed as far as a quorum signed it", "[audit]") {
    const NoteSigner log("acme/audit", witness_seed('k')), forger("acme/audit", witness_seed('f'));
    const Witness w1{"one.example", 'a'}, w2{"two.example", 'b'}, w3{"three.example", 'c'};
    const std::vector keys{w1.key(), w2.key(), w3.key()};
    const auto note = [&](const NoteSigner& signer, int entries, const Witness& witness) {
        return signer.sign(checkpoint_text(entries)) + witness.line(checkpoint_text(entries), entries);
    };
    const auto text =
        note(log, 9, w1) + note(log, 3, w1) + note(log, 5, w2) + note(forger, 30, w3) + log.sign(checkpoint_text(40));
    const auto witnessed = [&](std::size_t quorum) { return testimony_of(text, log.key(), keys, quorum).witnessed(); };
    CHECK(witnessed(1) == 9);
    CHECK(witnessed(2) == 5);
    CHECK(witnessed(3) == 0);
    CHECK(witnessed(4) == 0);
    CHECK(testimony_of(text, log.key(), {}, 0).witnessed() == 0);
}

TEST_CASE("requirement 25: a request is the old size, the proof and the checkpoint", "[audit]") {
    const NoteSigner log("acme/audit", witness_seed('k'));
    Prover prover(consistency_ranges(3, 5));
    for (int i = 0; i < 5; ++i) prover.add(leaf_hash(std::to_string(i)));
    const auto note = log.sign(checkpoint_text(5));
    const auto body = witness_request(3, prover.proof(), note);
    CHECK(body.starts_with("old 3\n"));
    CHECK(body.ends_with("\n\n" + note));
    CHECK(witness_request(0, {}, note) == "old 0\n\n" + note);
}
