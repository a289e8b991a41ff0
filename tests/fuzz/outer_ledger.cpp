// The ledger outside of the store, as somebody may have left it. A whole one with bytes changed is refused.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "gateway/flow/ledger_file.hpp"

using namespace tributary;
using namespace tributary::flow;

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::ignore = parse_ledger(text, ring());
    // Any text as a line of its own, with its code: what is read is what was written.
    std::string lines, line;
    store::ConsentEventRow event;
    event.purpose = "marketing";
    event.body = "{}";
    const auto first = ledger_line(event, "", ring(), line);
    lines += line + "\n";
    ledger_line(store::Erasure{.keys = {store::Digest{}}}, first.mac, ring(), line);
    lines += line + "\n";
    const auto whole = parse_ledger(lines, ring());
    if (!whole || whole->lines.size() != 2) std::abort();
    auto changed = lines;
    for (std::size_t i = 0; i + 2 < size; i += 3) {
        auto& byte = changed[(std::size_t{data[i]} << 8 | data[i + 1]) % changed.size()];
        byte = static_cast<char>(byte ^ data[i + 2]);
    }
    if (const auto read = parse_ledger(changed, ring()); read)
        for (std::size_t i = 0; i < read->lines.size(); ++i)
            if (i >= 2 || read->lines[i].mac != whole->lines[i].mac) std::abort();
    return 0;
}
