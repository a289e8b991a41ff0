// A backup file, its manifest and the rows within, as somebody may have left them. What is read is written as it was.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "gateway/backup/archive.hpp"
#include "gateway/backup/rows.hpp"
#include "gateway/vault/key_ring.hpp"

using namespace tributary;
using namespace tributary::backup;

namespace {

const vault::KeyRing& ring() {
    static const auto made = [] {
        crypto::SeededRandom random(1);
        FakeClock clock;
        auto folder = (std::filesystem::temp_directory_path() / "tributary-fuzz-XXXXXX").string();
        if (!::mkdtemp(folder.data())) std::abort();
        const std::filesystem::path path(folder);
        if (!vault::create_master_file(path / "master", random)) std::abort();
        auto opened = vault::KeyRing::create(path / "ring", *vault::Master::from_file(path / "master"), random, clock);
        std::filesystem::remove_all(path);
        return std::move(*opened);
    }();
    return made;
}

void read_rows(const std::string& text, std::size_t piece) {
    std::string again;
    RowReader reader({[&](const auto& columns) -> Result<void> {
                          write_columns(columns, again);
                          return {};
                      },
                      [&](const auto& cells) -> Result<void> {
                          write_row(cells, again);
                          return {};
                      }});
    for (std::size_t at = 0; at < text.size(); at += piece)
        if (!reader.add(text.substr(at, piece))) return;
    if (reader.finish() && again != text) std::abort();
}

// What the parts hold; the error when the file is not whole.
Result<std::string> content(const std::string& file) {
    std::istringstream in(file);
    TRY(auto reader, ArchiveReader::open(in, ring()));
    for (std::string all;;) {
        TRY(const auto piece, reader.next());
        if (piece.kind == ArchiveReader::Piece::Kind::whole) return all + reader.manifest().text();
        all += piece.bytes;
    }
}

const std::string& whole() {
    static const auto made = [] {
        crypto::SeededRandom random(2);
        Manifest manifest;
        manifest.gateway = "acme";
        std::string file;
        ArchiveWriter writer(manifest, ring(), random, [&](std::string_view bytes) -> Result<void> {
            file += bytes;
            return {};
        });
        std::string rows;
        write_columns({"a", "b"}, rows);
        write_row({std::int64_t{7}, std::string("text")}, rows);
        const bool written = writer.begin() && writer.begin_part("first") && writer.add(rows) && writer.end_part(1) &&
                             writer.begin_part("second") && writer.end_part(0) && writer.finish({}, 0, {}, {});
        if (!written || !content(file)) std::abort();
        return file;
    }();
    return made;
}

// A whole file with some bytes changed, as the input says: it opens only if what it says is the same.
void change(std::string_view edits) {
    auto file = whole();
    for (; edits.size() >= 3; edits.remove_prefix(3)) {
        const auto at =
            static_cast<std::size_t>(static_cast<std::uint8_t>(edits[0])) << 8 | static_cast<std::uint8_t>(edits[1]);
        auto& byte = file[at % file.size()];
        byte = static_cast<char>(byte ^ edits[2]);
    }
    if (const auto read = content(file); read && *read != *content(whole())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto manifest = Manifest::parse(text); manifest && *Manifest::parse(manifest->text()) != *manifest)
        std::abort();
    read_rows(text, 1 + size % 7);
    std::istringstream in(text);
    std::ignore = peek_manifest(in);
    std::ignore = content(text);
    change(text);
    return 0;
}
