// Lines, catalogs and error output of Singer programs, byte for byte as they come.
#include <cstdint>
#include <string_view>

#include "gateway/connector/singer/catalog.hpp"
#include "gateway/connector/singer/errors_seen.hpp"
#include "gateway/connector/singer/message.hpp"

using namespace tributary;
using namespace tributary::connector::singer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static value::JsonParser parser;
    const auto message = parse_message(text, {"id"}, parser);
    if (message && message->kind == Message::Kind::record) {
        if (message->key.empty()) __builtin_trap();
        // What was taken is JSON and can be written to a target again.
        const auto record = value::parse_json(message->json);
        if (!record) __builtin_trap();
        const auto line = record_line(message->stream, record->root(), "2026-01-01T00:00:00Z", message->deleted);
        const auto again = parse_message(std::string_view(line).substr(0, line.size() - 1), {"id"}, parser);
        if (!again || again->key != message->key) __builtin_trap();
    }
    if (const auto catalog = Catalog::parse(text)) {
        for (const auto& stream : catalog->streams()) {
            std::ignore = catalog->keys(stream);
            const auto selected = catalog->selecting({stream, "INCREMENTAL", "at"});
            if (!selected || !Catalog::parse(*selected)) __builtin_trap();
        }
    }
    ErrorsSeen seen;
    seen.feed(text);
    if (seen.exception().find('@') != std::string::npos) __builtin_trap();
    return 0;
}
