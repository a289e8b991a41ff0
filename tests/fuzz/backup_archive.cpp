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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto manifest = Manifest::parse(text); manifest && *Manifest::parse(manifest->text()) != *manifest)
        std::abort();
    read_rows(text, 1 + size % 7);
    std::istringstream whole(text);
    std::ignore = peek_manifest(whole);
    std::istringstream in(text);
    if (auto reader = ArchiveReader::open(in, ring()))
        for (;;) {
            const auto piece = reader->next();
            if (!piece || piece->kind == ArchiveReader::Piece::Kind::whole) break;
        }
    return 0;
}
