#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "gateway/backup/archive.hpp"
#include "gateway/backup/rows.hpp"

using namespace tributary;
using namespace tributary::backup;

namespace {

struct Rings {
    Rings() {
        auto pattern = (std::filesystem::temp_directory_path() / "tributary-backup-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
        REQUIRE(vault::create_master_file(folder / "master", random));
        const auto master = vault::Master::from_file(folder / "master");
        own.emplace(*vault::KeyRing::create(folder / "own", *master, random, clock));
        other.emplace(*vault::KeyRing::create(folder / "other", *master, random, clock));
    }
    ~Rings() { std::filesystem::remove_all(folder); }
    crypto::SystemRandom random;
    FakeClock clock;
    std::filesystem::path folder;
    std::optional<vault::KeyRing> own, other;
};

Rings& rings() {
    static Rings made;
    return made;
}

Manifest begun(std::uint8_t number = 1) {
    Manifest manifest;
    manifest.id.bytes[15] = number;
    manifest.gateway = "acme";
    manifest.program = "1.0";
    manifest.created = Timestamp{Milliseconds{1000}};
    manifest.schema = 6;
    manifest.ledger_lines = 3;
    manifest.ledger_mac = std::string(32, 'm');
    return manifest;
}

const std::string kLong(200'000, 'x');

std::string archive(std::uint8_t number = 1) {
    std::string file;
    ArchiveWriter writer(begun(number), *rings().own, rings().random, [&](std::string_view bytes) -> Result<void> {
        file += bytes;
        return {};
    });
    REQUIRE(writer.begin());
    REQUIRE(writer.begin_part("first"));
    REQUIRE(writer.add(kLong));
    REQUIRE(writer.end_part(3));
    REQUIRE(writer.begin_part("second"));
    REQUIRE(writer.end_part(0));
    REQUIRE(writer.finish(Timestamp{Milliseconds{2000}}, 9, std::string(32, 'r'), "note\n"));
    return file;
}

// What all parts hold; the error when it is not whole.
Result<std::string> read_all(const std::string& file, const vault::KeyRing& ring, Manifest* manifest = nullptr) {
    std::istringstream in(file);
    TRY(auto reader, ArchiveReader::open(in, ring));
    std::string all;
    for (;;) {
        TRY(auto piece, reader.next());
        if (piece.kind == ArchiveReader::Piece::Kind::whole) break;
        all += piece.bytes;
    }
    if (manifest) *manifest = reader.manifest();
    return all;
}

Fault fault_of(const std::string& file) {
    const auto read = read_all(file, *rings().own);
    REQUIRE_FALSE(read);
    return read.error().fault;
}

// Where each frame begins.
std::vector<std::size_t> frames(const std::string& file) {
    std::vector<std::size_t> found;
    auto at = file.find('\n', file.find('\n') + 1) + 1;
    while (at + 5 < file.size()) {
        found.push_back(at);
        std::size_t size = 0;
        for (int i = 1; i < 5; ++i)
            size = size << 8 | static_cast<std::uint8_t>(file[at + static_cast<std::size_t>(i)]);
        at += 5 + size;
    }
    return found;
}

}  // namespace

TEST_CASE("an archive gives back what it was given, with its manifest", "[backup]") {
    const auto file = archive();
    Manifest manifest;
    const auto all = read_all(file, *rings().own, &manifest);
    REQUIRE(all);
    CHECK(*all == "first" + kLong + "second");
    CHECK(manifest.parts.size() == 2);
    CHECK(manifest.parts[0].rows == 3);
    CHECK(manifest.parts[0].chunks == 4);
    CHECK(manifest.audit_size == 9);
    CHECK(manifest.ledger_lines == 3);
    CHECK(manifest.checkpoint == "note\n");
    std::istringstream in(file);
    CHECK(*peek_manifest(in) == manifest);
    CHECK(file.find(std::string(100, 'x')) == std::string::npos);
}

TEST_CASE("whatever is done to an archive shows", "[backup][req18]") {
    const auto file = archive();
    const auto at = frames(file);
    REQUIRE(at.size() == 8);  // p c c c l, p l, m

    SECTION("another key ring") {
        CHECK(read_all(file, *rings().other).error().fault == Fault::not_found);
    }
    SECTION("a bit flipped anywhere") {
        std::size_t shown = 0, tried = 0;
        for (std::size_t i = 0; i < file.size(); i += i < 1000 || i + 1500 > file.size() ? 1 : 4999) {
            auto changed = file;
            changed[i] = static_cast<char>(changed[i] ^ 4);
            ++tried;
            if (!read_all(changed, *rings().own)) ++shown;
        }
        CHECK(shown == tried);
        CHECK(tried > 1500);
    }
    SECTION("cut off at each frame, and in the middle of one") {
        for (const auto end : at) CHECK(fault_of(file.substr(0, end)) == Fault::bad_input);
        CHECK(fault_of(file.substr(0, file.size() - 1)) == Fault::bad_input);
        CHECK(fault_of(file.substr(0, at[2] + 77)) == Fault::bad_input);
        CHECK(fault_of(file.substr(0, 10)) == Fault::bad_input);
        std::istringstream in(file.substr(0, at[6]));
        CHECK_FALSE(peek_manifest(in));
    }
    SECTION("two chunks that changed places") {
        const auto one = file.substr(at[1], at[2] - at[1]), two = file.substr(at[2], at[3] - at[2]);
        CHECK(fault_of(file.substr(0, at[1]) + two + one + file.substr(at[3])) == Fault::refused);
    }
    SECTION("a chunk left out, or twice") {
        CHECK(fault_of(file.substr(0, at[1]) + file.substr(at[2])) == Fault::refused);
        CHECK(fault_of(file.substr(0, at[2]) + file.substr(at[1])) == Fault::refused);
    }
    SECTION("the last chunk left out, another named the last") {
        auto changed = file.substr(0, at[4]) + file.substr(at[5]);
        CHECK(fault_of(changed) == Fault::refused);
        changed[at[3]] = 'l';
        CHECK(fault_of(changed) == Fault::refused);
    }
    SECTION("a part left out, renamed, or two that changed places") {
        CHECK(fault_of(file.substr(0, at[5]) + file.substr(at[7])) == Fault::refused);
        auto renamed = file;
        renamed[at[5] + 5] = 'S';
        CHECK(fault_of(renamed) == Fault::refused);
        CHECK(fault_of(file.substr(0, at[0]) + file.substr(at[5], at[7] - at[5]) + file.substr(at[0], at[5] - at[0]) +
                       file.substr(at[7])) == Fault::refused);
    }
    SECTION("chunks, and the manifest, of another backup") {
        const auto other = archive(2);
        const auto there = frames(other);
        CHECK(fault_of(file.substr(0, at[1]) + other.substr(there[1], there[2] - there[1]) + file.substr(at[2])) ==
              Fault::refused);
        CHECK(fault_of(file.substr(0, at[7]) + other.substr(there[7])) == Fault::refused);
        // The head of one with the body of the other.
        CHECK(fault_of(file.substr(0, at[0]) + other.substr(there[0])) == Fault::refused);
    }
    SECTION("a changed manifest") {
        auto changed = file;
        const auto rows = changed.find("\"rows\":3");
        REQUIRE(rows != std::string::npos);
        changed[rows + 7] = '4';
        CHECK(fault_of(changed) == Fault::refused);
    }
    SECTION("something after its end") {
        CHECK(fault_of(file + "x") == Fault::refused);
    }
}

TEST_CASE("a manifest is read as it was written, and nothing else is", "[backup]") {
    auto manifest = begun();
    manifest.parts = {{"first", 3, 1, std::string(32, 'd')}};
    CHECK(*Manifest::parse(manifest.text()) == manifest);
    CHECK_FALSE(Manifest::parse(""));
    CHECK_FALSE(Manifest::parse("tributary backup manifest 1\n{}\n"));
    auto text = manifest.text();
    text.replace(text.find("\"schema\":6"), 10, "\"schema\":-");
    CHECK_FALSE(Manifest::parse(text));
}

TEST_CASE("rows are read in pieces of any size", "[backup]") {
    std::string bytes;
    const std::vector<std::string> columns{"a", "b"};
    const std::vector<store::Cells> rows{{std::int64_t{-5}, std::string("text")},
                                         {std::monostate(), store::Bytes{std::string("\0\xff", 2)}},
                                         {std::int64_t{1} << 40, std::string()}};
    write_columns(columns, bytes);
    for (const auto& row : rows) write_row(row, bytes);
    for (const std::size_t piece : {1U, 2U, 7U, 1000U}) {
        std::vector<store::Cells> seen;
        RowReader reader({[&](const auto& names) -> Result<void> {
                              CHECK(names == columns);
                              return {};
                          },
                          [&](const auto& cells) -> Result<void> {
                              seen.push_back(cells);
                              return {};
                          }});
        for (std::size_t at = 0; at < bytes.size(); at += piece) REQUIRE(reader.add(bytes.substr(at, piece)));
        REQUIRE(reader.finish());
        CHECK(seen == rows);
        CHECK(reader.rows() == 3);
    }
    const auto none = [](const auto&) -> Result<void> { return {}; };
    RowReader cut({none, none});
    REQUIRE(cut.add(bytes.substr(0, bytes.size() - 1)));
    CHECK_FALSE(cut.finish());
    RowReader wrong({none, none});
    CHECK_FALSE(wrong.add(bytes + "x"));
}
