#include "gateway/value/plain_path.hpp"

namespace tributary::value {

std::string without_indexes(std::string_view path) {
    std::string out;
    bool inside = false;
    for (const char c : path) {
        if (c == '[') inside = true;
        if (!inside) out += c;
        if (c == ']') inside = false;
    }
    return out;
}

}  // namespace tributary::value
