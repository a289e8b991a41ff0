// Case files: blocks of "=== title", each with parts "--- name" and their text. <1F> in a text stands for that byte.
#pragma once

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"

namespace tributary::test {

inline std::string bytes_of(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool byte = text[i] == '<' && i + 3 < text.size() && text[i + 3] == '>';
        const auto value = byte ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
        out += value ? *value : std::string(1, text[i]);
        if (value) i += 3;
    }
    return out;
}

struct Case {
    std::string title;
    std::map<std::string, std::string> parts;  // without the last line end

    std::string part(const std::string& name) const {
        const auto found = parts.find(name);
        return found == parts.end() ? std::string() : found->second;
    }
    std::string bytes(const std::string& name) const { return bytes_of(part(name)); }
};

// `file` is relative to tests/cases.
inline std::vector<Case> read_cases(const std::string& file) {
    std::ifstream in(std::string(TRIBUTARY_SOURCE_DIR "/tests/cases/") + file);
    if (!in) throw std::runtime_error("no case file " + file);
    std::vector<Case> cases;
    std::string* part = nullptr;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("=== ")) {
            cases.push_back({line.substr(4), {}});
            part = nullptr;
        } else if (line.starts_with("--- ")) {
            part = &cases.back().parts[line.substr(4)];
        } else if (part) {
            *part += line + '\n';
        }
    }
    // Blank lines between cases belong to nobody.
    for (auto& one : cases) {
        for (auto& [name, text] : one.parts) {
            while (text.ends_with('\n')) text.pop_back();
        }
    }
    return cases;
}

}  // namespace tributary::test
