// visible_text: whatever comes in, what goes out is UTF-8 without a hidden character, and html_text closes no tag.
#include "gateway/base/visible_text.hpp"

#include <cstdint>
#include <string_view>

#include "gateway/value/utf8.hpp"
#include "gateway/watch/page.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto shown = tributary::visible_text(text, 200);
    if (!tributary::value::valid_utf8(shown) || shown.size() > 203) __builtin_trap();
    for (const char c : shown)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) __builtin_trap();
    if (shown.find("\xe2\x80\xae") != std::string::npos) __builtin_trap();
    const auto html = tributary::watch::html_text(text);
    if (html.find_first_of("<>\"'") != std::string::npos) __builtin_trap();
    return 0;
}
