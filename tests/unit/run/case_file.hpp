// Case files: one case a line, columns between '|', '#' begins a comment line.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "gateway/base/text.hpp"

namespace tributary::test {

struct CaseLine {
    std::string place;  // "next.txt:12"
    std::vector<std::string> columns;
};

// `path` is below tests/cases.
inline std::vector<CaseLine> read_cases(const std::string& path, std::size_t columns) {
    std::ifstream file(std::string(TRIBUTARY_SOURCE_DIR) + "/tests/cases/" + path);
    REQUIRE(file);
    std::vector<CaseLine> lines;
    std::string text;
    for (int number = 1; std::getline(file, text); ++number) {
        if (text.empty() || text.starts_with('#')) continue;
        CaseLine line{path + ":" + std::to_string(number), {}};
        for (auto column : split(text, '|')) line.columns.emplace_back(trim(column));
        INFO(line.place);
        REQUIRE(line.columns.size() == columns);
        lines.push_back(std::move(line));
    }
    REQUIRE(!lines.empty());
    return lines;
}

// "\r\n" and the like as bytes; \| is a bar.
inline std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        switch (char c = text[++i]) {
            case 'r':
                out += '\r';
                break;
            case 'n':
                out += '\n';
                break;
            case 't':
                out += '\t';
                break;
            case 's':
                out += ' ';
                break;
            case '0':
                out += '\0';
                break;
            case 'x':
                out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
                i += 2;
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace tributary::test
