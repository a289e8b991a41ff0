#include "gateway/app/input.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

#include "gateway/app/commands.hpp"
#include "gateway/app/config.hpp"
#include "gateway/app/share.hpp"

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

Result<Config> read_config(const Common& common) {
    spec::Problems problems;
    auto config = load_config(common.config, share_folder(), Environment(), problems);
    std::cerr << problems.text();
    if (!config)
        return fail(Fault::bad_config, std::to_string(problems.errors()) + " problems, see above",
                    common.config.string());
    return *std::move(config);
}

}  // namespace tributary::app
