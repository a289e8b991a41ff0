// Unescapes a JSON string where it stands. Escapes never get longer: the shortest way to write a character is to write
// it.
#pragma once

namespace tributary::value {

struct Unescaped {
    char* end;          // of the shortened text; when wrong, the place of the bad escape
    const char* wrong;  // nullptr when all is well
};

// [begin, end) is what stands between the quotes, valid UTF-8. A surrogate without its other half is refused.
Unescaped unescape_json(char* begin, char* end);

}  // namespace tributary::value
