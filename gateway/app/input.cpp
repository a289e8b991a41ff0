#include "gateway/app/input.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace tributary::app {

Result<std::string> read_input(const std::string& file) {
    std::ostringstream text;
    if (file == "-") {
        text << std::cin.rdbuf();
        return text.str();
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(Fault::bad_input, "this file cannot be read", file);
    text << in.rdbuf();
    return text.str();
}

}  // namespace tributary::app
