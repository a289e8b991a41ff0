#include "gateway/base/visible_text.hpp"

#include <catch2/catch.hpp>

using namespace tributary;

TEST_CASE("foreign text shows what it is", "[base][text]") {
    CHECK(visible_text("Größe 尺寸 😀 \"quoted\"") == "Größe 尺寸 😀 \"quoted\"");
    CHECK(visible_text("a\r\nb\tc") == "a\\u{d}\\u{a}b\\u{9}c");
    CHECK(visible_text("\x1b[31mred") == "\\u{1b}[31mred");
    CHECK(visible_text("admin\xe2\x80\xaexfdp") == "admin\\u{202e}xfdp");
    CHECK(visible_text("\xe2\x81\xa6x\xe2\x80\x8by\xef\xbb\xbf") == "\\u{2066}x\\u{200b}y\\u{feff}");
    CHECK(visible_text("\xc2\x85") == "\\u{85}");
    CHECK(visible_text("back\\slash") == "back\\\\slash");
    CHECK(visible_text("\xff\xc3") == "\\xff\\xc3");
    CHECK(visible_text("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // half of a surrogate pair
    CHECK(visible_text("\xc0\xaf") == "\\xc0\\xaf");           // overlong
    CHECK(visible_text(std::string_view("\0", 1)) == "\\u{0}");
    CHECK(visible_text("abcdef", 3) == "abc...");
    CHECK(visible_text("ab\xc3\xa9", 3) == "ab...");
    CHECK(visible_text("") == "");
}
