// What a plug-in's process writes and what a plug-in answers, byte for byte.
#include <cstdint>
#include <string_view>

#include "gateway/connector/native/frame.hpp"
#include "gateway/connector/native/protocol.hpp"

using namespace tributary;
using namespace tributary::connector::native;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    FrameReader frames;
    // In two pieces: where a chunk ends must not matter.
    frames.feed(text.substr(0, size / 2));
    frames.feed(text.substr(size / 2));
    for (auto frame = frames.next(); frame && *frame; frame = frames.next()) {
        FrameReader again;
        again.feed(write_frame((*frame)->kind, (*frame)->text));
        const auto read = again.next();
        if (!read || !*read || (*read)->text != (*frame)->text) __builtin_trap();
    }
    if (const auto answer = read_answer(text)) {
        std::ignore = abilities_of(answer->root());
        if (const auto page = page_of(answer->root()))
            for (const auto& record : page->records)
                if (record.external_id.empty()) __builtin_trap();
        std::ignore = record_of(answer->root().find("record"));
        std::ignore = outcomes_of(answer->root(), 2);
        std::ignore = receipt_of(answer->root().find("receipt"));
    }
    return 0;
}
