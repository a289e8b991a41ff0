#include "gateway/audit/checkpoint.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace tributary::audit;

namespace {

crypto::SecretBytes seed(char fill) {
    return crypto::SecretBytes(std::string(32, fill));
}

Checkpoint checkpoint(const std::string& origin = "acme/audit") {
    Tree tree;
    for (int i = 0; i < 5; ++i) tree.append(leaf_hash(std::to_string(i)));
    return {origin, tree.size(), tree.root()};
}

}  // namespace

// The note of the package's own tests in Go (golang.org/x/mod/sumdb/note).
TEST_CASE("a note that others signed opens, and no other text does", "[audit]") {
    const auto key = NoteKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    REQUIRE(key);
    CHECK(key->text() == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    const std::string text =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const std::string note =
        text +
        "\n\xE2\x80\x94 PeterNeumann "
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const auto opened = open_note(note, *key);
    REQUIRE(opened);
    CHECK(*opened == text);
    auto other = note;
    other[3] = 'z';
    CHECK(open_note(other, *key).error().fault == Fault::refused);
}

TEST_CASE("what is no public key is told apart", "[audit]") {
    const NoteSigner signer("acme/audit", seed('k'));
    CHECK(NoteKey::parse(signer.key().text() + "\n")->id() == signer.key().id());
    auto other_id = signer.key().text();
    const auto plus = other_id.find('+') + 1;
    other_id[plus] = other_id[plus] == '0' ? '1' : '0';
    CHECK(NoteKey::parse(other_id).error().what.contains("id is not"));
    for (const auto* text : {"", "a+b", "a+00000000+", "a b+00000000+AQ==", "++", "a+zz+AQ=="})
        CHECK(NoteKey::parse(text).error().fault == Fault::bad_input);
    CHECK_FALSE(is_note_name("a b"));
    CHECK_FALSE(is_note_name("a+b"));
    CHECK_FALSE(is_note_name(""));
}

TEST_CASE("a checkpoint opens with its key alone", "[audit]") {
    const NoteSigner signer("acme/audit", seed('k')), other("acme/audit", seed('o'));
    const auto note = signer.sign(checkpoint().text());
    const auto opened = open_checkpoint(note, signer.key());
    REQUIRE(opened);
    CHECK(opened->size == 5);
    CHECK(opened->root == checkpoint().root);
    CHECK(open_checkpoint(note, other.key()).error().fault == Fault::not_found);
    auto grown = note;
    grown.replace(grown.find("\n5\n"), 3, "\n6\n");
    CHECK(open_checkpoint(grown, signer.key()).error().fault == Fault::refused);
    CHECK(open_checkpoint(signer.sign(checkpoint("other/audit").text()), signer.key()).error().fault == Fault::refused);
    // A second signature, of a witness, hides nothing.
    const auto witness = other.sign(checkpoint().text());
    const auto line = witness.substr(witness.find("\n\n") + 2);
    CHECK(open_checkpoint(note + line, signer.key()));
    for (const auto* text :
         {"", "a\n", "a\n1\n", "a\nx\nAA==\n", "a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
          "a\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "a\n1\nAA==\n"})
        CHECK(Checkpoint::parse(text).error().fault == Fault::bad_input);
    for (const auto* text : {"", "a", "a\n\nb\n", "a\n\n\xE2\x80\x94 x\n", "a\n\n\xE2\x80\x94 x !\n"})
        CHECK_FALSE(open_note(text, signer.key()));
    CHECK(open_note(std::string(70'000, 'a') + "\n\n", signer.key()).error().what.contains("64 KB"));
}

TEST_CASE("notes that were appended to a file come apart again", "[audit]") {
    const NoteSigner signer("acme/audit", seed('k'));
    const auto one = signer.sign(checkpoint().text()), two = signer.sign(checkpoint().text() + "extension\n");
    const auto all = one + two + one;
    const auto notes = split_notes(all);
    REQUIRE(notes.size() == 3);
    CHECK(notes[0] == one);
    CHECK(notes[1] == two);
    CHECK(notes[2] == one);
    for (const auto note : notes) CHECK(open_checkpoint(note, signer.key()));
    CHECK(split_notes("").empty());
    CHECK(split_notes("torn").size() == 1);
}

TEST_CASE("a proof says that an entry is in the trail, to somebody who has no more than it", "[audit]") {
    const NoteSigner signer("acme/audit", seed('k'));
    Tree tree;
    Prover prover(inclusion_ranges(3, 5));
    for (int i = 0; i < 5; ++i) {
        tree.append(leaf_hash(std::to_string(i)));
        prover.add(leaf_hash(std::to_string(i)));
    }
    const InclusionProof proof{3, prover.proof(), signer.sign(checkpoint().text())};
    const auto text = proof.text();
    CHECK(text.starts_with("c2sp.org/tlog-proof@v1\nindex 3\n"));
    const auto read = InclusionProof::parse(text);
    REQUIRE(read);
    CHECK(read->check("3", signer.key()));
    CHECK(read->check("4", signer.key()).error().fault == Fault::refused);
    auto moved = text;
    moved.replace(moved.find("index 3"), 7, "index 2");
    CHECK(InclusionProof::parse(moved)->check("3", signer.key()).error().fault == Fault::refused);
    for (const auto* bad : {"", "x\n\ny", "c2sp.org/tlog-proof@v1\n\nx", "c2sp.org/tlog-proof@v1\nindex x\n\ny",
                            "c2sp.org/tlog-proof@v1\nindex 1\nAA==\n\ny"})
        CHECK(InclusionProof::parse(bad).error().fault == Fault::bad_input);
}

TEST_CASE("a file of checkpoints that a crash cut into is read to its end, and a forged one is counted", "[audit]") {
    const NoteSigner signer("acme/audit", seed('k')), other("acme/audit", seed('o'));
    const auto note = signer.sign(checkpoint().text());
    const auto torn = note.substr(0, note.size() / 2);
    const auto read = open_notes(note + torn + "\n" + note + torn, signer.key());
    CHECK(read.checkpoints.size() == 2);
    CHECK(read.torn == 2);
    CHECK(read.forged == 0);
    auto changed = note;
    changed.replace(changed.find("\n5\n"), 3, "\n6\n");
    const auto forged = open_notes(note + changed + other.sign(checkpoint().text()), signer.key());
    CHECK(forged.checkpoints.size() == 1);
    CHECK(forged.forged == 2);
}
