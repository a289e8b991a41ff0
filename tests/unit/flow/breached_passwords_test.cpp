#include "gateway/flow/breached_passwords.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cctype>
#include <fstream>
#include <set>

#include "gateway/base/hex.hpp"
#include "gateway/crypto/digest.hpp"

using namespace tributary;
using namespace tributary::flow;

namespace {

std::string sha1(const std::string& password) {
    auto hex = to_hex(crypto::digest(crypto::Hash::sha1, password));
    for (auto& c : hex) c = static_cast<char>(std::toupper(c));
    return hex;
}

// A file of its own for each text.
struct TemporaryFile {
    explicit TemporaryFile(const std::string& text) {
        auto name = (std::filesystem::temp_directory_path() / "tributary-breached-XXXXXX").string();
        ::close(::mkstemp(name.data()));
        path = name;
        std::ofstream(path, std::ios::binary) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

}  // namespace

TEST_CASE("requirement 6: a breached password is found in the corpus, wherever it stands", "[access]") {
    // The digest that the corpus has of "password".
    CHECK(sha1("password") == "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    for (const std::string end : {"\n", "\r\n"}) {
        for (std::size_t size : {1, 2, 3, 64, 501}) {
            std::set<std::string> hashes;
            for (std::size_t i = 0; i < size; ++i) hashes.insert(sha1("breached " + std::to_string(i)));
            std::string text;
            for (const auto& hash : hashes) text += hash + ":" + std::to_string(text.size() % 97 + 1) + end;
            const TemporaryFile file(text), unended(text.substr(0, text.size() - end.size()));
            for (const auto* path : {&file.path, &unended.path}) {
                const BreachedPasswords corpus(*path);
                CHECK(corpus.check());
                std::size_t found = 0, wrong = 0;
                for (std::size_t i = 0; i < size; ++i) {
                    found += corpus.hold("breached " + std::to_string(i)).value() ? 1 : 0;
                    wrong += corpus.hold("other " + std::to_string(i)).value() ? 1 : 0;
                }
                INFO(size);
                CHECK(found == size);
                CHECK(wrong == 0);
            }
        }
    }
}

TEST_CASE("a corpus of beginnings of digests is searched too, and what is none is told", "[access]") {
    std::set<std::string> beginnings;
    for (int i = 0; i < 50; ++i) beginnings.insert(sha1("breached " + std::to_string(i)).substr(0, 16));
    std::string text;
    for (const auto& one : beginnings) text += one + "\n";
    const TemporaryFile file(text), other("no hashes at all\n"), nothing("");
    CHECK(BreachedPasswords(file.path).hold("breached 7").value());
    CHECK_FALSE(BreachedPasswords(file.path).hold("something else").value());
    CHECK(BreachedPasswords(other.path).check().error().what.contains("HASH:count"));
    CHECK(BreachedPasswords(other.path).hold("x").error().fault == Fault::bad_config);
    CHECK(BreachedPasswords(nothing.path).check().error().what.contains("empty"));
    CHECK(BreachedPasswords("/no/such/file").hold("x").error().fault == Fault::bad_config);
    CHECK_FALSE(BreachedPasswords("").hold("password").value());
}
