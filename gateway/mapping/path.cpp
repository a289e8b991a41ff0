#include "gateway/mapping/path.hpp"

#include "gateway/base/text.hpp"

namespace tributary::mapping {

namespace {

constexpr std::size_t kMostIndex = 9999;

std::unexpected<Error> wrong(std::string what) {
    return fail(Fault::bad_config, std::move(what) + "; a path looks like customer.emails[0].address or $.currency");
}

// "[0]" or "[\"key\"]" at the front of `rest`, which is consumed.
Result<Path::Step> bracket(std::string_view& rest) {
    if (rest.starts_with("[\"")) {
        const auto close = rest.find("\"]", 2);
        if (close == std::string_view::npos || close == 2) return wrong("a quoted key is not closed by \"]");
        Path::Step step{.key = std::string(rest.substr(2, close - 2))};
        rest.remove_prefix(close + 2);
        return step;
    }
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return wrong("a bracket is not closed");
    const auto index = to_integer(rest.substr(1, close - 1));
    if (!index || *index < 0 || static_cast<std::size_t>(*index) > kMostIndex)
        return wrong("an index is not 0 to 9999");
    rest.remove_prefix(close + 1);
    return Path::Step{.index = static_cast<std::size_t>(*index), .by_index = true};
}

}  // namespace

Result<Path> parse_path(std::string_view text) {
    Path path;
    if (text.empty()) return wrong("the path is empty");
    if (text == "_item") return path;
    if (text == "_index") return Path{.start = Path::Start::position};
    if (text == "_number") return Path{.start = Path::Start::number};
    bool begins = true;  // a key may come next; else a '.' or '[' must
    if (text.front() == '$') {
        path.start = Path::Start::record;
        text.remove_prefix(1);
        begins = false;
    }
    while (!text.empty()) {
        if (text.front() == '[') {
            TRY(auto step, bracket(text));
            path.steps.push_back(std::move(step));
            begins = false;
            continue;
        }
        if (!begins) {
            if (text.front() != '.') return wrong("a '.' or '[' is missing between two parts");
            text.remove_prefix(1);
        }
        const auto key = text.substr(0, text.find_first_of(".["));
        if (key.empty()) return wrong("a part of the path is empty");
        if (key.find_first_of("{}\"]\n") != std::string_view::npos)
            return wrong("a key with signs must be quoted: [\"a key\"]");
        path.steps.push_back({.key = std::string(key)});
        text.remove_prefix(key.size());
        begins = false;
    }
    return path;
}

}  // namespace tributary::mapping
